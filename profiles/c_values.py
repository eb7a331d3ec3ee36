"""c_values: asks clang what names of C headers are worth on an architecture.

Nothing is run: the names become initialisers, and their values are read from LLVM's text, which is the same for every
target. So one machine answers for all, with each target's own sizes and alignments (ioctl numbers hold those).
"""
import pathlib
import re
import subprocess
import tempfile

TARGETS = {
    "x86_64": "x86_64-linux-gnu", "i386": "i386-linux-gnu", "x32": "x86_64-linux-gnux32",
    "aarch64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf", "riscv64": "riscv64-linux-gnu",
    "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu",
}


def clang(arch, options, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "names.c"
        path.write_text(text)
        command = ["clang", "--target=" + TARGETS[arch], "-w", "-ferror-limit=0", *options, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


def macros(arch, options, headers):
    """Object-like macros of `headers`: name, its text."""
    text = "".join(f"#include <{header}>\n" for header in headers)
    done = clang(arch, [*options, "-E", "-dM"], text)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[:2000])
    return dict(re.findall(r"^#define (\w+) (.+)$", done.stdout, re.M))


def values(arch, options, prologue, names):
    """name: value, for those of `names` that are constants there."""
    names = list(names)
    while names:
        lines = prologue.count("\n")
        body = "".join(f"unsigned long long value_{name} = (unsigned long long)({name});\n" for name in names)
        done = clang(arch, [*options, "-S", "-emit-llvm", "-o", "-"], prologue + body)
        if done.returncode == 0:
            found = re.findall(r"^@value_(\w+) = .*global i64 (-?\d+)", done.stdout, re.M)
            return {name: int(value) & (1 << 64) - 1 for name, value in found}
        wrong = {int(line) - lines - 1 for line in re.findall(r"names\.c:(\d+):\d+: error:", done.stderr)}
        if not wrong or min(wrong) < 0:
            raise RuntimeError(done.stderr[:2000])
        names = [name for place, name in enumerate(names) if place not in wrong]
    return {}
