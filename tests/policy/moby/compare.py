#!/usr/bin/env python3
"""The default profile beside moby's: the table of docs/default-profile.md, and the law that it is a subset.

usage: compare.py CORDON [--write DOC | --check DOC]
"""
import json
import pathlib
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
LISTS = {"CHOWN": 1, "DAC_OVERRIDE": 1, "FOWNER": 1, "FSETID": 1, "KILL": 1, "MKNOD": 0, "NET_BIND_SERVICE": 1,
         "NET_RAW": 0, "SETFCAP": 1, "SETGID": 1, "SETPCAP": 1, "SETUID": 1, "SYS_CHROOT": 1, "AUDIT_WRITE": 0}
WHY = {"MKNOD": "in a user namespace it makes whiteouts only", "NET_RAW": "raw and packet sockets: CVE-2016-8655, "
       "CVE-2020-14386; ping works without it where net.ipv4.ping_group_range allows",
       "AUDIT_WRITE": "the audit log is the host's"}


def decisions(cordon, profile):
    done = subprocess.run([cordon, "policy", "compile", profile, "--arch", "x86_64", "--format", "json"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


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
    return moby, allowed, partly, wider, calls


def document(cordon):
    moby, allowed, partly, wider, calls = table(cordon)
    denied = sorted(set(moby) - allowed - partly)
    narrowed = sorted(name for name in partly if moby.get(name) == "allow")
    out = ["# The default profile beside moby's", "",
           "Made by `tests/policy/moby/compare.py CORDON --write docs/default-profile.md`; a test compares. moby's side is",
           "its published default (read 2026-11) on x86_64 with Docker's capabilities; `tests/policy/moby/allowed.txt`",
           "has the names.", "", "| | moby | cordon |", "| --- | --- | --- |",
           f"| calls allowed whatever the arguments | {sum(1 for v in moby.values() if v == 'allow')} | {len(allowed)} |",
           f"| calls allowed for some arguments | {sum(1 for v in moby.values() if v == 'if')} | {len(partly)} |",
           f"| allowed here and not by moby | | {len(wider)} |",
           f"| capabilities of root inside | {len(LISTS)} | {sum(LISTS.values())} |",
           "| i386 and x32 calls | allowed | killed, ENOSYS |",
           "| new user namespaces | denied | denied |", "",
           "## Calls that moby allows and cordon denies", "", "| call | answer | reason |", "| --- | --- | --- |"]
    out += [f"| {name} | {calls.get(name, 'errno EPERM')} | {REASONS.get(name, 'see the comment in default.json')} |"
            for name in denied]
    out += ["", "## Calls that moby allows whole and cordon in part", "", ", ".join(f"`{name}`" for name in narrowed) +
            ": see the rules of `profiles/default.json` and their comments.", "",
            "## Capabilities that Docker keeps and cordon drops", "", "| capability | reason |", "| --- | --- |"]
    out += [f"| {name} | {WHY[name]} |" for name, kept in LISTS.items() if not kept]
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
