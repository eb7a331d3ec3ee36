#!/usr/bin/env python3
"""Makes profiles/syscalls.tsv: name, number per architecture, kernel that introduced the call.

usage: generate-syscalls.py LIBSECCOMP-SYSCALLS.CSV >profiles/syscalls.tsv

The numbers are facts of the kernel's own tables; libseccomp's src/syscalls.csv is a public list of them.
The versions are those of syscalls(2) and the kernel's history; a call without one here is older than
Linux 2.6.32. tests/policy/test_syscall.c looks at a few numbers of the machine's own headers.
"""
import csv
import sys

ARCHES = [("x86_64", "x86_64"), ("i386", "x86"), ("x32", "x32"), ("aarch64", "aarch64"), ("arm", "arm"),
          ("riscv64", "riscv64"), ("ppc64le", "ppc64"), ("s390x", "s390x")]

SINCE = {
    "2.6.32": "perf_event_open", "2.6.33": "recvmmsg", "2.6.36": "prlimit64", "2.6.37": "fanotify_init fanotify_mark",
    "2.6.39": "name_to_handle_at open_by_handle_at clock_adjtime clock_adjtime64 syncfs", "3.0": "setns sendmmsg",
    "3.2": "process_vm_readv process_vm_writev", "3.5": "kcmp", "3.8": "finit_module", "3.14": "sched_setattr sched_getattr",
    "3.15": "renameat2", "3.17": "seccomp getrandom memfd_create kexec_file_load", "3.18": "bpf", "3.19": "execveat",
    "4.3": "userfaultfd membarrier", "4.4": "mlock2", "4.5": "copy_file_range", "4.6": "preadv2 pwritev2",
    "4.9": "pkey_mprotect pkey_alloc pkey_free", "4.11": "statx", "4.18": "io_pgetevents rseq",
    "5.1": "pidfd_send_signal io_uring_setup io_uring_enter io_uring_register clock_gettime64 clock_settime64 "
           "clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 "
           "timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64 io_pgetevents_time64 recvmmsg_time64 "
           "mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 "
           "sched_rr_get_interval_time64",
    "5.2": "open_tree move_mount fsopen fsconfig fsmount fspick", "5.3": "pidfd_open clone3", "5.6": "openat2 pidfd_getfd",
    "5.8": "faccessat2", "5.9": "close_range", "5.10": "process_madvise", "5.11": "epoll_pwait2", "5.12": "mount_setattr",
    "5.13": "landlock_create_ruleset landlock_add_rule landlock_restrict_self", "5.14": "quotactl_fd memfd_secret",
    "5.15": "process_mrelease", "5.16": "futex_waitv", "5.17": "set_mempolicy_home_node", "6.5": "cachestat",
    "6.6": "fchmodat2 map_shadow_stack", "6.7": "futex_wake futex_wait futex_requeue",
    "6.8": "statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules", "6.10": "mseal",
    "6.11": "uretprobe", "6.13": "setxattrat getxattrat listxattrat removexattrat", "6.15": "open_tree_attr",
    "6.17": "file_getattr file_setattr uprobe", "6.19": "listns", "7.0": "rseq_slice_yield",
}


def main():
    since = {name: version for version, names in SINCE.items() for name in names.split()}
    rows = {}
    with open(sys.argv[1], newline="") as file:
        for row in csv.DictReader(file):
            name = next(iter(row.values()))
            numbers = []
            for arch, column in ARCHES:
                text = row[column]
                number = int(text) if text.isdigit() else None
                if number is not None and arch == "x32" and number >= 0x40000000:
                    number -= 0x40000000
                numbers.append("-" if number is None else str(number))
            if any(number != "-" for number in numbers):
                rows[name] = numbers
    # ARM's private calls live at 0x0f0000 and belong to no other table.
    print("# name\t" + "\t".join(arch for arch, _ in ARCHES) + "\tsince")
    for name in sorted(rows):
        print("\t".join([name, *rows[name], since.get(name, "2.6.0")]))


main()
