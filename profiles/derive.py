#!/usr/bin/env python3
"""derive [--check] [NAME...]: the system calls of an image's profile, from what its program was seen to ask for.

tests/profiles/measured/NAME.calls is what the program did under a workload (tests/profiles/derive.bash);
shell.calls what an entrypoint script may do. To both belong their families: the same thing under another name,
which another C library, architecture or version asks for. Of that stays what default.json allows, so that each is
a part of it; its rules about arguments, its file system and its other walls are taken as they are.
Its capabilities are those of measured/NAME.capabilities (tests/profiles/capabilities.bash): what the workload fails
without. ioctl(2) and prctl(2) are many calls in one: of them the requests that were seen, and a margin named below.
Everything else is the profile's own, and is kept.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
MEASURED = HERE.parent / "tests/profiles/measured"
NAMES = ["nginx", "postgres", "python", "redis"]
TAKEN = ["idmap", "filesystem", "no_new_privileges", "user_namespaces", "if_available"]

# What no program starts, ends or is debugged without, whoever measured it.
ALWAYS = """arch_prctl brk close execve execveat exit exit_group futex getpid gettid mmap mprotect munmap read
restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_yield set_robust_list set_tid_address tgkill
write writev madvise clock_gettime getrandom""".split()

# Nothing of an entrypoint's: it would need a capability that no profile here keeps.
NEVER = {"chroot", "mknod", "seccomp", "name_to_handle_at", "personality", "remap_file_pages"}

FAMILIES = [row.split() for row in """
stat fstat lstat newfstatat fstatat64 stat64 fstat64 lstat64 statx oldstat oldfstat oldlstat
statfs fstatfs statfs64 fstatfs64
open openat creat openat2
access faccessat faccessat2
dup dup2 dup3 fcntl fcntl64
close close_range
pipe pipe2
poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 epoll_ctl_old epoll_wait_old
eventfd eventfd2
accept accept4
fork vfork
wait4 waitid waitpid
rename renameat renameat2
unlink unlinkat rmdir
mkdir mkdirat
link linkat
symlink symlinkat
readlink readlinkat
chmod fchmod fchmodat fchmodat2
chown fchown lchown fchownat chown32 fchown32 lchown32
utime utimes utimensat futimesat utimensat_time64
getdents getdents64 readdir
truncate ftruncate truncate64 ftruncate64
lseek _llseek
mmap mmap2 munmap mremap brk madvise
read readv pread64 preadv preadv2
write writev pwrite64 pwritev pwritev2
sendfile sendfile64
fadvise64 fadvise64_64 arm_fadvise64_64 readahead
fsync fdatasync sync_file_range sync_file_range2 syncfs
sendto sendmsg sendmmsg send
recvfrom recvmsg recvmmsg recv recvmmsg_time64
getsockopt setsockopt getsockname getpeername shutdown
bind listen
getuid geteuid getgid getegid getresuid getresgid getgroups getuid32 geteuid32 getgid32 getegid32 getresuid32 getresgid32 getgroups32
setuid setgid setresuid setresgid setreuid setregid setgroups setfsuid setfsgid setuid32 setgid32 setresuid32 setresgid32 setreuid32 setregid32 setgroups32 setfsuid32 setfsgid32
getrlimit setrlimit ugetrlimit prlimit64
clock_gettime clock_getres gettimeofday time clock_gettime64 clock_getres_time64
nanosleep clock_nanosleep clock_nanosleep_time64
futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue
set_robust_list get_robust_list
rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_sigreturn sigreturn sigaltstack sigaction sigprocmask sigpending sigsuspend pause signal
kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal
getpgrp getpgid setpgid getsid setsid getppid
getpriority setpriority
sched_getaffinity sched_setaffinity getcpu sched_yield
sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64
setitimer getitimer alarm
timer_create timer_settime timer_gettime timer_delete timer_getoverrun timer_settime64 timer_gettime64
getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr getxattrat listxattrat
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat removexattrat
uname olduname oldolduname
arch_prctl set_thread_area get_thread_area set_tls get_tls
inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
signalfd signalfd4
capget capset
membarrier rseq
socketcall socket
ipc shmget shmat shmdt shmctl semget semop semctl semtimedop semtimedop_time64
io_setup io_submit io_getevents io_pgetevents io_destroy io_cancel io_pgetevents_time64
""".strip().splitlines()]

# Requests of ioctl(2) and options of prctl(2) that are allowed whoever was seen to ask for them: the margin.
REQUESTS = {
    "a terminal: cordon run -t and cordon exec -it": """TCGETS TCSETS TCSETSW TCSETSF TCGETS2 TCSETS2 TCSETSW2 TCSETSF2
        TCSBRK TCSBRKP TCXONC TCFLSH TIOCGWINSZ TIOCSWINSZ TIOCGPGRP TIOCSPGRP TIOCGSID TIOCSCTTY TIOCNOTTY TIOCOUTQ
        TIOCGPTN TIOCSPTLCK TIOCGPTPEER""",
    "descriptors": "FIOCLEX FIONCLEX FIONBIO FIOASYNC FIONREAD",
    "copies that share blocks, and flags of files": "FICLONE FICLONERANGE FIGETBSZ FS_IOC_GETFLAGS",
    "addresses of the container's own interfaces": """SIOCGIFCONF SIOCGIFADDR SIOCGIFFLAGS SIOCGIFNETMASK
        SIOCGIFHWADDR SIOCGIFINDEX SIOCGIFMTU SIOCGIFNAME""",
}
OPTIONS = {
    "names of threads and of memory": "PR_SET_NAME PR_GET_NAME PR_SET_VMA",
    "parents and children: supervisors": """PR_SET_PDEATHSIG PR_GET_PDEATHSIG PR_SET_CHILD_SUBREAPER
        PR_GET_CHILD_SUBREAPER PR_SET_DUMPABLE PR_GET_DUMPABLE""",
    "less privilege: setpriv, su-exec, gosu": """PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS PR_CAPBSET_READ PR_CAPBSET_DROP
        PR_CAP_AMBIENT PR_SET_KEEPCAPS PR_GET_KEEPCAPS PR_GET_SECUREBITS""",
    "large pages: redis switches them off": "PR_SET_THP_DISABLE PR_GET_THP_DISABLE",
}
# Seen, and not allowed: the workloads bring their loopback up, which a container's is already; the same number.
NOT_GIVEN = {"SIOCSIFFLAGS"}
SAME = {"BTRFS_IOC_CLONE": "FICLONE"}
# Where an image has its programs: what a server wrote elsewhere cannot be executed.
PROGRAMS = ["/bin", "/sbin", "/lib", "/lib64", "/usr", "/opt", "/docker-entrypoint.sh", "/docker-entrypoint.d",
            "/docker-entrypoint-initdb.d", "/entrypoint.sh"]
# Its programs are whatever was written in it.
PLATFORMS = {"python"}


def words_of(name, call):
    """The constants of a call's first word in a measurement."""
    rows = [line.split() for line in (MEASURED / f"{name}.calls").read_text().splitlines()]
    return {SAME.get(row[1], row[1]) for row in rows if row[0] == call and len(row) > 1} - NOT_GIVEN


def by_request(name):
    """Denials for ioctl and prctl: all but what was seen and the margin, answered as the kernel answers an unknown."""
    for call, argument, margin, answer in (("ioctl", "request", REQUESTS, "ENOTTY"),
                                           ("prctl", "option", OPTIONS, "EINVAL")):
        wanted = words_of(name, call) | words_of("shell", call) | {w for row in margin.values() for w in row.split()}
        yield {"call": call, "when": {argument: {"not": sorted(wanted)}}, "decision": {"errno": answer}}


def measured(name):
    """The calls of a measurement, and the families and types of its sockets."""
    calls, domains, types = set(), set(), set()
    for line in (MEASURED / f"{name}.calls").read_text().splitlines():
        if line.startswith("#"):
            continue
        words = line.split()
        calls.add(words[0])
        if words[0] == "socket":
            domains.add(words[1])
            types.add(words[2])
    return calls, domains, types


def of_default(default):
    """What default.json allows, always or on some condition."""
    groups = json.loads((HERE / "groups.json").read_text())["groups"]

    def settle(items):
        names = set()
        for item in items:
            if isinstance(item, dict):
                call = item.get("call", [])
                names |= set([call] if isinstance(call, str) else call)
            elif item.startswith("@"):
                names |= settle(groups[item[1:]]["calls"])
            else:
                names.add(item)
        return names

    return settle(default["syscalls"]["allow"]) - settle(default["syscalls"]["deny"])


def with_families(calls):
    more = set(calls)
    for family in FAMILIES:
        if more & set(family):
            more |= set(family)
    return more


def calls_of(name, default):
    own, _, types = measured(name)
    shell, _, _ = measured("shell")
    wanted = (with_families(own | shell | set(ALWAYS)) - NEVER) & of_default(default)
    # getaddrinfo asks over UDP, and the C library the local services over a stream
    types = (types | {"SOCK_STREAM", "SOCK_DGRAM"}) & {"SOCK_STREAM", "SOCK_DGRAM"}
    conditional = {"socket", "clone", "personality"}
    allow = sorted(wanted - conditional)
    for domain, protocols in (
        ({"is": "AF_UNIX"}, {"is": "IPPROTO_IP"}),
        ({"in": ["AF_INET", "AF_INET6"]}, {"in": ["IPPROTO_IP", "IPPROTO_TCP", "IPPROTO_UDP"]}),
    ):
        allow.append({"call": "socket", "when": {
            "domain": domain, "type": {"mask": 15, "in": sorted(types)}, "protocol": protocols}})
    if "socket AF_NETLINK SOCK_RAW NETLINK_ROUTE" in (MEASURED / f"{name}.calls").read_text():
        allow += [item for item in default["syscalls"]["allow"]
                  if isinstance(item, dict) and item.get("call") == "socket" and
                  item["when"]["domain"] == {"is": "AF_NETLINK"}]
    allow += [item for item in default["syscalls"]["allow"] if isinstance(item, dict) and item.get("call") == "clone"]
    return allow


def derive(name, default):
    path = HERE / f"{name}.json"
    old = json.loads(path.read_text())
    new = {key: old[key] for key in ("$schema", "schema", "name", "description", "images")}
    new["syscalls"] = {key: default["syscalls"][key] for key in ("default", "unknown", "rules")}
    if name not in PLATFORMS:
        new["syscalls"]["deny"] = list(by_request(name))
    new["syscalls"]["allow"] = calls_of(name, default)
    new["capabilities"] = (MEASURED / f"{name}.capabilities").read_text().split("\n", 1)[1].split()
    for key in TAKEN:
        new[key] = default[key]
    if name not in PLATFORMS:
        new["filesystem"] = {**default["filesystem"], "landlock": {"execute": PROGRAMS}}
    for key, value in old.items():
        if key not in new and key != "extends":
            new[key] = value
    return path, new


def main():
    words = sys.argv[1:]
    check = "--check" in words
    default = json.loads((HERE / "default.json").read_text())
    status = 0
    for name in [word for word in words if word != "--check"] or NAMES:
        path, profile = derive(name, default)
        if not check:
            path.write_text(json.dumps(profile, indent=2) + "\n")  # cordon policy fmt -w brings it into its form
        elif json.loads(path.read_text()) != profile:
            print(f"{path.name} is not what derive.py makes of the measurements; run profiles/derive.py {name}")
            status = 1
    sys.exit(status)


main()
