#!/usr/bin/env python3
"""Makes profiles/constants.tsv from the C headers of the machine it runs on (x86_64): family, name, value.

Values of the other architectures that differ are in OTHER below, from <asm-generic/fcntl.h> and
<asm/fcntl.h> of arm64, which are the only ones among these names.
"""
import os
import re
import subprocess
import sys
import tempfile

HEADERS = """sys/socket.h netinet/in.h netinet/tcp.h sched.h linux/sched.h sys/ioctl.h sys/personality.h linux/prctl.h
asm/prctl.h linux/futex.h linux/bpf.h linux/keyctl.h sys/mman.h linux/memfd.h fcntl.h sys/stat.h sys/mount.h
linux/ptrace.h signal.h sys/resource.h linux/seccomp.h time.h linux/netlink.h linux/vm_sockets.h
linux/net.h linux/if_alg.h linux/if_packet.h linux/tls.h linux/userfaultfd.h linux/kd.h linux/vt.h""".split()

NAMES = {
    "AF": "UNSPEC UNIX LOCAL INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK "
          "ROUTE PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET "
          "IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP",
    "SOCK": "STREAM DGRAM RAW RDM SEQPACKET DCCP PACKET CLOEXEC NONBLOCK",
    "IPPROTO": "IP ICMP IGMP IPIP TCP EGP PUP UDP IDP TP DCCP IPV6 RSVP GRE ESP AH MTP BEETPH ENCAP PIM COMP SCTP UDPLITE "
               "MPLS ETHERNET RAW MPTCP ICMPV6",
    "NETLINK": "ROUTE USERSOCK FIREWALL SOCK_DIAG NFLOG XFRM SELINUX ISCSI AUDIT FIB_LOOKUP CONNECTOR NETFILTER IP6_FW "
               "DNRTMSG KOBJECT_UEVENT GENERIC SCSITRANSPORT ECRYPTFS RDMA CRYPTO SMC",
    "SOL": "SOCKET IP TCP UDP IPV6 RAW ICMPV6 PACKET TLS ALG NETLINK VSOCK BLUETOOTH",
    "SO": "DEBUG REUSEADDR TYPE ERROR DONTROUTE BROADCAST SNDBUF RCVBUF SNDBUFFORCE RCVBUFFORCE KEEPALIVE OOBINLINE NO_CHECK "
          "PRIORITY LINGER BSDCOMPAT REUSEPORT PASSCRED PEERCRED RCVLOWAT SNDLOWAT BINDTODEVICE ATTACH_FILTER "
          "DETACH_FILTER PEERNAME TIMESTAMP ACCEPTCONN PEERSEC PASSSEC MARK PROTOCOL DOMAIN RXQ_OVFL LOCK_FILTER "
          "BUSY_POLL ATTACH_BPF ATTACH_REUSEPORT_CBPF ATTACH_REUSEPORT_EBPF ZEROCOPY TXTIME",
    "TCP": "NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT LINGER2 DEFER_ACCEPT WINDOW_CLAMP INFO QUICKACK CONGESTION "
           "MD5SIG USER_TIMEOUT FASTOPEN ULP REPAIR ZEROCOPY_RECEIVE FASTOPEN_CONNECT",
    "MSG": "OOB PEEK DONTROUTE CTRUNC TRUNC DONTWAIT EOR WAITALL NOSIGNAL MORE WAITFORONE FASTOPEN CMSG_CLOEXEC ZEROCOPY",
    "CLONE": "VM FS FILES SIGHAND PIDFD PTRACE VFORK PARENT THREAD NEWNS SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID "
             "DETACHED UNTRACED CHILD_SETTID NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET IO NEWTIME",
    "PER": "LINUX SVR4 BSD LINUX32 MASK",
    "PR": "SET_PDEATHSIG GET_PDEATHSIG GET_DUMPABLE SET_DUMPABLE GET_KEEPCAPS SET_KEEPCAPS GET_NAME SET_NAME GET_SECCOMP "
          "SET_SECCOMP CAPBSET_READ CAPBSET_DROP GET_SECUREBITS SET_SECUREBITS SET_TIMERSLACK GET_TIMERSLACK SET_MM "
          "SET_PTRACER SET_CHILD_SUBREAPER GET_CHILD_SUBREAPER SET_NO_NEW_PRIVS GET_NO_NEW_PRIVS SET_THP_DISABLE "
          "GET_THP_DISABLE CAP_AMBIENT SET_SPECULATION_CTRL GET_SPECULATION_CTRL SET_IO_FLUSHER SCHED_CORE SET_VMA",
    "ARCH": "SET_GS SET_FS GET_FS GET_GS GET_CPUID SET_CPUID",
    "SECCOMP": "SET_MODE_STRICT SET_MODE_FILTER GET_ACTION_AVAIL GET_NOTIF_SIZES",
    "BPF": "MAP_CREATE MAP_LOOKUP_ELEM MAP_UPDATE_ELEM MAP_DELETE_ELEM PROG_LOAD OBJ_PIN OBJ_GET PROG_ATTACH PROG_DETACH",
    "KEYCTL": "GET_KEYRING_ID JOIN_SESSION_KEYRING UPDATE REVOKE CHOWN SETPERM DESCRIBE CLEAR LINK UNLINK SEARCH READ "
              "INSTANTIATE NEGATE SET_REQKEY_KEYRING SET_TIMEOUT ASSUME_AUTHORITY GET_SECURITY SESSION_TO_PARENT",
    "FUTEX": "WAIT WAKE FD REQUEUE CMP_REQUEUE WAKE_OP LOCK_PI UNLOCK_PI TRYLOCK_PI WAIT_BITSET WAKE_BITSET "
             "WAIT_REQUEUE_PI CMP_REQUEUE_PI LOCK_PI2 PRIVATE_FLAG CLOCK_REALTIME CMD_MASK",
    "PROT": "NONE READ WRITE EXEC GROWSDOWN GROWSUP",
    "MAP": "SHARED PRIVATE FIXED ANONYMOUS GROWSDOWN LOCKED NORESERVE POPULATE NONBLOCK STACK HUGETLB FIXED_NOREPLACE",
    "MADV": "NORMAL RANDOM SEQUENTIAL WILLNEED DONTNEED FREE REMOVE DONTFORK DOFORK MERGEABLE UNMERGEABLE HUGEPAGE NOHUGEPAGE "
            "DONTDUMP DODUMP WIPEONFORK KEEPONFORK COLD PAGEOUT HWPOISON",
    "MFD": "CLOEXEC ALLOW_SEALING HUGETLB",
    "O": "RDONLY WRONLY RDWR ACCMODE CREAT EXCL NOCTTY TRUNC APPEND NONBLOCK DSYNC SYNC ASYNC DIRECT LARGEFILE DIRECTORY "
         "NOFOLLOW NOATIME CLOEXEC PATH TMPFILE",
    "S": "ISUID ISGID ISVTX IFMT IFREG IFDIR IFCHR IFBLK IFIFO IFSOCK IFLNK IRWXU IRWXG IRWXO",
    "AT": "SYMLINK_NOFOLLOW REMOVEDIR SYMLINK_FOLLOW NO_AUTOMOUNT EMPTY_PATH EACCESS RECURSIVE",
    "MS": "RDONLY NOSUID NODEV NOEXEC SYNCHRONOUS REMOUNT MANDLOCK BIND MOVE REC SILENT UNBINDABLE PRIVATE SLAVE SHARED",
    "MNT": "FORCE DETACH EXPIRE",
    "F": "DUPFD GETFD SETFD GETFL SETFL GETLK SETLK SETLKW SETOWN GETOWN SETLEASE NOTIFY SETPIPE_SZ ADD_SEALS",
    "PTRACE": "TRACEME PEEKTEXT PEEKDATA PEEKUSR POKETEXT POKEDATA POKEUSR CONT KILL SINGLESTEP ATTACH DETACH SYSCALL SEIZE",
    "SIG": "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT STOP TSTP TTIN TTOU WINCH SYS",
    "RLIMIT": "AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK",
    "CLOCK": "REALTIME MONOTONIC PROCESS_CPUTIME_ID THREAD_CPUTIME_ID BOOTTIME TAI REALTIME_ALARM BOOTTIME_ALARM",
    "SCHED": "OTHER FIFO RR BATCH IDLE DEADLINE",
    "RENAME": "NOREPLACE EXCHANGE WHITEOUT",
    "SYS": "SOCKET BIND CONNECT LISTEN ACCEPT SOCKETPAIR SETSOCKOPT GETSOCKOPT",
}
WHOLE = {
    "IOCTL": "TIOCSTI TIOCSETD TIOCLINUX TIOCCONS TIOCSCTTY TIOCGWINSZ TIOCSWINSZ TIOCGPTPEER TCGETS TCSETS TCSETSW "
             "TCSETSF FIONREAD FIONBIO FIOCLEX FIONCLEX KDSETMODE KDSKBMODE VT_ACTIVATE UFFDIO_API "
             "SIOCGIFCONF SIOCGIFADDR SIOCGIFFLAGS SIOCSIFFLAGS",
    "PER": "ADDR_NO_RANDOMIZE READ_IMPLIES_EXEC UNAME26 ADDR_COMPAT_LAYOUT MMAP_PAGE_ZERO STICKY_TIMEOUTS SHORT_INODE",
}
# name: {architecture: value}
OTHER = {"O_DIRECT": 0o200000, "O_LARGEFILE": 0o400000, "O_DIRECTORY": 0o40000, "O_NOFOLLOW": 0o100000,
         "O_TMPFILE": 0o20040000}


def main():
    wanted = [(family, family + "_" + name if family != "SIG" else "SIG" + name)
              for family, names in NAMES.items() for name in names.split()]
    wanted += [(family, name) for family, names in WHOLE.items() for name in names.split()]
    headers = "#define _GNU_SOURCE\n" + "".join(f"#if __has_include(<{h}>)\n#include <{h}>\n#endif\n" for h in HEADERS)
    values = evaluate(headers, wanted)
    print("# family\tname\tvalue (x86_64)\tvalue (aarch64 and arm, where it differs)")
    for family, name in wanted:
        if name in values:
            value = values[name]
            print("\t".join([family, name, hex(value) if value > 9 else str(value)] +
                            ([hex(OTHER[name])] if name in OTHER else [])))


def evaluate(headers, wanted):
    """Asks the compiler; names it does not know are left out and named on standard error."""
    left = list(wanted)
    with tempfile.TemporaryDirectory() as folder:
        while True:
            path = os.path.join(folder, "c.c")
            with open(path, "w") as file:
                file.write(headers + "#include <stdio.h>\nint main(void){\n")
                for _, name in left:
                    file.write(f'printf("{name} %llu\\n", (unsigned long long)({name}));\n')
                file.write("}\n")
            done = subprocess.run(["cc", "-w", "-o", os.path.join(folder, "c"), path], capture_output=True, text=True)
            unknown = set(re.findall(r"[‘'](\w+)[’'] undeclared", done.stderr))
            if done.returncode == 0:
                break
            if not unknown:
                sys.exit(done.stderr)
            print("not in the headers here:", *sorted(unknown), file=sys.stderr)
            left = [(family, name) for family, name in left if name not in unknown]
        output = subprocess.run([os.path.join(folder, "c")], capture_output=True, text=True, check=True).stdout
    return {line.split()[0]: int(line.split()[1]) for line in output.splitlines()}


main()
