#!/usr/bin/env python3
"""compare CORDON [--write DOC | --check DOC]: the image profiles beside the default: docs/image-profiles.md.

Fails where one is not strictly narrower than the default (cordon policy diff: every number, every bit of the
arguments, and the other walls), where it denies what was measured, or is not what profiles/derive.py makes.
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


def narrower(cordon, name, arch):
    """That `policy diff` finds differences from the default, and none of them wider."""
    done = subprocess.run([cordon, "policy", "diff", "--arch", arch, ROOT / "profiles/default.json",
                           ROOT / f"profiles/{name}.json"], capture_output=True, text=True, check=False)
    if done.returncode != 1:
        sys.exit(f"{name} is not a part of the default on {arch} ({done.returncode}):\n{done.stdout}{done.stderr}")


# What was seen and is denied: programs go on to clone, and no profile here keeps SYS_CHROOT.
GO_ON_WITHOUT = {"clone3", "chroot"}


def allowed(calls):
    return {name for name, answer in calls.items() if answer in ("allow", "by argument")}


def main():
    cordon = sys.argv[1]
    default = allowed(compiled(cordon, "default"))
    profiles = {name: allowed(compiled(cordon, name)) for name in NAMES}
    heads = {name: (HERE / f"measured/{name}.calls").read_text().splitlines()[0][2:] for name in [*NAMES, "shell"]}
    seen = {name: {line.split()[0] for line in (HERE / f"measured/{name}.calls").read_text().splitlines()
                   if not line.startswith("#")} for name in [*NAMES, "shell"]}
    for name in NAMES:
        for arch in ("x86_64", "aarch64"):
            narrower(cordon, name, arch)
        denied = (seen[name] | seen["shell"]) - profiles[name] - GO_ON_WITHOUT
        if denied:
            sys.exit(f"{name} denies what was measured: {sorted(denied)}")
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
           "allows: `cordon policy diff default NAME` proves that none is wider anywhere. A server's `ioctl` and `prctl` have",
           "the requests that were seen and a margin: terminals, descriptors, addresses, names of threads, giving up",
           "privileges; and a server may execute only what is where images have their programs (Landlock). python is a",
           "platform, whose programs may ask for others, and has neither.", "",
           "A profile keeps the capabilities that its workload fails without, each tried by itself, and works with those",
           "alone (`tests/profiles/capabilities.bash`). nginx does without KILL: its master talks to the workers through",
           "sockets, and needs it only for a worker that does not listen any more, which then ends with the container.", "",
           "In `tests/integration/profiles.bats` every workload runs in a container behind its profile, and again with the",
           "profile's default decision turned to killing the process: a denied call would end the workload.", "",
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
