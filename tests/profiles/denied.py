#!/usr/bin/env python3
"""denied TRACE COMPILED: the calls of an `strace -f -Z -n -X verbose` that the filter answered, counted.

COMPILED is `cordon policy compile --arch x86_64 --format json`. A call that failed may have been refused
by the kernel, too: each is run through the program of the filter, and counts where that gives the same
errno. What the filter looked at is shown: NAME(ARGUMENT, ...) ERRNO.
"""
import collections
import errno
import json
import re
import sys

import calls

AUDIT_ARCH_X86_64 = 0xC000003E
ERRNO, ERRNO_VALUE = 0x00050000, 0xFFFF
LINE = re.compile(r"^\d+ +\[ *(\d+)\] (\w+)\((.*)\) += -1 (E[A-Z0-9]+) ")


def value(part):
    """0x3 /* SOCK_RAW */|0x80000 /* SOCK_CLOEXEC */: a number; what is no number is a pointer, and 0."""
    number = 0
    for word in re.sub(r"/\*.*?\*/", "", part).split("|"):
        try:
            number |= int(word.strip(), 0)
        except ValueError:
            return 0
    return number & 0xFFFFFFFFFFFFFFFF


def words(part):
    names = re.findall(r"/\* (.*?) \*/", part)
    return "|".join(name for name in names if name != "SOCK_CLOEXEC") or part


def run(program, data):
    """The instructions that the compiler writes, and the offsets that they read."""
    a, at, read = 0, 0, set()
    while True:
        code, jt, jf, k = program[at]
        at += 1
        if code == 0x20:
            a = data[k]
            read.add(k)
        elif code == 0x54:
            a &= k
        elif code & 7 == 5:
            taken = {0x05: None, 0x15: a == k, 0x25: a > k, 0x35: a >= k, 0x45: bool(a & k)}[code]
            at += k if taken is None else jt if taken else jf
        elif code == 0x06:
            return k, read
        else:
            raise SystemExit(f"denied: instruction {code:#x} is not one of cordon's")


def seen(number, parts):
    data = collections.defaultdict(int, {0: number, 4: AUDIT_ARCH_X86_64})
    for index, part in enumerate(parts[:6]):
        data[16 + 8 * index] = value(part) & 0xFFFFFFFF
        data[20 + 8 * index] = value(part) >> 32
    return data


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        program = json.load(file)["instructions"]
    counted = collections.Counter()
    for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
        match = LINE.match(line)
        if not match:
            continue
        number, name, parts = int(match[1]), match[2], calls.arguments(match[3])
        if name == "clone":  # strace names its arguments, and shows the flags second
            parts = [part[6:] for part in parts if part.startswith("flags=")]
        answer, read = run(program, seen(number, parts))
        if answer & ~ERRNO_VALUE != ERRNO or answer & ERRNO_VALUE != getattr(errno, match[4], 0):
            continue
        shown = sorted({(offset - 16) // 8 for offset in read if offset >= 16})
        counted[f"{name}({', '.join(words(parts[i]) for i in shown if i < len(parts))}) {match[4]}"] += 1
    for row, count in sorted(counted.items()):
        print(f"{count:6} {row}")


main()
