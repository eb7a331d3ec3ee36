#!/usr/bin/env python3
"""The default profile beside moby's: the table of docs/default-profile.md, and the law that it is a subset.

usage: compare.py CORDON [--write DOC | --check DOC]
"""
import json
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
REASONS = {
    "modify_ldt": "16-bit and DOS programs; BadIRET and its kin (CVE-2014-9322, CVE-2015-3290, CVE-2015-5157)",
    "fanotify_mark": "useless without fanotify_init, which needs SYS_ADMIN",
    "vmsplice": "no ordinary user; the first half of Dirty Pipe's and CVE-2008-0600's history",
    "memfd_secret": "ENOSYS: secret memory hides from the host's own tools",
    "ptrace": "looking into other processes: --cap-add SYS_PTRACE opens it",
    "process_vm_readv": "as ptrace",
    "process_vm_writev": "as ptrace",
    "statmount": "mounts of the whole namespace; /proc/self/mountinfo stays",
    "listmount": "as statmount",
}
DOCKER = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP",
          "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "AUDIT_WRITE"}
WHY = {"MKNOD": "in a user namespace it makes whiteouts only", "NET_RAW": "raw and packet sockets: CVE-2016-8655, "
       "CVE-2020-14386; ping does not work without it, since ICMP sockets are denied too",
       "AUDIT_WRITE": "the audit log is the host's"}


def decisions(cordon, profile):
    done = subprocess.run([cordon, "policy", "compile", profile, "--arch", "x86_64", "--format", "json"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def capabilities(cordon):
    done = subprocess.run([cordon, "policy", "show", "default"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout)["capabilities"])


def run(program, number, *arguments):
    """One call through a seccomp program; a small interpreter of the instructions that emit.c writes."""
    data = struct.pack("<IIQ6Q", number, 0xC000003E, 0, *[*arguments, 0, 0, 0, 0, 0, 0][:6])
    a = place = 0
    while True:
        code, yes, no, k = program[place]
        place += 1
        if code == 0x20:
            a = struct.unpack_from("<I", data, k)[0]
        elif code == 0x54:
            a &= k
        elif code == 0x05:
            place += k
        elif code == 0x06:
            return k
        else:
            test = {0x15: a == k, 0x25: a > k, 0x35: a >= k, 0x45: bool(a & k)}[code]
            place += yes if test else no


# What moby's conditions say of the three calls it allows for some arguments (facts of its published default).
SAMPLES = {
    "socket": (41, [(d, t, p) for d in range(64) for t in range(1, 11) for p in (0, 1, 6, 17, 58, 132, 255)],
               lambda d, *_: d not in (38, 40)),
    "personality": (135, [(v,) for v in [0, 8, 0x20000, 0x20008, 0xFFFFFFFF, *[1 << n for n in range(32)]]],
                    lambda v: v in (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)),
    "clone": (56, [(v,) for v in [0, 17, 0x3D0F00, *[1 << n for n in range(32)]]], lambda v: v & 0x7E020000 == 0),
}


def wider_by_argument(cordon):
    """Arguments (a sample) that the default allows and moby does not."""
    done = subprocess.run([cordon, "policy", "compile", "default", "--arch", "x86_64", "--format", "bpf"],
                          capture_output=True, check=True)
    program = list(struct.iter_unpack("<HBBI", done.stdout))
    return [f"{name}{arguments}" for name, (number, samples, allows) in SAMPLES.items() for arguments in samples
            if run(program, number, *arguments) == 0x7FFF0000 and not allows(*arguments)]


def table(cordon):
    rows = (line.split() for line in (HERE / "allowed.txt").read_text().splitlines())
    known = {line.split("\t")[0] for line in (HERE / "../../../profiles/syscalls.tsv").read_text().splitlines()
             if not line.startswith("#") and line.split("\t")[1] != "-"}
    moby = {row[0]: "if" if len(row) > 1 else "allow" for row in rows if row[0] in known}
    ours = decisions(cordon, "default")
    calls = ours["calls"]
    allowed = {name for name, answer in calls.items() if answer == "allow"}
    partly = {name for name, answer in calls.items() if answer == "by argument"}
    wider = sorted((allowed | partly) - set(moby))
    wider += sorted(name for name in allowed if moby.get(name) == "if")
    wider += wider_by_argument(cordon) + sorted(capabilities(cordon) - DOCKER)
    return moby, allowed, partly, wider, calls


def document(cordon):
    moby, allowed, partly, wider, calls = table(cordon)
    kept = capabilities(cordon)
    denied = sorted(set(moby) - allowed - partly)
    narrowed = sorted(name for name in partly if moby.get(name) == "allow")
    out = ["# The default profile beside moby's", "",
           "Made by `tests/policy/moby/compare.py CORDON --write docs/default-profile.md`; a test compares. moby's side is",
           "its published default (read 2026-11) on x86_64 with Docker's capabilities; `tests/policy/moby/allowed.txt`",
           "has the names. Calls that moby allows for some arguments are compared on samples of them, the rest by name.",
           "What programs do behind it, and what they are denied: [default-programs.md](default-programs.md).", "", "| | moby | cordon |", "| --- | --- | --- |",
           f"| calls allowed whatever the arguments | {sum(1 for v in moby.values() if v == 'allow')} | {len(allowed)} |",
           f"| calls allowed for some arguments | {sum(1 for v in moby.values() if v == 'if')} | {len(partly)} |",
           f"| allowed here and not by moby | | {len(wider)} |",
           f"| capabilities of root inside | {len(DOCKER)} | {len(kept)} |",
           "| i386 and x32 calls | allowed | killed, ENOSYS |",
           "| new user namespaces | denied | denied |", "",
           "## Calls that moby allows and cordon denies", "", "| call | answer | reason |", "| --- | --- | --- |"]
    out += [f"| {name} | {calls.get(name, 'errno EPERM')} | {REASONS.get(name, 'see the comment in default.json')} |"
            for name in denied]
    out += ["", "## Calls that moby allows whole and cordon in part", "", ", ".join(f"`{name}`" for name in narrowed) +
            ": see the rules of `profiles/default.json` and their comments.", "",
            "## Capabilities that Docker keeps and cordon drops", "", "| capability | reason |", "| --- | --- |"]
    out += [f"| {name} | {WHY[name]} |" for name in sorted(DOCKER - kept)]
    return "\n".join(out) + "\n", wider


def main():
    text, wider = document(sys.argv[1])
    if wider:
        sys.exit("the default profile allows what moby's does not: " + ", ".join(wider))
    if sys.argv[2:3] == ["--write"]:
        pathlib.Path(sys.argv[3]).write_text(text)
    elif sys.argv[2:3] == ["--check"] and pathlib.Path(sys.argv[3]).read_text() != text:
        sys.exit(f"{sys.argv[3]} is out of date: compare.py CORDON --write {sys.argv[3]}")
    else:
        print(text if len(sys.argv) < 3 else "subset, and the table is true")


main()
