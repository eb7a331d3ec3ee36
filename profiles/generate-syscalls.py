#!/usr/bin/env python3
"""Makes profiles/syscalls.tsv: name, number per architecture, kernel that introduced the call.

usage: generate-syscalls.py LINUX-SOURCE-TREE [MANUAL-PAGE] >profiles/syscalls.tsv

Numbers are those of the kernel's own tables. The versions are of the page syscalls(2) of the Linux manual (by default
where Debian's manpages-dev has it), and, for calls it does not have yet, of the table below; "2.6.0" where both are
silent: older than any kernel that can run a container. tests/policy/tables.py compares the numbers with <asm/unistd.h>
of every architecture it finds.
"""
import gzip
import re
import sys

import linux_source

PAGE = "/usr/share/man/man2/syscalls.2.gz"
# Calls younger than the trees at hand, with one number everywhere: name, number, kernel.
# Source: scripts/syscall.tbl and arch/x86/entry/syscalls/syscall_64.tbl of those kernels.
LATER = [("setxattrat", 463, "6.13"), ("getxattrat", 464, "6.13"), ("listxattrat", 465, "6.13"),
         ("removexattrat", 466, "6.13"), ("open_tree_attr", 467, "6.15"), ("file_getattr", 468, "6.17"),
         ("file_setattr", 469, "6.17"), ("listns", 470, "6.19"), ("rseq_slice_yield", 471, "7.0")]
LATER_X86_64 = [("uprobe", 336, "6.17")]
# Calls the manual page's table does not have, or has by another name.
SINCE = {
    "3.2": "process_vm_readv process_vm_writev", "3.5": "kcmp", "3.19": "execveat", "4.3": "membarrier", "4.4": "mlock2",
    "4.9": "pkey_mprotect pkey_alloc pkey_free", "4.18": "io_pgetevents rseq", "5.1": "pidfd_send_signal",
    "5.9": "close_range", "5.11": "epoll_pwait2", "5.12": "mount_setattr", "5.14": "quotactl_fd memfd_secret",
    "5.15": "process_mrelease", "5.16": "futex_waitv", "5.17": "set_mempolicy_home_node", "6.5": "cachestat",
    "6.6": "fchmodat2 map_shadow_stack", "6.7": "futex_wake futex_wait futex_requeue",
    "6.8": "statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules", "6.10": "mseal",
    "6.4": "riscv_hwprobe", "6.11": "uretprobe",
}
# The calls with times of 64 bits for architectures of 32 came together.
TIME64 = re.compile(r"(_time64|^clock_(get|set|adj)time64|^timer(fd)?_(get|set)time64)$|^clock_(gettime|settime|adjtime)64$")
# ARM's private calls, which <asm/unistd.h> defines from 0x0f0000 on and no table lists.
ARM_PRIVATE = ["breakpoint", "cacheflush", "usr26", "usr32", "set_tls", "get_tls"]
OLDEST = "2.6.0"


def from_page(path):
    """Rows of the page's table are "\\fBname\\fP(2) <tab> version <tab> notes"."""
    with gzip.open(path, "rt") as file:
        text = file.read()
    versions = {}
    for name, version in re.findall(r"^\\fB(\w+)\\fP\(2\)\t([\d.]+)", text, re.M):
        versions[name] = version
    return versions


def main():
    tree, page = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else PAGE
    since = {name: version for name, version in from_page(page).items() if compare(version) > compare(OLDEST)}
    since.update({name: version for version, names in SINCE.items() for name in names.split()})
    numbers = {}
    for arch in linux_source.ARCHES:
        for name, number, _, _ in linux_source.rows(tree, arch):
            numbers.setdefault(name, {})[arch] = number
    for place, name in enumerate(ARM_PRIVATE, 1):
        numbers.setdefault(name, {})["arm"] = 0x0f0000 + place
    for name, number, version in LATER:
        since[name] = version
        numbers.setdefault(name, {arch: number for arch in linux_source.ARCHES})
    for name, number, version in LATER_X86_64:
        since[name] = version
        numbers.setdefault(name, {"x86_64": number, "x32": number})
    print("# name\t" + "\t".join(linux_source.ARCHES) + "\tsince")
    for name in sorted(numbers):
        cells = [str(numbers[name].get(arch, "-")) for arch in linux_source.ARCHES]
        print("\t".join([name, *cells, "5.1" if TIME64.search(name) else since.get(name, OLDEST)]))


def compare(version):
    return [int(part) for part in version.split(".")]


main()
