"""linux_source: what generate-*.py read in a Linux source tree: call tables, and the definitions of calls.

The tree is any kernel from 6.11 on (the first with arm64's own tables), such as Debian's package linux-source-6.12.
Facts are taken from it, no text.
"""
import pathlib
import re

ARCHES = ["x86_64", "i386", "x32", "aarch64", "arm", "riscv64", "ppc64le", "s390x"]
X32_BIT = 0x40000000

# Where an architecture's table is, and which of its rows count. aarch64 and riscv64: arch/*/kernel/Makefile.syscalls;
# ppc64le: without "spu", which is for the Cell's other processors.
TABLES = {
    "x86_64": ("arch/x86/entry/syscalls/syscall_64.tbl", "common 64"),
    "i386": ("arch/x86/entry/syscalls/syscall_32.tbl", "i386"),
    "x32": ("arch/x86/entry/syscalls/syscall_64.tbl", "common x32"),
    "aarch64": ("arch/arm64/tools/syscall_64.tbl", "common 64 renameat rlimit memfd_secret"),
    "arm": ("arch/arm/tools/syscall.tbl", "common eabi"),
    "riscv64": ("scripts/syscall.tbl", "common 64 riscv rlimit memfd_secret"),
    "ppc64le": ("arch/powerpc/kernel/syscalls/syscall.tbl", "common 64 nospu"),
    "s390x": ("arch/s390/kernel/syscalls/syscall.tbl", "common 64"),
}
# Architectures whose programs run on a 64-bit kernel with registers of 32 bits: the kernel's "compat" entries.
COMPAT = {"i386": "arch/x86/entry/syscalls/syscall_32.tbl", "arm": "arch/arm64/tools/syscall_32.tbl"}


def rows(tree, arch):
    """Yields (name, number, entry, compat entry) of one architecture; x32's numbers without their bit."""
    path, abis = TABLES[arch]
    for line in (pathlib.Path(tree) / path).read_text().splitlines():
        words = line.split("#")[0].split()
        if len(words) >= 3 and words[1] in abis.split():
            entry = words[3] if len(words) > 3 else None
            yield words[2], int(words[0]), entry, words[4] if len(words) > 4 else None


def compat_entries(tree, arch):
    """name: the function a 64-bit kernel calls for a program of 32 bits."""
    entries = {}
    for line in (pathlib.Path(tree) / COMPAT[arch]).read_text().splitlines():
        words = line.split("#")[0].split()
        if len(words) >= 4:
            entries[words[2]] = words[4] if len(words) > 4 and words[4] != "-" else words[3]
    return entries


FOLDERS = ["kernel", "fs", "mm", "net", "ipc", "io_uring", "security", "block", "drivers/char", "drivers/pci",
           "arch/x86", "arch/arm64", "arch/riscv", "arch/powerpc", "arch/s390", "arch/arm"]
DEFINE = re.compile(r"\b(COMPAT_|ARM_COMPAT_|PPC32_|)SYSCALL(?:32)?_DEFINE([0-6])\(\s*(\w+)\s*(?:,([^{;]*?))?\)\s*(?:\n\{|\{|\n#|\n\n|__|\s*\n)",
                    re.S)


def definitions(tree, arch_folder):
    """symbol ("sys_openat", "compat_sys_openat"): [(type, name), ...], an architecture's own before the others'."""
    found = {}
    for folder in FOLDERS:
        if folder.startswith("arch/") and folder != arch_folder:
            continue
        for path in sorted((pathlib.Path(tree) / folder).rglob("*.c")):
            text = path.read_text(errors="replace")
            if "SYSCALL" not in text:
                continue
            text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
            for match in DEFINE.finditer(text):
                words = [word.strip() for word in (match[4] or "").replace("\n", " ").split(",") if word.strip()]
                if len(words) != 2 * int(match[2]):
                    words = expand(words)
                pairs = list(zip(words[::2], words[1::2]))
                symbol = ("compat_" if match[1] else "") + "sys_" + match[3]
                found.setdefault(symbol, pairs)
                if folder.startswith("arch/"):
                    found[symbol] = pairs
    return found


def expand(words):
    """arg_u32p(a), arg_u64(b): the pairs of registers of <asm-generic/compat.h> and its like."""
    out = []
    for word in words:
        pair = re.fullmatch(r"(?:compat_)?arg_u(?:64|32p?)\w*\((\w+)\)", word)
        out += ["u32", pair[1] + "_low", "u32", pair[1] + "_high"] if pair else [word]
    return out
