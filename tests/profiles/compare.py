#!/usr/bin/env python3
"""compare CORDON [--write DOC | --check DOC]: the image profiles beside the default: docs/image-profiles.md.

Fails where one allows, by name, what the default does not, or where its list is not what profiles/derive.py makes.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAMES = ["nginx", "redis", "postgres", "python"]
# What an attacker would ask for next: shown for each.
WANTED = ["ptrace", "mount", "unshare", "setns", "bpf", "keyctl", "perf_event_open", "io_uring_setup", "userfaultfd",
          "process_vm_readv", "kexec_load", "init_module", "open_by_handle_at", "vmsplice", "modify_ldt", "msgget",
          "semget", "shmget", "mq_open", "inotify_init1", "timerfd_create", "signalfd4", "io_setup", "memfd_create",
          "pidfd_open", "splice", "chroot", "personality", "seccomp", "mincore", "mlock", "rt_sigqueueinfo"]


def compiled(cordon, name):
    path = ROOT / f"profiles/{name}.json"
    done = subprocess.run([cordon, "policy", "compile", str(path), "--arch", "x86_64", "--format", "json"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["calls"]


def allowed(calls):
    return {name for name, answer in calls.items() if answer in ("allow", "by argument")}


def main():
    cordon = sys.argv[1]
    default = allowed(compiled(cordon, "default"))
    profiles = {name: allowed(compiled(cordon, name)) for name in NAMES}
    heads = {name: (HERE / f"measured/{name}.calls").read_text().splitlines()[0][2:] for name in [*NAMES, "shell"]}
    seen = {name: {line.split()[0] for line in (HERE / f"measured/{name}.calls").read_text().splitlines()
                   if not line.startswith("#")} for name in [*NAMES, "shell"]}
    wider = {name: sorted(calls - default) for name, calls in profiles.items() if calls - default}
    if wider:
        sys.exit(f"wider than the default: {wider}")
    if len({frozenset(calls) for calls in profiles.values()}) != len(NAMES):
        sys.exit("two profiles allow the same calls")
    if subprocess.run([sys.executable, ROOT / "profiles/derive.py", "--check"], check=False).returncode != 0:
        sys.exit(1)
    kept = {name: json.loads((ROOT / f"profiles/{name}.json").read_text())["capabilities"] for name in NAMES}
    out = ["# The image profiles", "",
           "Made by `tests/profiles/compare.py CORDON --write docs/image-profiles.md`; a test compares. x86_64.", "",
           "The calls of each are those that its program was seen to make under a workload, and those of an entrypoint",
           "script (`tests/profiles/NAME.work`, `shell.work`), followed by strace (`tests/profiles/derive.bash`, kept in",
           "`tests/profiles/measured`); and their families: the same thing under the name that another C library,",
           "architecture or version uses for it. `profiles/derive.py` makes the lists, and keeps of them what the default",
           "allows. The capabilities are written by hand, and the programs tested with them (`tests/integration`).", "",
           "| profile | calls seen | with a shell's | allowed | of the default's | capabilities |", "| --- | --- | --- | --- | --- | --- |"]
    for name in NAMES:
        out.append(f"| {name} | {len(seen[name])} | {len(seen[name] | seen['shell'])} | {len(profiles[name])} | "
                   f"{len(default)} | {', '.join(kept[name])} |")
    out += ["", "## What they close that the default leaves open", "", "| call | " + " | ".join(NAMES) + " |",
            "| --- |" + " --- |" * len(NAMES)]
    for call in WANTED:
        if call in default:
            out.append(f"| {call} | " + " | ".join("open" if call in profiles[name] else "closed" for name in NAMES) + " |")
    out += ["", "Closed in all of them, and in the default too: " + ", ".join(
        f"`{call}`" for call in WANTED if call not in default and not any(call in p for p in profiles.values())) + ".",
            "", "## Measured with", ""] + [f"* {head}" for head in heads.values()]
    text = "\n".join(out) + "\n"
    if sys.argv[2:3] == ["--write"]:
        pathlib.Path(sys.argv[3]).write_text(text)
    elif sys.argv[2:3] == ["--check"] and pathlib.Path(sys.argv[3]).read_text() != text:
        sys.exit(f"{sys.argv[3]} is out of date: compare.py CORDON --write {sys.argv[3]}")
    else:
        print(text if len(sys.argv) < 3 else "parts of the default, and the table is true")


main()
