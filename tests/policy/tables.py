"""The tables of profiles/ against the kernel headers of this machine, for every architecture whose headers are here.

usage: tables.py SOURCE_ROOT

Kernel versions: syscalls(2), where manpages-dev is installed. Numbers: <asm/unistd.h> as the C preprocessor sees it, of the machine and of Debian's linux-libc-dev-*-cross. Constants:
what clang makes of the kernel's headers of each, and of the C library's of this machine. A name the headers do not have
(they may be older than the tables) is no difference; a different number is. What is not here is named and left out.
"""
import gzip
import pathlib
import re
import shutil
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root / "profiles"))
sys.dont_write_bytecode = True
import c_values  # noqa: E402
X32_BIT = 0x40000000
NATIVE = "/usr/include/x86_64-linux-gnu"
# architecture: folder that has <asm/unistd.h>, the header, macros the header asks for
HEADERS = {
    "x86_64": (NATIVE, "asm/unistd_64.h", []),
    "i386": (NATIVE, "asm/unistd_32.h", []),
    "x32": (NATIVE, "asm/unistd_x32.h", ["-D__X32_SYSCALL_BIT=0x40000000"]),
    "aarch64": ("/usr/aarch64-linux-gnu/include", "asm/unistd.h", []),
    "arm": ("/usr/arm-linux-gnueabihf/include", "asm/unistd.h", ["-D__ARM_EABI__"]),
    "riscv64": ("/usr/riscv64-linux-gnu/include", "asm/unistd.h", ["-D__LP64__", "-D__riscv_xlen=64"]),
    "ppc64le": ("/usr/powerpc64le-linux-gnu/include", "asm/unistd.h", ["-D__powerpc64__"]),
    "s390x": ("/usr/s390x-linux-gnu/include", "asm/unistd.h", ["-D__s390x__"]),
}
# Two names of one number, of which the kernel's table has the other.
ALIASES = {("arm", "sync_file_range2"): "arm_sync_file_range"}
# Fewer would mean that the headers were not understood.
LEAST_CALLS = 280


def rows(name):
    for line in (root / "profiles" / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def preprocess(folder, header, options):
    done = subprocess.run(["cc", "-E", "-dM", "-nostdinc", f"-I{folder}", "-I/usr/include", *options, "-include", header,
                           "-x", "c", "/dev/null"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return dict(re.findall(r"^#define (\w+) +(.+)$", done.stdout, re.M))


def worth(text, macros, depth=0):
    """A macro's number: sums of numbers and of other macros."""
    text = re.sub(r"\b[A-Za-z_]\w*\b", lambda word: str(worth(macros.get(word[0], "0"), macros, depth + 1)), text)
    if depth > 8 or not re.fullmatch(r"[\s0-9a-fA-FxuUlL()+|<]*", text):
        raise RuntimeError(f"not understood: {text}")
    return int(eval(re.sub(r"(?<=[0-9a-fA-F])[uUlL]+", "", text)))  # digits and operators only


def check_numbers():
    table = {row[0]: row[1:] for row in rows("syscalls.tsv")}
    failed = 0
    for place, (arch, (folder, header, options)) in enumerate(HEADERS.items()):
        if not (pathlib.Path(folder) / header).exists():
            print(f"{arch}: skipped: {folder}/{header} is not installed")
            continue
        macros = preprocess(folder, header, options)
        seen = 0
        for name, text in macros.items():
            if not re.match(r"__(ARM_)?NR_[a-z_]", name) or name in ("__NR_syscalls", "__NR_arch_specific_syscall"):
                continue
            call = re.sub("^__(ARM_)?NR_", "", name)
            number = worth(text, macros) & ~X32_BIT
            ours = table.get(ALIASES.get((arch, call), call), ["-"] * 8)[place]
            seen += 1
            if ours != str(number):
                failed += 1
                print(f"{arch}: {call} is {number} in <{header}>, {ours} in syscalls.tsv")
        if seen < LEAST_CALLS:
            failed += 1
            print(f"{arch}: only {seen} calls were found in <{header}>")
        print(f"{arch}: {seen} numbers compared")
    return failed


MANUAL = pathlib.Path("/usr/share/man/man2/syscalls.2.gz")
# The page has the version in which they were meant to come: the kernel's history has 4.3, and 4.9 for all three.
MANUAL_ERRS = {"membarrier": "3.17", "pkey_alloc": "4.8", "pkey_free": "4.8", "pkey_mprotect": "4.8"}
LEAST_VERSIONS = 400


def version(text):
    """Before 2.6.1 there is one version; from 3.0 on the third number means nothing."""
    numbers = tuple(int(word) for word in text.split("."))
    return max(numbers[:3], (2, 6, 0)) if numbers < (3,) else numbers[:2]


def check_versions():
    if not MANUAL.exists():
        print(f"kernel versions: skipped: {MANUAL} is not installed")
        return 0
    table = {row[0]: row[9] for row in rows("syscalls.tsv")}
    failed = seen = 0
    for name, words in re.findall(r"^\\fB(\w+)\\fP\(2\)\t([^\t\n]*)", gzip.open(MANUAL, "rt").read(), re.M):
        theirs = re.search(r"\d+(\.\d+)+", words)
        if name not in table:
            continue
        seen += 1
        if version(theirs[0] if theirs else "2.6.0") != version(table[name]) and MANUAL_ERRS.get(name) != words:
            failed += 1
            print(f"{name} came with {words or 'the first'} in syscalls(2), with {table[name]} in syscalls.tsv")
    if seen < LEAST_VERSIONS:
        failed += 1
        print(f"only {seen} calls were found in syscalls(2)")
    print(f"{seen} kernel versions compared")
    return failed


KERNEL = """asm/ioctls.h asm/socket.h linux/fcntl.h asm/mman.h asm/signal.h linux/resource.h linux/sched.h linux/prctl.h
linux/fs.h linux/mount.h linux/sockios.h linux/futex.h linux/bpf.h linux/keyctl.h asm/ptrace.h linux/ptrace.h
linux/io_uring.h linux/userfaultfd.h linux/if_tun.h linux/loop.h linux/perf_event.h linux/vt.h linux/kd.h linux/landlock.h
linux/memfd.h linux/quota.h linux/random.h linux/rtc.h linux/usbdevice_fs.h linux/seccomp.h linux/personality.h
linux/netlink.h linux/in.h linux/in6.h linux/tcp.h linux/stat.h linux/wait.h linux/membarrier.h linux/mempolicy.h
linux/fanotify.h linux/inotify.h linux/eventpoll.h linux/kcmp.h linux/vfio.h linux/dma-buf.h
linux/android/binder.h linux/watchdog.h linux/net.h linux/ipc.h linux/falloc.h""".split()
LIBRARY = """sys/socket.h netinet/in.h netinet/tcp.h sched.h sys/ioctl.h sys/personality.h sys/prctl.h sys/mman.h fcntl.h
sys/stat.h sys/mount.h sys/ptrace.h signal.h sys/resource.h time.h sys/time.h sys/epoll.h sys/eventfd.h sys/signalfd.h
sys/timerfd.h sys/inotify.h sys/fanotify.h sys/wait.h sys/file.h sys/ipc.h sys/msg.h sys/sem.h sys/shm.h sys/xattr.h
sys/random.h sys/quota.h net/if.h""".split()
# The C library says otherwise than the kernel: open() of 64-bit files needs no flag there, its fcntl() asks for the
# kernel's F_GETLK64 by F_GETLK, the last resource and option are counts, and a thread's stack has its own flag.
OWN_WORDS = {"O_LARGEFILE", "F_GETLK", "F_SETLK", "F_SETLKW", "F_GETLK64", "F_SETLK64", "F_SETLKW64", "SIGRTMAX",
             "MSG_PROXY", "PTRACE_GETFPXREGS", "PTRACE_SETFPXREGS"}
LEAST_CONSTANTS = 1000


def constants(arch):
    for row in rows("constants.tsv"):
        value = row[2]
        for cell in (row[3] if len(row) > 3 else "").split():
            arches, _, other = cell.partition("=")
            if arch in arches.split(","):
                value = other
        if value != "-":
            yield row[1], int(value, 0)


def compare(arch, options, headers, label):
    ours = dict(constants(arch))
    prologue = "#define _GNU_SOURCE 1\n" + "".join(
        f"#if __has_include(<{header}>)\n#include <{header}>\n#endif\n" for header in headers)
    theirs = c_values.values(arch, options, prologue, sorted(ours))
    failed = 0
    for name, value in theirs.items():
        # A value of 32 bits is the same with and without its sign.
        if value != ours[name] and value & 0xffffffff != ours[name] and name not in OWN_WORDS:
            failed += 1
            print(f"{arch}: {name} is {value:#x} in {label}, {ours[name]:#x} in constants.tsv")
    print(f"{arch}: {len(theirs)} constants compared with {label}")
    if label != "the C library" and len(theirs) < LEAST_CONSTANTS:
        failed += 1
        print(f"{arch}: that is fewer than {LEAST_CONSTANTS}")
    return failed


def check_constants():
    if shutil.which("clang") is None:
        print("constants: skipped: clang is not installed")
        return 0
    failed = compare("x86_64", ["-I" + NATIVE], LIBRARY, "the C library") if pathlib.Path(NATIVE).exists() else 0
    for arch, (folder, header, _) in HEADERS.items():
        if not (pathlib.Path(folder) / header).exists():
            continue
        more = ["-I/usr/include"] if folder == NATIVE else []
        failed += compare(arch, ["-nostdinc", "-I" + folder, *more, "-include", "linux/types.h"],
                          KERNEL, "the kernel's headers")
    return failed


def main():
    failed = check_numbers() + check_versions() + check_constants()
    return 1 if failed else 0


sys.exit(main())
