"""What e2e scenarios and the bench are written with. Python's standard library only.

engine.py      asks the private Engine, as itself and never through the docker client
tap.py         the fault proxy: a socket between controller and Engine
calls.py       what a request asks, in words that are the same in every run
faults.py      what can go wrong at one call
fleet.py       a fleet repository in a temporary folder: commit, push, revert
controller.py  the program: run, nudge, kill -9, one-off commands
edge.py        an HTTP client with the Host it wants, and load that counts failed requests
load.py        load for upgrades: open loop, reads, writes, streaming; what became of each request
traffic.py     its client, a program of its own
jobs.py        what became of the jobs, held against what clients were told
watch.py       what containers lived through, from the Engine's events as they happen
killing.py     kill -9 of the controller at every n-th change
forge.py       a stand-in for GitHub, Gitea or GitLab: opens requests, keeps what a client said
forge_api.py   how it takes a call and what it refuses; forge_kinds.py: what the three differ in
scenario.py    the words scenarios are written in: step, eventually, throughout, and the runner
"""
