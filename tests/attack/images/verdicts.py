#!/usr/bin/env python3
"""D7: what a container's filter answers to every number of the three ways into the kernel, asked in the container
(verdicts.c), is what the compiled program says, run by a BPF interpreter of a few plain lines; and so is exec's.

The program is that of `cordon policy compile`; arguments are 0, with which a call that depends on them is asked as well.
"""

import os
import pathlib
import struct

from ground import Ground, need, rawtar as t

if os.uname().machine != "x86_64":
    need("the-machine-of-this-test-x86_64")
ground = Ground()
prober = pathlib.Path(os.environ["ATTACKERS"]) / "attack_verdicts"
tar = ground.folder / "verdicts.tar"
tar.write_bytes(t.archive(t.folder("bin"), t.entry("bin/verdicts", data=prober.read_bytes(), mode=0o755)))
assert ground.run("import", tar, "verdicts").returncode == 0
NATIVE, I386, X32 = 0xC000003E, 0x40000003, 0x40000000
KILL, ERRNO, ALLOW, LOG = (0x80000000, 0), 0x00050000, 0x7FFF0000, 0x7FFC0000
ENOSYS = 38
# uretprobe and uprobe: since Linux 6.14 no filter is asked (kernel/seccomp.c, seccomp_uprobe_exception), because a probe of
# the host's would kill the container. Outside of a probe they do nothing but fail.
UNFILTERED = {335, 336}


def answer(program, architecture, number):
    """Runs the filter for a call without arguments."""
    data = struct.pack("<iIQ6Q", number if number < 2 ** 31 else number - 2 ** 32, architecture, 0, *[0] * 6)
    a = x = at = 0
    memory = [0] * 16
    while True:
        code, jt, jf, k = program[at]
        at += 1
        value = x if code & 8 else k
        if code == 0x20:
            a = struct.unpack_from("<I", data, k)[0]
        elif code & 7 == 0x06:
            return a if code & 0x18 == 0x10 else k
        elif code & 7 == 0x05:
            taken = {0x10: a == value, 0x20: a > value, 0x30: a >= value, 0x40: a & value != 0}.get(code & 0xF0)
            at += k if taken is None else jt if taken else jf
        elif code & 7 == 0x04:
            a = {0x00: a + value, 0x10: a - value, 0x40: a | value, 0x50: a & value, 0x60: a << value, 0x70: a >> value, 0xA0: a ^ value}[code & 0xF0] & 0xFFFFFFFF
        elif code == 0x00:
            a = k
        elif code == 0x07:
            x = a
        elif code == 0x87:
            a = x
        elif code in (0x02, 0x03):
            memory[k] = a if code == 0x02 else x
        elif code in (0x60, 0x61):
            a, x = (memory[k], x) if code == 0x60 else (a, memory[k])
        else:
            raise ValueError(f"an instruction of code {code:#x}")


def word(value):
    """As verdicts.c says it."""
    if value in KILL:
        return "killed"
    if value & 0xFFFF0000 in (ALLOW, LOG) or value == ERRNO | ENOSYS:
        return "-"
    return str(value & 0xFFFF) if value & 0xFFFF0000 == ERRNO else hex(value)


# Those of the servers let no program put up a filter of its own; their programs are proved, and probed by
# tests/integration/profiles.bats.
# Nor does strict: it is asked with that door open.
opened = ground.folder / "opened.json"
opened.write_text('{"schema": 1, "name": "opened", "extends": ["strict"], "syscalls": {"allow": ['
                  '{"call": "prctl", "when": {"option": {"is": "PR_SET_SECCOMP"}}}]}}')
shut = ground.run("run", "--rm", "--network", "none", "--profile", "strict", "verdicts", "/bin/verdicts")
ground.check("D7: strict lets nobody put up a filter", None if shut.returncode != 0 and not shut.stdout else shut.stdout[:200])
for profile in ("default", str(opened), "python"):
    binary = ground.folder / "filter"
    result = ground.run("policy", "compile", "--format", "bpf", "-o", binary, profile)
    program = list(struct.iter_unpack("<HBBI", binary.read_bytes()))
    ground.run("run", "-d", "--network", "none", "--profile", profile, "--name", "asked", "verdicts", "/bin/verdicts")
    ground.run("wait", "asked")
    lines = ground.run("logs", "asked").stdout.splitlines()
    ground.run("rm", "-f", "asked")
    wrong, seen = [], {}
    for line in lines:
        way, number, said = line.split()
        architecture, call = (I386, int(number)) if way == "i386" else (NATIVE, int(number) | (X32 if way == "x32" else 0))
        wanted = word(answer(program, architecture, call))
        if said != wanted and call not in UNFILTERED and (way, said) != ("i386", "absent"):
            wrong.append(f"{line}, not {wanted}")
        seen[way, said] = seen.get((way, said), 0) + 1
    # i386 kills whoever takes it (some hypervisors have no such way at all); x32, which Debian's kernel has not, answers ENOSYS.
    closed = all(said in {"i386": ("killed", "absent"), "x32": ("-",)}[way] for way, said in seen if way != "x86_64")
    problem = "\n".join(wrong[:20]) or (f"{len(lines)} lines: {result.stderr}" if len(lines) != 1800 else None) or (None if closed else f"not closed: {seen}")
    ground.check(f"D7: profile {profile}: {dict(sorted((' '.join(k), v) for k, v in seen.items()))}", problem)
ground.finish()
