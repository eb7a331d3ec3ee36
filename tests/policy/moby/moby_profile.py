#!/usr/bin/env python3
"""moby's default seccomp profile, as Docker's default capabilities leave it on x86_64, made of facts: allowed.txt has
the names (facts.py reads them out of moby's file), the conditions of the few calls that have some are below.

usage: moby_profile.py docker|cordon >FILE

docker: a file in Docker's form. cordon: a profile of schema 1 that says the same of calls and has the rest of a
container of Docker's, to be compared with `cordon policy diff`.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
DOCKER = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID",
          "SETPCAP", "SETUID", "SYS_CHROOT", "AUDIT_WRITE"]
# Docker's MaskedPaths and ReadonlyPaths.
HIDDEN = ["/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
          "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
NAMESPACES = 0x7E020000
PERSONAS = [0, 8, 0x20000, 0x20008, 0xFFFFFFFF]
DOMAINS = [("SCMP_CMP_LT", 38), ("SCMP_CMP_EQ", 39), ("SCMP_CMP_GT", 40)]


def names():
    """Those allowed whatever the arguments, and those allowed for some."""
    rows = [line.split() for line in (HERE / "allowed.txt").read_text().splitlines()]
    return [row[0] for row in rows if len(row) == 1], {row[0] for row in rows if len(row) > 1}


def docker():
    def entry(name, op, value, two=0):
        return {"names": [name], "action": "SCMP_ACT_ALLOW",
                "args": [{"index": 0, "value": value, "valueTwo": two, "op": op}]}
    return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
            "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
            "syscalls": [{"names": names()[0], "action": "SCMP_ACT_ALLOW"},
                         *[entry("socket", op, value) for op, value in DOMAINS],
                         *[entry("personality", "SCMP_CMP_EQ", value) for value in PERSONAS],
                         entry("clone", "SCMP_CMP_MASKED_EQ", NAMESPACES),
                         {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}


def cordon():
    known = {line.split("\t")[0] for line in (HERE / "../../../profiles/syscalls.tsv").read_text().splitlines()}
    when = [{"call": "socket", "when": {"domain": {"not": [38, 40]}}},
            {"call": "personality", "when": {"persona": {"in": PERSONAS}}},
            {"call": "clone", "when": {"flags": {"mask": NAMESPACES, "is": 0}}}]
    return {"schema": 1, "name": "moby",
            "syscalls": {"architectures": ["i386", "x32"],
                         "rules": [{"call": "clone3", "decision": {"errno": "ENOSYS"}}],
                         "allow": [name for name in names()[0] if name in known] + when},
            "capabilities": DOCKER, "idmap": "range",
            "filesystem": {"mask": {"hide": HIDDEN, "read-only": READ_ONLY}, "landlock": False}}


def main():
    if names()[1] != {"socket", "personality", "clone"}:
        sys.exit("allowed.txt: other calls have conditions than are known here")
    json.dump({"docker": docker, "cordon": cordon}[sys.argv[1]](), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
