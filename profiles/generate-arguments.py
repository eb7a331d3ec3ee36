#!/usr/bin/env python3
"""Makes profiles/arguments.tsv: names and kinds of every call's arguments.

usage: generate-arguments.py LINUX-SOURCE-TREE >profiles/arguments.tsv

Kinds are what the kernel's SYSCALL_DEFINE lines say a register is read as; names are those of the manual pages (the
kernel's own, renamed below). A row "fallocate@i386" is for architectures whose call has other arguments than the usual
ones: 64-bit values in two registers, 16-bit ids, arguments in memory. tests/policy/test_syscall.c has witnesses.
"""
import re
import sys

import linux_source

FOLDER = {"x86_64": "x86", "i386": "x86", "x32": "x86", "aarch64": "arm64", "arm": "arm64", "riscv64": "riscv",
          "ppc64le": "powerpc", "s390x": "s390"}

# The kernel's name of an argument: the manual's.
RENAME = {
    "dfd": "dirfd", "filename": "pathname", "olddfd": "olddirfd", "newdfd": "newdirfd", "oldname": "oldpath",
    "newname": "newpath", "from_dfd": "from_dirfd", "to_dfd": "to_dirfd", "from_pathname": "from_path",
    "to_pathname": "to_path", "flag": "flags", "user": "owner", "ufd": "fd", "family": "domain", "usockvec": "sv",
    "umyaddr": "addr", "uservaddr": "addr", "upeer_sockaddr": "addr", "upeer_addrlen": "addrlen", "addr_len": "addrlen",
    "usockaddr": "addr", "usockaddr_len": "addrlen", "which_clock": "clockid", "utx": "buf", "uattr": "attr",
    "attr_uptr": "attr", "usize": "size", "uargs": "args", "op": "operation", "behavior": "advice", "mmsg": "msgvec",
    "fildes": "pipefd", "uiov": "iov", "upid": "pid", "stat_addr": "status", "ru": "rusage", "error_code": "status",
    "new_rlim": "new_limit", "old_rlim": "old_limit", "niceval": "prio", "gidsetsize": "size", "grouplist": "list",
    "user_mask": "mask", "unshare_flags": "flags", "clone_flags": "flags", "newsp": "stack",
    "parent_tidptr": "parent_tid", "child_tidptr": "child_tid", "ringid": "keyring", "destringid": "dest_keyring",
    "_type": "type", "_description": "description", "_payload": "payload", "_callout_info": "callout_info",
    "_key": "key", "_value": "value", "_fs_name": "name", "fs_fd": "fd", "attr_flags": "attributes",
    "statbuf": "buf", "timer_id": "timerid", "oflag": "flags", "u_name": "name", "u_attr": "attr", "u_msg_ptr": "msg_ptr",
    "u_msg_prio": "msg_prio", "u_abs_timeout": "abs_timeout", "uset": "set", "utimes": "times", "umod": "module_image",
    "name_user": "name", "swap_flags": "flags", "dev_name": "source", "dir_name": "target", "buff": "buf", "ubuf": "buf",
    "uname": "name", "rseq_len": "len", "specialfile": "path", "fanotify_fd": "fd", "mountdirfd": "mount_fd",
    "timeout_msecs": "timeout", "ufds": "fds", "utime": "timeout", "otmr": "curr_value", "utmr": "new_value",
    "max_fd": "last", "off_lo": "offset_low", "off_hi": "offset_high", "offset_lo": "offset_low", "offset_hi": "offset_high",
    "len_lo": "len_low", "len_hi": "len_high", "poslo": "pos_low", "poshi": "pos_high", "__pad": "pad",
    "pos_l": "pos_low", "pos_h": "pos_high", "user_mask_ptr": "mask", "handler": "handler", "pgoff": "pgoffset",
}
# Calls whose arguments need names of their own, in order; "-" keeps the one above.
NAMES = {
    "ioctl": "- request argp", "personality": "persona", "eventfd2": "initval -", "eventfd": "initval",
    "execveat": "dirfd - - - -", "close_range": "first last -", "setns": "- nstype", "tkill": "tid -",
    "tgkill": "- tid -", "rt_tgsigqueueinfo": "- tid - -", "umount2": "target -", "umount": "target",
    "pidfd_getfd": "- targetfd -", "mremap": "old_addr old_size new_size - -", "mmap": "- length - - - offset",
    "mmap2": "- length - - - pgoffset", "mprotect": "addr length -", "pkey_mprotect": "addr length - -",
    "madvise": "addr length -", "process_madvise": "- iovec - - -", "msync": "addr length -", "mlock": "addr length",
    "mlock2": "addr length -", "munlock": "addr length", "munmap": "addr length", "mincore": "addr length -",
    "mseal": "addr length -", "mbind": "addr len mode - - -", "remap_file_pages": "addr size prot pgoff flags",
    "io_uring_enter": "- - - - sig sigsz", "getrandom": "- buflen -", "recvfrom": "- - len - - -", "recv": "- - len -",
    "futex": "- op - - - -", "futex_time64": "- op - - - -", "mount_setattr": "- pathname - - -",
    "renameat": "- - - -", "dup": "oldfd", "readlink": "pathname - -", "sync_file_range": "- offset nbytes -",
    "io_destroy": "ctx_id", "mq_open": "- flags - -", "exit": "status", "epoll_ctl": "- op fd -",
    "setpriority": "- - prio", "getitimer": "- curr_value", "setitimer": "- new_value old_value",
    "rt_sigaction": "signum act oldact -", "sigaction": "signum act oldact", "signal": "signum -", "seccomp": "operation - -",
    "epoll_create": "size", "semctl": "semid semnum op arg", "msgctl": "msqid op buf", "shmctl": "shmid op buf",
    "flock": "fd operation", "clone3": "args -", "statfs64": "pathname size -", "fstatfs64": "fd size -",
    "clock_adjtime": "- buf", "clock_adjtime64": "- buf", "openat2": "- - how size", "statx": "- - - - buf",
    "memfd_create": "name -", "sendfile": "- - offset count", "tee": "fd_in fd_out len flags",
    "truncate": "pathname length", "waitid": "which - - - -", "sethostname": "- -", "open_tree": "- - -",
    "s390_runtime_instr": "- -", "getpgid": "-", "name_to_handle_at": "- pathname handle mount_id flags",
    "rt_sigprocmask": "- set oldset -", "sigprocmask": "- set oldset", "fspick": "- pathname -", "fsmount": "- - attributes",
    "sched_setaffinity": "- len -", "sched_getaffinity": "- len -", "inotify_add_watch": "- - -",
    "listmount": "- - - -", "sched_setattr": "- attr -", "sched_getattr": "- attr size flags", "pipe2": "pipefd flags",
    "kexec_file_load": "- - - cmdline flags", "finit_module": "- param_values flags", "reboot": "magic1 magic2 cmd arg",
}
# Registers that are addresses though the kernel writes "unsigned long": what they point at is not in a filter's sight.
POINTERS = {("ioctl", "argp"), ("msgctl", "buf"), ("shmctl", "buf"), ("clone", "stack"), ("clone", "tls"), ("clone", "parent_tid"),
            ("clone", "child_tid"), ("signal", "handler"), ("riscv_flush_icache", "start"), ("riscv_flush_icache", "end")}
# The kernel takes these as unsigned long and looks at 32 bits of them. So it does with every descriptor: fdget(),
# fget() and their like take an unsigned int, whatever readv(), mmap() and fstat64() call their argument.
NARROW = {
    ("clone", "flags"): "flags32",  # kernel/fork.c: lower_32_bits(clone_flags)
}
# Calls that carry no name of a type: "arg" may be a number or an address.
FLAGS_NAMES = ("flags", "prot")

# (call pattern, argument pattern): the family of constants a person would use there.
FAMILIES = [
    (r"socket|socketpair", "domain", "AF"), (r"socket|socketpair", "type", "SOCK"), (r"socket|socketpair", "protocol", "IPPROTO"),
    (r"socketcall", "call", "SYS"), (r"accept4", "flags", "SOCK"), (r"[gs]etsockopt", "level", "SOL"), (r"[gs]etsockopt", "optname", "SO"),
    (r"(send|recv)\w*", "flags", "MSG"), (r"shutdown", "how", "SHUT"), (r"clone|unshare", "flags", "CLONE"), (r"setns", "nstype", "CLONE"),
    (r"personality", "persona", "PER"), (r"ioctl", "request", "IOCTL"), (r"fcntl(64)?", "cmd", "F"), (r"prctl", "option", "PR"),
    (r"arch_prctl", "option", "ARCH"), (r"seccomp", "operation", "SECCOMP"), (r"bpf", "cmd", "BPF"), (r"keyctl", "option", "KEYCTL"),
    (r"futex(_time64)?", "op", "FUTEX"), (r"futex_\w+", "flags", "FUTEX"), (r"\w+", "prot", "PROT"), (r"mmap2?", "flags", "MAP"), (r"(process_)?madvise", "advice", "MADV"),
    (r"fadvise64\w*|arm_fadvise64_64", "advice", "FADV"), (r"memfd_create", "flags", "MFD"), (r"open(at)?|pipe2|dup3|mq_open", "flags", "O"),
    (r"open_by_handle_at", "flags", "O"), (r"\w*chmod\w*|open(at)?|creat|mkdir(at)?|mknod(at)?|mq_open|umask", "mode|mask", "S"), (r"renameat2", "flags", "RENAME"), (r"umount2", "flags", "MNT"),
    (r"mount", "flags", "MS"), (r"mount_setattr", "flags", "AT"), (r"open_tree|move_mount|fsopen|fsmount|fspick", "flags", "MOUNT_API"),
    (r"fsmount", "attributes", "MOUNT_ATTR"), (r"fsconfig", "cmd", "FSCONFIG"), (r"ptrace", "request", "PTRACE"),
    (r"(?!rseq)\w+", "sig|signum", "SIG"), (r"(rt_)?sigprocmask", "how", "SIG_HOW"), (r"\w+", "resource", "RLIMIT"), (r"getrusage", "who", "RUSAGE"),
    (r"[gs]etpriority", "which", "PRIO"), (r"ioprio_\w+", "which", "IOPRIO"), (r"\w+", "clockid", "CLOCK"), (r"timerfd_create|timerfd_settime\w*", "flags", "TFD"),
    (r"clock_nanosleep\w*|timer_settime\w*", "flags", "TIMER"), (r"[gs]etitimer", "which", "TIMER"), (r"sched_\w+", "policy", "SCHED"),
    (r"\w*at2?|statx|fchownat|execveat", "flags", "AT"), (r"statx", "mask", "STATX"), (r"flock", "operation", "FLOCK"), (r"_?l?l?seek", "whence", "SEEK"),
    (r"p(read|write)v2", "flags", "RWF"), (r"fallocate", "mode", "FALLOC"), (r"sync_file_range2?|arm_sync_file_range", "flags", "SYNC_FILE_RANGE"),
    (r"\w*setxattr\w*", "flags", "XATTR"), (r"splice|vmsplice|tee", "flags", "SPLICE"), (r"msync", "flags", "MSYNC"), (r"mlockall|mlock2", "flags", "MCL"),
    (r"mremap", "flags", "MREMAP"), (r"pkey_alloc", "init_val", "PKEY"), (r"mbind|set_mempolicy", "mode", "MPOL"), (r"mbind|get_mempolicy|move_pages", "flags", "MPOL"),
    (r"membarrier", "cmd", "MEMBARRIER"), (r"epoll_ctl", "op", "EPOLL"), (r"epoll_create1", "flags", "EPOLL"), (r"eventfd2", "flags", "EFD"),
    (r"signalfd4", "flags", "SFD"), (r"inotify_init1", "flags", "IN"), (r"inotify_add_watch", "mask", "IN"), (r"fanotify_\w+", "flags|mask", "FAN"),
    (r"userfaultfd", "flags", "UFFD"), (r"perf_event_open", "flags", "PERF"), (r"io_uring_register", "opcode", "IORING"), (r"io_uring_enter", "flags", "IORING"),
    (r"landlock_\w+", "flags|rule_type", "LANDLOCK"), (r"pidfd_\w+", "flags", "PIDFD"), (r"wait4|waitid|waitpid", "options|which", "WAIT"), (r"kcmp", "type", "KCMP"),
    (r"getrandom", "flags", "GRND"), (r"rseq", "flags", "RSEQ"), (r"close_range", "flags", "CLOSE_RANGE"), (r"reboot", "magic1|magic2|cmd", "REBOOT"),
    (r"kexec_\w*load", "flags", "KEXEC"), (r"finit_module", "flags", "MODULE"), (r"delete_module", "flags", "O"), (r"quotactl(_fd)?", "cmd", "QUOTA"),
    (r"ipc", "call", "IPC"), (r"(msg|sem|shm)ctl", "op", "IPC"), (r"(msg|sem|shm)get", r"\w+flg", "IPC"), (r"shmat|msgsnd|msgrcv", r"\w+flg", "IPC"),
    (r"lsm_\w+", "attr|flags", "LSM"), (r"swapon", "flags", "SWAP"), (r"syslog", "type", "SYSLOG"), (r"(add|request)_key", r"\w*keyring", "KEYCTL"),
]
# Not in the tree, or not defined by a SYSCALL_DEFINE. Younger calls: include/linux/syscalls.h of 6.13 to 6.17.
MORE = {
    "setxattrat": "dirfd:fd pathname:pointer at_flags:unsigned:AT name:pointer args:pointer size:size",
    "getxattrat": "dirfd:fd pathname:pointer at_flags:unsigned:AT name:pointer args:pointer size:size",
    "listxattrat": "dirfd:fd pathname:pointer at_flags:unsigned:AT list:pointer size:size",
    "removexattrat": "dirfd:fd pathname:pointer at_flags:unsigned:AT name:pointer",
    "open_tree_attr": "dirfd:fd pathname:pointer flags:unsigned:MOUNT_API attr:pointer size:size",
    "file_getattr": "dirfd:fd pathname:pointer attr:pointer size:size at_flags:unsigned:AT",
    "file_setattr": "dirfd:fd pathname:pointer attr:pointer size:size at_flags:unsigned:AT",
    "listns": "req:pointer ns_ids:pointer nr_ns_ids:size flags:unsigned",
    "rseq_slice_yield": "",
    # kernel/fork.c, CONFIG_CLONE_BACKWARDS* only moves pointers, except on s390, below.
    "clone": "flags:flags32:CLONE stack:pointer parent_tid:pointer child_tid:pointer tls:pointer",
    "clone@s390x": "stack:pointer flags:flags32:CLONE parent_tid:pointer child_tid:pointer tls:pointer",
    "set_tls": "tp:pointer", "breakpoint": "", "get_tls": "", "usr26": "", "usr32": "",
    "cacheflush": "start:pointer end:pointer flags:int",
    # Defined by a macro that takes its types from elsewhere (fs/notify/fanotify/fanotify_user.c).
    "fanotify_mark@i386,arm": "fd:fd flags:unsigned:FAN mask_low:unsigned mask_high:unsigned dirfd:fd pathname:pointer",
}
FDS = re.compile(r"(\w*_)?fd|\w+dfd|\w*dirfd|fd_(in|out)|(in|out|old|new|pid|ep|from_dir|to_dir|kernel_|initrd_|ruleset_|group_|mount_)fd|mqdes|fdin|fdout|targetfd")
NOT_FDS = {"dup3", "dup2"}

KINDS = {
    "int": "int", "s32": "int", "clockid_t": "int", "timer_t": "int", "key_t": "int", "key_serial_t": "int", "rwf_t": "int",
    "mqd_t": "fd", "compat_int_t": "int", "compat_long_t": "int", "compat_timer_t": "int", "compat_mode_t": "mode",
    "compat_pid_t": "id", "compat_ssize_t": "int", "compat_off_t": "int", "compat_key_t": "int",
    "uint": "unsigned", "unsigned": "unsigned", "unsigned int": "unsigned", "u32": "unsigned", "enum landlock_rule_type": "unsigned",
    "compat_ulong_t": "unsigned", "compat_size_t": "unsigned", "compat_uint_t": "unsigned", "compat_aio_context_t": "unsigned",
    "compat_old_sigset_t": "unsigned", "old_sigset_t": "unsigned", "uint32_t": "unsigned", "compat_sigset_t": "unsigned",
    "uid_t": "id", "gid_t": "id", "pid_t": "id", "qid_t": "id", "umode_t": "mode", "old_uid_t": "id16", "old_gid_t": "id16",
    "compat_uid_t": "id", "compat_gid_t": "id",
    "size_t": "size", "long": "long", "unsigned long": "long", "off_t": "long", "loff_t": "long", "u64": "long",
    "aio_context_t": "long", "uintptr_t": "long", "compat_loff_t": "long", "ssize_t": "long",
    "cap_user_header_t": "pointer", "cap_user_data_t": "pointer", "compat_uptr_t": "pointer", "__sighandler_t": "pointer",
    "compat_caddr_t": "pointer",
}
WIDTH = {"mode": 16, "id16": 16, "pointer": 0}  # others: 32 or 64


def kind_of(call, name, text):
    text = re.sub(r"\bconst\b|\b__user\b", "", text).strip()
    text = re.sub(r"^__(?=[us]\d)", "", re.sub(r"\s+", " ", text))
    if "*" in text or (call, name) in POINTERS:
        return "pointer"
    if text not in KINDS:
        raise SystemExit(f"generate-arguments.py: {call}: what is a {text}?")
    kind = NARROW.get((call, name), KINDS[text])
    if FDS.fullmatch(name) and kind in ("int", "unsigned", "long"):
        return "fd"
    if kind == "long" and name in FLAGS_NAMES:
        return "flags64"
    return kind


def family_of(call, name):
    for calls, arguments, family in FAMILIES:
        if re.fullmatch(calls, call) and re.fullmatch(arguments, name):
            return ":" + family
    return ""


def describe(call, pairs):
    own = NAMES.get(call, "").split()
    names = []
    for place, (_, name) in enumerate(pairs):
        name = own[place] if place < len(own) and own[place] != "-" else RENAME.get(name, name)
        names.append(name)
    cells = []
    for name, (text, _) in zip(names, pairs):
        kind = kind_of(call, name, text)
        cells.append(f"{name}:{kind}" + (family_of(call, name) if kind not in ("pointer", "size") else ""))
    return cells


def shape(cells):
    """What a comparison depends on: where each name is, whether it is a pointer, whether only 16 bits count."""
    return [(cell.split(":")[0], WIDTH.get(cell.split(":")[1], 64)) for cell in cells]


def signature(tree, arch, definitions, compat, name, entry):
    if arch in compat and name in compat[arch]:
        entry = compat[arch][name]
    return definitions[arch].get(entry)


def collect(tree):
    definitions = {arch: linux_source.definitions(tree, "arch/" + folder) for arch, folder in FOLDER.items()}
    compat = {arch: linux_source.compat_entries(tree, arch) for arch in linux_source.COMPAT}
    usual, other = {}, {}
    for arch in ["x86_64", "aarch64", "riscv64", "ppc64le", "s390x", "x32", "i386", "arm"]:
        for name, _, entry, compat_entry in linux_source.rows(tree, arch):
            if arch == "x32" and entry and entry.startswith("compat_"):
                entry = entry  # x32's own rows name the compat entry in the table
            pairs = signature(tree, arch, definitions, compat, name, entry)
            if pairs is None or name in MORE:
                continue
            cells = describe(name, pairs)
            if name not in usual:
                usual[name] = cells
            elif differs(usual[name], cells):
                other.setdefault((name, tuple(cells)), []).append(arch)
    return usual, other


def differs(usual, cells):
    """Other names of the same places are only other words for them."""
    return [width for _, width in shape(usual)] != [width for _, width in shape(cells)]


def main():
    usual, other = collect(sys.argv[1])
    lines = {name: " ".join(cells) for name, cells in usual.items()}
    for (name, cells), arches in other.items():
        lines[f"{name}@{','.join(arches)}"] = " ".join(cells)
    lines.update(MORE)
    print("# call[@architectures]\targuments: name:kind[:constants], in order.")
    print("# Kinds: int unsigned fd mode flags32 id id16 long size flags64 pointer.")
    for name in sorted(lines):
        if lines[name]:
            print(f"{name}\t{lines[name]}")


main()
