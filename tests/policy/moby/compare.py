#!/usr/bin/env python3
"""The default profile beside moby's: the table of docs/default-profile.md, and the law that it is a subset.

usage: compare.py CORDON [--write DOC | --check DOC]
"""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import moby_profile  # noqa: E402
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
DOCKER = set(moby_profile.DOCKER)
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


def wider_by_diff(cordon):
    """What `policy diff` finds wider than moby's: for every number and all bits of the arguments, on x86_64, i386 and
    x32, and in the other walls of Docker's container."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(moby_profile.cordon(), file)
        file.flush()
        done = subprocess.run([cordon, "policy", "diff", file.name, "default", "--arch", "x86_64", "--json"],
                              capture_output=True, text=True, check=False)
    rows = json.loads(done.stdout)
    if done.returncode not in (1, 2) or not any(row["direction"] == "narrower" for row in rows):
        sys.exit(f"policy diff ended with {done.returncode}: {done.stderr}")
    wider = [row.get("witness", {}).get("call", row["subject"]) for row in rows if row["direction"] == "wider"]
    return wider + ["?"] * (done.returncode == 2 and not wider)


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
    wider += wider_by_diff(cordon)
    return moby, allowed, partly, wider, calls


def document(cordon):
    moby, allowed, partly, wider, calls = table(cordon)
    kept = capabilities(cordon)
    denied = sorted(set(moby) - allowed - partly)
    narrowed = sorted(name for name in partly if moby.get(name) == "allow")
    out = ["# The default profile beside moby's", "",
           "Made by `tests/policy/moby/compare.py CORDON --write docs/default-profile.md`; a test compares. moby's side is",
           "its published default (read 2026-11) on x86_64 with Docker's capabilities, as `tests/policy/moby/moby_profile.py` makes",
           "it of facts: `cordon policy diff` found that equal to the published text for every architecture word, number and",
           "argument. The same command finds nothing wider in the default profile: no call of x86_64, i386 or x32 with any",
           "arguments, no capability, no path.",
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
