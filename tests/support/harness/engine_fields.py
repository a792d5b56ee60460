"""Every field of a container in the Engine's own schema, version 1.41 (docs/api/v1.41.yaml of
moby/moby), generated from it: its definitions ContainerConfig and HostConfig, and what the body of
POST /containers/{id}/update takes (Resources and RestartPolicy).
"""
CONFIG = {
    "Hostname": "string", "Domainname": "string", "User": "string", "AttachStdin": "boolean",
    "AttachStdout": "boolean", "AttachStderr": "boolean", "ExposedPorts": "object",
    "Tty": "boolean", "OpenStdin": "boolean", "StdinOnce": "boolean", "Env": "array of string",
    "Cmd": "array of string", "Healthcheck": "HealthConfig", "ArgsEscaped": "boolean",
    "Image": "string", "Volumes": "object", "WorkingDir": "string",
    "Entrypoint": "array of string", "NetworkDisabled": "boolean", "MacAddress": "string",
    "OnBuild": "array of string", "Labels": "object", "StopSignal": "string",
    "StopTimeout": "integer", "Shell": "array of string",
}
HOST = {
    "CpuShares": "integer", "Memory": "integer", "CgroupParent": "string",
    "BlkioWeight": "integer", "BlkioWeightDevice": "array of object",
    "BlkioDeviceReadBps": "array of ThrottleDevice",
    "BlkioDeviceWriteBps": "array of ThrottleDevice",
    "BlkioDeviceReadIOps": "array of ThrottleDevice",
    "BlkioDeviceWriteIOps": "array of ThrottleDevice", "CpuPeriod": "integer",
    "CpuQuota": "integer", "CpuRealtimePeriod": "integer", "CpuRealtimeRuntime": "integer",
    "CpusetCpus": "string", "CpusetMems": "string", "Devices": "array of DeviceMapping",
    "DeviceCgroupRules": "array of string", "DeviceRequests": "array of DeviceRequest",
    "KernelMemory": "integer", "KernelMemoryTCP": "integer", "MemoryReservation": "integer",
    "MemorySwap": "integer", "MemorySwappiness": "integer", "NanoCpus": "integer",
    "OomKillDisable": "boolean", "Init": "boolean", "PidsLimit": "integer",
    "Ulimits": "array of object", "CpuCount": "integer", "CpuPercent": "integer",
    "IOMaximumIOps": "integer", "IOMaximumBandwidth": "integer", "Binds": "array of string",
    "ContainerIDFile": "string", "LogConfig": "object", "NetworkMode": "string",
    "PortBindings": "PortMap", "RestartPolicy": "RestartPolicy", "AutoRemove": "boolean",
    "VolumeDriver": "string", "VolumesFrom": "array of string", "Mounts": "array of Mount",
    "CapAdd": "array of string", "CapDrop": "array of string", "CgroupnsMode": "string",
    "Dns": "array of string", "DnsOptions": "array of string", "DnsSearch": "array of string",
    "ExtraHosts": "array of string", "GroupAdd": "array of string", "IpcMode": "string",
    "Cgroup": "string", "Links": "array of string", "OomScoreAdj": "integer", "PidMode": "string",
    "Privileged": "boolean", "PublishAllPorts": "boolean", "ReadonlyRootfs": "boolean",
    "SecurityOpt": "array of string", "StorageOpt": "object", "Tmpfs": "object",
    "UTSMode": "string", "UsernsMode": "string", "ShmSize": "integer", "Sysctls": "object",
    "Runtime": "string", "ConsoleSize": "array of integer", "Isolation": "string",
    "MaskedPaths": "array of string", "ReadonlyPaths": "array of string",
}
UPDATE = [
    "CpuShares", "Memory", "CgroupParent", "BlkioWeight", "BlkioWeightDevice",
    "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps",
    "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpusetCpus", "CpusetMems",
    "Devices", "DeviceCgroupRules", "DeviceRequests", "KernelMemory", "KernelMemoryTCP",
    "MemoryReservation", "MemorySwap", "MemorySwappiness", "NanoCpus", "OomKillDisable", "Init",
    "PidsLimit", "Ulimits", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth",
    "RestartPolicy",
]
