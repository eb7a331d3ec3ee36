#!/usr/bin/env python3
"""Prints what moby's default seccomp profile allows on x86_64 with Docker's default capabilities: a name a line,
with "if" behind it where the answer depends on arguments.

usage: facts.py MOBY-DEFAULT.JSON >allowed.txt
"""
import json
import sys

DOCKER = {"CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
          "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"}


def applies(rule):
    includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
    if includes.get("arches") and "amd64" not in includes["arches"]:
        return False
    if not all(cap[4:] in DOCKER for cap in includes.get("caps") or []):
        return False
    return not any(cap[4:] in DOCKER for cap in excludes.get("caps") or [])


def main():
    answers = {}
    with open(sys.argv[1]) as file:
        for rule in json.load(file)["syscalls"]:
            if rule["action"] == "SCMP_ACT_ALLOW" and applies(rule):
                for name in rule["names"]:
                    if not rule.get("args"):
                        answers[name] = ""
                    answers.setdefault(name, " if")
    for name in sorted(answers):
        print(name + answers[name])


main()
