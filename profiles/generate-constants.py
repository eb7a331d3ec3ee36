#!/usr/bin/env python3
"""Makes profiles/constants.tsv: family, name, value, and the values of architectures where it differs.

usage: generate-constants.py LINUX-SOURCE-TREE >profiles/constants.tsv   (needs clang)

A family is the headers below and a pattern of names. The headers are the kernel's own (include/uapi), asked for every
architecture with its sizes; a few families the kernel keeps out of uapi (the C library has its own copy of them) are
read from include/linux. A fourth column "aarch64,arm=0x10000 s390x=-" gives other values; "-": no such name there.
"""
import collections
import pathlib
import re
import sys
import tempfile

import c_values
import linux_source

FOLDERS = {"x86_64": "x86", "i386": "x86", "x32": "x86", "aarch64": "arm64", "arm": "arm", "riscv64": "riscv",
           "ppc64le": "powerpc", "s390x": "s390"}

# family, headers, pattern of whole names, pattern of those to leave out (bounds, masks of bits, helpers).
FAMILIES = [
    ("IPPROTO", "linux/in.h linux/in6.h", r"IPPROTO_\w+", r"_MAX$"),
    ("NETLINK", "linux/netlink.h", r"NETLINK_(ROUTE|UNUSED|USERSOCK|FIREWALL|SOCK_DIAG|INET_DIAG|NFLOG|XFRM|SELINUX|ISCSI|"
     r"AUDIT|FIB_LOOKUP|CONNECTOR|NETFILTER|IP6_FW|DNRTMSG|KOBJECT_UEVENT|GENERIC|SCSITRANSPORT|ECRYPTFS|RDMA|CRYPTO|SMC)", None),
    ("SO", "asm/socket.h", r"(SO|SCM)_\w+", None),
    ("SOL", "asm/socket.h", r"SOL_SOCKET", None),
    ("IP", "linux/in.h", r"(IP|MCAST)_[A-Z0-9_]+", None),
    ("IPV6", "linux/in6.h linux/ipv6.h", r"IPV6_[A-Z0-9_]+", r"IPV6_(FL|SRCRT|TLV|OPT|PREFER|MIN|FLOW|PRIORITY)_"),
    ("TCP", "linux/tcp.h", r"TCP_(?!STATE|CA_|FLAG|MSS|NLA|CM_)[A-Z0-9_]+", r"_(MAXKEYLEN|KEYF\w+|FLAG\w+|REPAIR_(ON|OFF)\w*)$"),
    ("UDP", "linux/udp.h", r"UDP_[A-Z0-9_]+", r"_ENCAP_"),
    ("PACKET", "linux/if_packet.h", r"PACKET_[A-Z0-9_]+", r"PACKET_(HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|LOOPBACK|FANOUT_\w+|USER|KERNEL|FASTROUTE|MR_\w+)"),
    ("TLS", "linux/tls.h", r"TLS_(TX|RX|TX_ZEROCOPY_RO|RX_EXPECT_NO_PAD)", None),
    ("ALG", "linux/if_alg.h", r"ALG_(SET|GET|OP)_\w+", None),
    ("XDP", "linux/if_xdp.h", r"XDP_(MMAP_OFFSETS|RX_RING|TX_RING|UMEM_\w+|STATISTICS|OPTIONS)", r"_(HEADROOM|RING_SIZE)x|UMEM_PGOFF|UMEM_UNALIGNED|UMEM_TX"),
    ("NETLINK_OPTION", "linux/netlink.h", r"NETLINK_(ADD_MEMBERSHIP|DROP_MEMBERSHIP|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|RX_RING|"
     r"TX_RING|LISTEN_ALL_NSID|LIST_MEMBERSHIPS|CAP_ACK|EXT_ACK|GET_STRICT_CHK)", None),
    ("VSOCK", "linux/vm_sockets.h", r"SO_VM_SOCKETS_\w+", None),
    ("MPTCP", "linux/mptcp.h", r"MPTCP_(INFO|TCPINFO|SUBFLOW_ADDRS|FULL_INFO)", None),
    ("CAN", "linux/can.h linux/can/raw.h", r"CAN_(RAW|BCM|TP16|TP20|MCNET|ISOTP|J1939|RAW_\w+)", None),
    ("NETFILTER", "linux/netfilter_ipv4/ip_tables.h linux/netfilter_ipv6/ip6_tables.h linux/netfilter_bridge/ebtables.h "
     "linux/netfilter_arp/arp_tables.h", r"(IPT|IP6T|ARPT|EBT)_SO_[A-Z0-9_]+", r"_MAX$|_BASE_CTL$|BASE_CTL"),
    ("CLONE", "linux/sched.h", r"CLONE_\w+", r"_VER\d|CLONE_ARGS"),
    ("SCHED", "linux/sched.h", r"SCHED_[A-Z_]+", r"_VER\d|SCHED_ATTR"),
    ("PER", "linux/personality.h", r"PER_\w+|ADDR_\w+|READ_IMPLIES_EXEC|UNAME26|FDPIC_FUNCPTRS|MMAP_PAGE_ZERO|STICKY_TIMEOUTS|"
     r"SHORT_INODE|WHOLE_SECONDS", None),
    ("PR", "linux/prctl.h", r"PR_[A-Z0-9_]+", None),
    ("ARCH", "asm/prctl.h", r"ARCH_[A-Z0-9_]+", None),
    ("SECCOMP", "linux/seccomp.h", r"SECCOMP_(SET|GET|FILTER)_[A-Z0-9_]+", None),
    ("BPF", "linux/bpf.h", r"BPF_(MAP|PROG|OBJ|BTF|LINK|RAW|TASK|ENABLE|ITER|TOKEN)_[A-Z0-9_]+",
     r"OBJ_NAME_LEN|BPF_MAP_TYPE|BPF_PROG_TYPE|BPF_LINK_TYPE|RAW_TRACEPOINT_OPEN_X|BPF_TASK_ITER|_MAX"),
    ("KEYCTL", "linux/keyctl.h", r"KEYCTL_(?!CAPS|SUPPORTS)\w+|KEY_(SPEC|REQKEY_DEFL)_\w+", None),
    ("FUTEX", "linux/futex.h", r"FUTEX2?_[A-Z0-9_]+", r"FUTEX_(WAITERS|OWNER_DIED|TID_MASK|BITSET_MATCH_ANY|OP_\w+|WAITV_MAX)"),
    ("PROT", "asm/mman.h", r"PROT_\w+", None),
    ("MAP", "asm/mman.h linux/mman.h", r"MAP_\w+", r"HUGE_(SHIFT|MASK)"),
    ("MADV", "asm/mman.h", r"MADV_\w+", None),
    ("MSYNC", "asm/mman.h", r"MS_(ASYNC|SYNC|INVALIDATE)", None),
    ("MCL", "asm/mman.h", r"MCL_\w+|MLOCK_ONFAULT", None),
    ("MREMAP", "linux/mman.h", r"MREMAP_\w+", None),
    ("PKEY", "asm/mman.h", r"PKEY_\w+", r"MASK"),
    ("MPOL", "linux/mempolicy.h", r"MPOL_\w+", r"_MAX$|_SHIFT$"),
    ("MFD", "linux/memfd.h", r"MFD_\w+", r"HUGE_(SHIFT|MASK)"),
    ("MEMBARRIER", "linux/membarrier.h", r"MEMBARRIER_\w+", None),
    ("O", "linux/fcntl.h", r"O_[A-Z_0-9]+|FASYNC", None),
    ("F", "linux/fcntl.h", r"F_[A-Z0-9_]+", r"F_(OK|RDLCK|WRLCK|UNLCK|EXLCK|SHLCK|OWNER_\w+)"),
    ("AT", "linux/fcntl.h", r"AT_[A-Z0-9_]+", None),
    ("S", "linux/stat.h", r"S_I[A-Z]+", None),
    ("STATX", "linux/stat.h", r"STATX_[A-Z0-9_]+", r"_ATTR_|__"),
    ("FLOCK", "linux/fcntl.h", r"LOCK_(SH|EX|NB|UN|MAND|READ|WRITE|RW)", None),
    ("SEEK", "linux/fs.h", r"SEEK_\w+", r"_MAX$"),
    ("RENAME", "linux/fs.h", r"RENAME_\w+", None),
    ("RWF", "linux/fs.h", r"RWF_\w+", r"SUPPORTED"),
    ("FALLOC", "linux/falloc.h", r"FALLOC_FL_\w+", None),
    ("FADV", "linux/fadvise.h", r"POSIX_FADV_\w+", None),
    ("SYNC_FILE_RANGE", "linux/fs.h", r"SYNC_FILE_RANGE_\w+", None),
    ("XATTR", "linux/xattr.h", r"XATTR_(CREATE|REPLACE)", None),
    ("MS", "linux/mount.h", r"MS_[A-Z]+", r"MS_MGC_\w+"),
    ("MOUNT_ATTR", "linux/mount.h", r"MOUNT_ATTR_\w+", r"SIZE_VER"),
    ("MOUNT_API", "linux/mount.h", r"(OPEN_TREE|MOVE_MOUNT|FSOPEN|FSPICK|FSMOUNT)_\w+", r"__MASK$"),
    ("FSCONFIG", "linux/mount.h", r"FSCONFIG_\w+", None),
    ("PTRACE", "linux/ptrace.h asm/ptrace.h", r"PTRACE_[A-Z0-9_]+", r"PTRACE_(EVENT|O|SYSCALL_INFO|PEEKSIGINFO_SHARED)_"),
    ("SIG", "asm/signal.h", r"SIG(?!EV_)[A-Z0-9]+", r"SIGRTM(IN|AX)|SIGSTKSZ"),
    ("SIG_HOW", "asm/signal.h", r"SIG_(BLOCK|UNBLOCK|SETMASK)", None),
    ("RLIMIT", "linux/resource.h", r"RLIMIT_\w+", None),
    ("RUSAGE", "linux/resource.h", r"RUSAGE_\w+", None),
    ("PRIO", "linux/resource.h", r"PRIO_(PROCESS|PGRP|USER)", None),
    ("IOPRIO", "linux/ioprio.h", r"IOPRIO_(WHO|CLASS)_\w+", r"SHIFT|MASK"),
    ("CLOCK", "linux/time.h", r"CLOCK_\w+", None),
    ("TIMER", "linux/time.h", r"TIMER_ABSTIME|ITIMER_\w+", None),
    ("TFD", "linux/timerfd.h", r"TFD_\w+", None),
    ("EPOLL", "linux/eventpoll.h", r"EPOLL_(CTL_\w+|CLOEXEC)", None),
    ("EFD", "linux/eventfd.h", r"EFD_\w+", None),
    ("SFD", "linux/signalfd.h", r"SFD_\w+", None),
    ("IN", "linux/inotify.h", r"IN_[A-Z_]+", None),
    ("FAN", "linux/fanotify.h", r"FAN_[A-Z_]+", r"FAN_(NOFD|NOPIDFD|EVENT_|ALL_|ALLOW|DENY|AUDIT|INFO|EPIDFD|RESPONSE)\w*"),
    ("UFFD", "linux/userfaultfd.h", r"UFFD_USER_MODE_ONLY", None),
    ("PERF", "linux/perf_event.h", r"PERF_FLAG_\w+", None),
    ("IORING", "linux/io_uring.h", r"IORING_(SETUP|ENTER|REGISTER|UNREGISTER)_\w+", r"_LAST$|_SKIP$"),
    ("LANDLOCK", "linux/landlock.h", r"LANDLOCK_(RULE|CREATE|ACCESS|SCOPE)_\w+", None),
    ("PIDFD", "linux/pidfd.h", r"PIDFD_(NONBLOCK|THREAD|SIGNAL_\w+)", None),
    ("WAIT", "linux/wait.h", r"W[A-Z]+|__W[A-Z]+|P_[A-Z]+", None),
    ("KCMP", "linux/kcmp.h", r"KCMP_\w+", r"KCMP_TYPES"),
    ("GRND", "linux/random.h", r"GRND_\w+", None),
    ("RSEQ", "linux/rseq.h", r"RSEQ_FLAG_\w+", None),
    ("CLOSE_RANGE", "linux/close_range.h", r"CLOSE_RANGE_\w+", None),
    ("REBOOT", "linux/reboot.h", r"LINUX_REBOOT_\w+", None),
    ("KEXEC", "linux/kexec.h", r"KEXEC_(ON|FILE|PRESERVE|UPDATE|CRASH)_\w+", None),
    ("MODULE", "linux/module.h", r"MODULE_INIT_\w+", None),
    ("QUOTA", "linux/quota.h linux/dqblk_xfs.h", r"Q_[A-Z]+|(USR|GRP|PRJ)QUOTA", None),
    ("IPC", "linux/ipc.h linux/msg.h linux/sem.h linux/shm.h", r"(IPC|MSG|SEM|SHM)_[A-Z0-9_]+|GETPID|GETVAL|GETALL|GETNCNT|GETZCNT|"
     r"SETVAL|SETALL|SEMOP|SEMGET|SEMCTL|SEMTIMEDOP|MSGSND|MSGRCV|MSGGET|MSGCTL|SHMAT|SHMDT|SHMGET|SHMCTL",
     r"HUGE_(SHIFT|MASK)|IPC_(OLD|64|PRIVATE_)"),
    ("SYS", "linux/net.h", r"SYS_[A-Z0-9]+", None),
    ("LSM", "linux/lsm.h", r"LSM_(ID|ATTR|FLAG)_\w+", None),
    # ioctl requests
    ("TTY", "asm/termios.h", r"(T[CI]|FIO)[A-Z0-9]+", r"TIOC(PKT|SER|M)_|TC(SANOW|SADRAIN|SAFLUSH|[IO]+FLUSH|[IO]O(FF|N))"),
    ("LDISC", "linux/tty.h", r"N_[A-Z0-9_]+", None),
    ("VT", "linux/vt.h linux/kd.h", r"(VT|KD|GIO_|PIO_)_?[A-Z0-9_]+", r"(VT_(AUTO|PROCESS|ACKACQ|EVENT_\w+|MAX\w*)|KD_(TEXT|GRAPHICS)\w*)"),
    ("SIOC", "linux/sockios.h", r"SIOC[A-Z0-9_]+", None),
    ("FS", "linux/fs.h linux/fiemap.h linux/fscrypt.h linux/fsverity.h linux/msdos_fs.h linux/auto_fs.h linux/btrfs.h linux/nsfs.h",
     r"(FS|FAT|AUTOFS|BTRFS)_IOC[A-Z0-9_]*|FI[A-Z]+|FICLONE\w*|FITRIM|FIDEDUPERANGE|BLK[A-Z0-9]+|NS_[A-Z0-9_]+", None),
    ("BLOCK", "linux/loop.h linux/nbd.h linux/dm-ioctl.h linux/blkzoned.h linux/hdreg.h linux/cdrom.h linux/nvme_ioctl.h",
     r"(LOOP|NBD|DM|HDIO|CDROM|SG|NVME_IOCTL)_?[A-Z0-9_]+|BLK[A-Z0-9]+",
     r"LOOP_(\w*_FLAGS|SET_STATUS_\w+)|(DM|NBD)_(DIR|CONTROL_NODE|FLAG|CMD|UUID_LEN|NAME_LEN|NAME_TYPE|IOCTL|READONLY\w*|"
     r"MAX_TYPE_NAME|VERSION\w+|EXISTS\w*|OPT\w+)\w*"),
    ("KVM", "linux/kvm.h", r"KVM_[A-Z0-9_]+", None),
    ("VIRT", "linux/vhost.h linux/vfio.h linux/iommufd.h", r"(VHOST|VFIO|IOMMU)_[A-Z0-9_]+", None),
    ("TUN", "linux/if_tun.h linux/ppp-ioctl.h linux/if_pppox.h", r"(TUN|PPP)[A-Z0-9]+", None),
    ("DEVICE", "linux/rtc.h linux/random.h linux/uinput.h linux/input.h linux/userfaultfd.h linux/perf_event.h linux/fuse.h "
     "linux/seccomp.h linux/watchdog.h linux/i2c-dev.h linux/usbdevice_fs.h linux/hidraw.h linux/gpio.h linux/dma-buf.h "
     "linux/udmabuf.h linux/dma-heap.h linux/android/binder.h drm/drm.h linux/pidfd.h linux/fb.h linux/videodev2.h "
     "linux/media.h linux/spi/spidev.h linux/vtpm_proxy.h linux/mei.h linux/cec.h linux/sync_file.h "
     "linux/counter.h linux/ptp_clock.h linux/pps.h linux/rpmsg.h linux/tee.h linux/vduse.h "
     "linux/nilfs2_api.h linux/kfd_ioctl.h linux/lirc.h",
     r"(RTC|RND|UI|EVIOC|UFFDIO|PERF_EVENT_IOC|FUSE_DEV_IOC|SECCOMP_IOCTL|WDIOC|I2C|USBDEVFS|HIDIOC|GPIO|DMA_BUF|UDMABUF|DMA_HEAP|"
     r"BINDER|DRM_IOCTL|PIDFD_GET|FBIO|VIDIOC|MEDIA_IOC|SPI_IOC|VTPM|IOCTL_MEI|CEC|SYNC_IOC|PTP|PPS|RPMSG|TEE_IOC|VDUSE|NILFS_IOCTL|"
     r"AMDKFD_IOC|LIRC)_?[A-Z0-9_]+", None),
]
# Families of ioctl requests: one to the reader.
REQUESTS = {"TTY", "VT", "SIOC", "FS", "BLOCK", "KVM", "VIRT", "TUN", "DEVICE"}
# In these a name counts only if its text makes an ioctl number: their headers are full of other things.
IOCTLS = {"FS", "BLOCK", "KVM", "VIRT", "TUN", "DEVICE"}
IOCTL_TEXT = re.compile(r"\b_IO(R|W|WR)?_?(BAD)?\s*\(|\bDRM_IO|\bAMDKFD_IO|^\(?0x(12|53|22|54)[0-9a-f]{2}\)?$|^0x03[0-9a-f]{2}$")
OLD_IOCTLS = {"HDIO", "CDROM"}  # numbers without _IO()

# Outside of uapi: family, header, pattern of a definition. The C library has these in headers of its own.
INTERNAL = [
    ("AF", "include/linux/socket.h", r"#define\s+(AF_\w+)\s+(\w+)"),
    ("SOL", "include/linux/socket.h", r"#define\s+(SOL_\w+)\s+(\w+)"),
    ("MSG", "include/linux/socket.h", r"#define\s+(MSG_(?!INTERNAL)\w+)\s+(0x\w+|\d+)"),
    ("SOCK", "include/linux/net.h", r"\b(SOCK_(?:STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET))\s*=\s*(\d+)"),
    ("MNT", "include/linux/fs.h", r"#define\s+((?:MNT_(?:FORCE|DETACH|EXPIRE)|UMOUNT_NOFOLLOW))\s+(\w+)"),
    ("SPLICE", "include/linux/splice.h", r"#define\s+(SPLICE_F_\w+)\s+\(?(\w+)"),
    ("SYSLOG", "include/linux/syslog.h", r"#define\s+(SYSLOG_ACTION_\w+)\s+(\d+)"),
    ("BLOCK", "include/scsi/sg.h", r"#define\s+(SG_\w+)\s+(0x22[0-9a-fA-F]{2})\b"),
    ("SWAP", "include/linux/swap.h", r"#define\s+(SWAP_FLAG_(?:PREFER|DISCARD|DISCARD_ONCE|DISCARD_PAGES))\s+(0x\w+)"),
]
# Names of the C library for values of the kernel; SOCK_CLOEXEC and SOCK_NONBLOCK: include/linux/net.h.
ALIASES = [("SOCK", "SOCK_CLOEXEC", ("O", "O_CLOEXEC")), ("SOCK", "SOCK_NONBLOCK", ("O", "O_NONBLOCK")),
           ("O", "O_ASYNC", ("O", "FASYNC")), ("SCHED", "SCHED_OTHER", ("SCHED", "SCHED_NORMAL"))]
# enum sock_shutdown_cmd of include/linux/net.h, which gives no numbers; and what is
# younger than the tree: family, name, value. Sources: include/uapi of 6.13 to 6.17.
LATER = [
    ("SHUT", "SHUT_RD", 0), ("SHUT", "SHUT_WR", 1), ("SHUT", "SHUT_RDWR", 2),
    ("MADV", "MADV_GUARD_INSTALL", 102), ("MADV", "MADV_GUARD_REMOVE", 103), ("AT", "AT_EXECVE_CHECK", 0x10000),
    ("PR", "PR_TIMER_CREATE_RESTORE_IDS", 77), ("PR", "PR_FUTEX_HASH", 78), ("RWF", "RWF_DONTCACHE", 0x80),
    ("PIDFD", "PIDFD_SELF_THREAD", (1 << 64) - 10000), ("PIDFD", "PIDFD_SELF_THREAD_GROUP", (1 << 64) - 10001),
]


# What some of the kernel's headers want of a C library, in the sizes the kernel gives it.
STUBS = {
    "linux/compiler.h": "", "linux/compiler_types.h": "", "sys/ioctl.h": "", "string.h": "", "unistd.h": "", "net/if.h": "",
    "sys/types.h": "", "limits.h": "#include <linux/limits.h>\n#define INT_MAX 0x7fffffff\n#define INT_MIN (-INT_MAX - 1)\n",
    "netinet/if_ether.h": "#include <linux/if_ether.h>\n",
    "stdint.h": "#include <linux/types.h>\ntypedef __u8 uint8_t; typedef __u16 uint16_t; typedef __u32 uint32_t;\n"
                "typedef __u64 uint64_t; typedef __s8 int8_t; typedef __s16 int16_t; typedef __s32 int32_t; typedef __s64 int64_t;\n"
                "typedef __UINTPTR_TYPE__ uintptr_t;\n",
    "sys/socket.h": "#include <linux/socket.h>\ntypedef unsigned short sa_family_t;\n"
                    "struct sockaddr { sa_family_t sa_family; char sa_data[14]; };\n"
                    "#define sockaddr_storage __kernel_sockaddr_storage\n",
    "sys/time.h": "#include <linux/posix_types.h>\nstruct timeval { __kernel_old_time_t tv_sec; long tv_usec; };\n"
                  "struct timespec { __kernel_old_time_t tv_sec; long tv_nsec; };\n",
    "netinet/in.h": "#include <sys/socket.h>\n#include <linux/in.h>\n#include <linux/in6.h>\n",
}


class Headers:
    """A folder that stands for `make headers_install`: generic <asm/...> where an architecture has none of its own."""

    def __init__(self, tree, folder):
        self.tree, self.folder = pathlib.Path(tree), pathlib.Path(folder)
        for name, text in STUBS.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("#pragma once\n" + text)

    def options(self, arch):
        own = self.tree / "arch" / FOLDERS[arch] / "include/uapi"
        generic = self.folder / arch
        (generic / "asm").mkdir(parents=True, exist_ok=True)
        for path in (self.tree / "include/uapi/asm-generic").glob("*.h"):
            if not (own / "asm" / path.name).exists():
                (generic / "asm" / path.name).write_text(f"#include <asm-generic/{path.name}>\n")
        for name in ("unistd_32.h", "unistd_64.h", "unistd_x32.h", "unistd-eabi.h", "unistd-oabi.h", "unistd-common.h"):
            (generic / "asm" / name).write_text("")
        return ["-nostdinc", "-D__user=", "-D__force=", "-D__attribute_const__=", "-D__packed=__attribute__((packed))", *[word for name in ("linux/types.h", "stdint.h", "linux/ioctl.h") for word in ("-include", name)],
                *[f"-I{path}" for path in (own, generic, self.tree / "include/uapi", self.folder)]]

    def present(self, names):
        return [name for name in names.split() if name.startswith("asm/") or
                (self.tree / "include/uapi" / name).exists()]


def enumerators(tree, headers, pattern):
    names = []
    for header in headers:
        for path in (tree / "include/uapi" / header,):
            if path.exists():
                text = re.sub(r"/\*.*?\*/", " ", path.read_text(errors="replace"), flags=re.S)
                for body in re.findall(r"\benum\b[^{;]*\{([^}]*)\}", text):
                    names += [name for name in re.findall(r"^\s*(\w+)\s*(?:=[^,]*)?,?", body, re.M)
                              if re.fullmatch(pattern, name)]
                    names += [name for line in body.split(",") for name in re.findall(r"^\s*(\w+)", line)
                              if re.fullmatch(pattern, name)]
    return names


def names_of(headers, arch, options, header, row):
    family, _, pattern, without = row
    table = c_values.macros(arch, options, [header])
    names = [name for name in table if re.fullmatch(pattern, name)]
    if family in IOCTLS:
        names = [name for name in names
                 if IOCTL_TEXT.search(table[name]) or name.split("_")[0] in OLD_IOCTLS and "0x" in table[name]]
    else:
        names += enumerators(headers.tree, [header], pattern)
    return [name for name in dict.fromkeys(names) if not (without and re.search(without, name))]


def family_of(headers, arch, options, row):
    found = {}
    for header in headers.present(row[1]):
        try:
            names = names_of(headers, arch, options, header, row)
            found.update(c_values.values(arch, options, f"#include <{header}>\n", names))
        except RuntimeError as problem:  # some headers are of one architecture only
            print(f"{arch}: <{header}>: {str(problem).strip().splitlines()[-3:]}", file=sys.stderr)
    return found


def collect(tree):
    """(family, name): {arch: value}"""
    table = collections.OrderedDict()
    with tempfile.TemporaryDirectory() as folder:
        headers = Headers(tree, folder)
        for family, path, pattern in INTERNAL:
            text = (headers.tree / path).read_text()
            names = dict(re.findall(pattern, text))
            for name, value in names.items():
                value = names.get(value, value)
                if re.fullmatch(r"0x[0-9a-fA-F]+|\d+", value) and not name.endswith("_MAX"):
                    table[family, name] = {arch: int(value, 0) for arch in linux_source.ARCHES}
        for arch in linux_source.ARCHES:
            options = headers.options(arch)
            for row in FAMILIES:
                for name, value in family_of(headers, arch, options, row).items():
                    table.setdefault((row[0], name), {})[arch] = value
    for family, name, other in ALIASES:
        table[family, name] = table[other]
    for family, name, value in LATER:
        table.setdefault((family, name), {arch: value for arch in linux_source.ARCHES})
    return table


def narrowed(value):
    """int constants below zero come sign-extended: kept so, they compare equal on the low half too."""
    return str(value) if value < 10 else hex(value)


def line(family, name, values):
    usual = values.get("x86_64", next(iter(values.values())))
    others = collections.OrderedDict()
    for arch in linux_source.ARCHES:
        value = values.get(arch)
        if value != usual:
            others.setdefault("-" if value is None else narrowed(value), []).append(arch)
    cells = [family, name, narrowed(usual)]
    if others:
        cells.append(" ".join(",".join(arches) + "=" + value for value, arches in others.items()))
    return "\t".join(cells)


def main():
    table, seen = collect(sys.argv[1]), {}
    print("# family\tname\tvalue\tarchitectures where it differs (-: has no such name)")
    for (family, name), values in table.items():
        if name in seen:
            if seen[name][1] != values:
                print(f"{name} is in {seen[name][0]} and {family} with different values", file=sys.stderr)
            continue
        seen[name] = family, values
        print(line("IOCTL" if family in REQUESTS else family, name, values))


if __name__ == "__main__":
    main()
