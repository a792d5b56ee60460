// rlimits, prctl, Landlock and seccomp by system call: none of them needs a library.
#include "controller/git/confine.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace matriarch::git {
namespace {

struct Limit {
    __rlimit_resource resource{};
    rlim_t most{0};
    const char* name{""};
};

constexpr rlim_t one_mib = 1024 * 1024;

// Memory: libgit2's windows (96 MiB), its cache (32 MiB), one object (64 MiB) and its delta's base,
// OpenSSL and the libraries' own mappings (about 60 MiB) stay below half of this.
// Processor time: indexing 100,000 objects takes 3 s on a small server.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr rlim_t memory_max = RLIM_INFINITY;  // sanitizers reserve terabytes
#else
constexpr rlim_t memory_max = 512 * one_mib;
#endif
constexpr std::array<Limit, 5> limits{{{RLIMIT_AS, memory_max, "memory"},
                                       {RLIMIT_CPU, 30, "processor time"},
                                       {RLIMIT_FSIZE, 256 * one_mib, "file size"},
                                       {RLIMIT_NOFILE, 256, "descriptors"},
                                       {RLIMIT_CORE, 0, "core files"}}};

tl::unexpected<Error> cannot(const std::string& what) {
    return fail(ErrorKind::failed,
                "cannot confine the git reader: " + what + ": " + std::strerror(errno));
}

constexpr std::uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t write_rights =
    read_rights | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG;
constexpr std::uint64_t refused_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/// Opens one path to the ruleset; a path that does not exist needs no opening.
bool add_opening(int ruleset, const std::string& path, std::uint64_t rights) {
    const int file = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (file < 0) return true;
    struct stat facts {};
    const bool is_folder = ::fstat(file, &facts) == 0 && S_ISDIR(facts.st_mode);
    constexpr std::uint64_t file_rights =
        LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = is_folder ? rights : rights & file_rights;
    rule.parent_fd = file;
    const long added =
        ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    ::close(file);
    return added == 0;
}

Result<void> fence_files(const Openings& openings) {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return {};
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = write_rights | refused_rights;
    const long created =
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
    if (created < 0) return cannot("Landlock");
    const int ruleset = static_cast<int>(created);
    bool is_complete = true;
    for (const std::string& path : openings.readable) {
        is_complete = add_opening(ruleset, path, read_rights) && is_complete;
    }
    for (const std::string& path : openings.writable) {
        is_complete = add_opening(ruleset, path, write_rights) && is_complete;
    }
    const bool is_up = is_complete && ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    ::close(ruleset);
    if (!is_up) return cannot("Landlock");
    return {};
}

#if defined(__x86_64__)
constexpr unsigned int our_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned int our_architecture = AUDIT_ARCH_AARCH64;
#endif

sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned int>(offset));
}
sock_filter answer(unsigned int verdict) {
    return BPF_STMT(BPF_RET | BPF_K, verdict);
}
sock_filter unless_equal_skip_one(unsigned int value) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

Result<void> fence_calls() {
    constexpr unsigned int no = SECCOMP_RET_ERRNO | EACCES;
    std::vector<sock_filter> filter{
        load(offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, our_architecture, 1, 0),
        answer(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr)),
        // Numbers from 2^30 on are the x32 twins of the calls below.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1), answer(no)};
    for (const long call : {SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
                            SYS_process_vm_writev, SYS_kill, SYS_bpf, SYS_io_uring_setup, SYS_mount,
                            SYS_unshare, SYS_setns, SYS_keyctl, SYS_add_key}) {
        filter.push_back(unless_equal_skip_one(static_cast<unsigned int>(call)));
        filter.push_back(answer(no));
    }
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3));
    filter.push_back(load(offsetof(seccomp_data, args[0])));
    filter.push_back(unless_equal_skip_one(AF_UNIX));
    filter.push_back(answer(no));
    filter.push_back(answer(SECCOMP_RET_ALLOW));
    const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                             .filter = filter.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0 && errno != EINVAL) {
        return cannot("seccomp");
    }
    return {};
}

}  // namespace

Result<void> set_limits() {
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    ::umask(077);
    // A file that grows too large is then an error of write(), not a death without words.
    ::signal(SIGXFSZ, SIG_IGN);
    ::signal(SIGPIPE, SIG_IGN);
    for (const Limit& limit : limits) {
        rlimit now{};
        if (::getrlimit(limit.resource, &now) != 0) return cannot(limit.name);
        // One's own limit may be lower already; raising it is neither wanted nor allowed.
        const rlim_t most = now.rlim_max < limit.most ? now.rlim_max : limit.most;
        // A second of grace: SIGXCPU says more in a report than SIGKILL.
        const bool is_time = limit.resource == RLIMIT_CPU && most < now.rlim_max;
        const rlimit wanted{.rlim_cur = most, .rlim_max = is_time ? most + 1 : most};
        if (::setrlimit(limit.resource, &wanted) != 0) return cannot(limit.name);
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot("no_new_privs");
    // The parent's thread that waits for us is the one that started us.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return cannot("the parent's death");
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return {};
}

Result<void> raise_fences(const Openings& openings) {
    TRY(fence_files(openings));
    return fence_calls();
}

std::vector<std::string> files_for_network() {
    return {"/etc/resolv.conf",
            "/etc/hosts",
            "/etc/host.conf",
            "/etc/nsswitch.conf",
            "/etc/gai.conf",
            "/etc/services",
            "/etc/protocols",
            "/etc/ssl/certs",
            "/usr/share/ca-certificates",
            "/etc/ld.so.cache",
            "/usr/lib",
            "/lib",
            "/lib64",
            "/usr/local/share/ca-certificates",
            "/dev/urandom",
            "/dev/null",
            "/etc/ssl/openssl.cnf"};
}

}  // namespace matriarch::git
