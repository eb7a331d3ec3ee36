#!/usr/bin/env python3
"""Every system call of a launch and of an exec fails once: no container runs with a wall less.

strace makes one call of one process fail with an error the kernel knows, and lets go of it when it executes the command.
The command is `walls`, which says every wall it can see from inside. It says all that it says without a fault, or it does
not run; and nothing is left that runs.

A kernel (or what stands for one) that says "done" and does nothing is found out where the kernel can be asked: the filter,
no_new_privs, the sets of capabilities.

COUNT   faults of each campaign (24); 0 is all of them: each call of each process, with every error; -1 with one error each
SEED    which of them, where they are not all
"""

import collections
import os
import random
import re
import shutil
import subprocess

from ground import Ground, need, rawtar as t

need("busybox", "strace")
ATTACKERS = os.environ.get("ATTACKERS", "")
COUNT, SEED = int(os.environ.get("COUNT", "24")), int(os.environ.get("SEED", "1"))
# Of a kernel that refuses, is full, is old. Some are no faults: what is not there is not hidden (ENOENT), where the kernel has
# no keys (ENOSYS of keyctl) nobody can ask for them, and some signals are as they are (EINVAL of rt_sigaction).
ERRORS = ["EPERM", "ENOMEM", "ENOSYS", "EACCES", "EINVAL", "EIO", "EMFILE", "ENOSPC"]
NO_FAULTS = {("keyctl", "ENOSYS"), ("rt_sigaction", "EINVAL")}
# Where these fail in the engine, what the command said is lost from there on.
CARRIERS = {"read", "write", "ppoll", "sendto", "recvfrom"}
# What says nothing when it fails, and what strace cannot make fail.
LEFT_ALONE = {"exit_group", "exit", "rt_sigreturn", "restart_syscall", "execve", "brk", "arch_prctl", "set_tid_address",
              "set_robust_list", "rseq", "vfork"}

ground = Ground()
# Traced, a program with capabilities of its own gets none: hence one id, and no newuidmap.
ground.environment["CORDON_SIMULATE_MISSING"] = "newuidmap"
entries = [t.folder("bin"), t.folder("tmp", mode=0o1777), t.folder("m"), t.folder("work"),
           t.entry("bin/walls", data=open(f"{ATTACKERS}/attack_walls", "rb").read(), mode=0o755),
           t.entry("bin/sleep", data=open(shutil.which("busybox"), "rb").read(), mode=0o755),
           t.entry("etc/passwd", data=b"root:x:0:0::/:/bin/sh\n"), t.entry("etc/group", data=b"root:x:0:\n")]
tar = ground.folder / "walls.tar"
tar.write_bytes(t.archive(*entries))
assert ground.run("import", tar, "walls").returncode == 0
shared = ground.folder / "shared"
shared.mkdir()
THEIRS = [os.readlink(f"/proc/self/ns/{name}") for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")]
# SYS_ADMIN lets each wall show by itself; what it asks for is there to be forgotten.
OPTIONS = ["--network", "none", "--cap-add", "SYS_ADMIN", "--cap-drop", "CHOWN", "--hostname", "inside", "-w", "/work", "--ulimit", "nofile=99:99",
           "--read-only", "-v", f"{shared}:/m:ro", "--env", "A=B"]
log = ground.folder / "trace"


def traced(words, *inject):
    options = [f"--inject={fault}" for fault in inject]
    command = ["timeout", "-k", "5", "30", "strace", "-f", "-qq", "-b", "execve", *options, "-o", str(log), ground.cordon, *words]
    return subprocess.run(command, env=ground.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)


def calls_of(words):
    """What can fail: {call: the most one process makes}."""
    result = traced(words)
    counts = collections.Counter()
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found:
            counts[found[1], found[2]] += 1
    most = collections.Counter()
    for (_, call), count in counts.items():
        if call not in LEFT_ALONE:
            most[call] = max(most[call], count)
    return result, most


def faults(most):
    every = [(call, number, error) for call in sorted(most) for number in range(1, most[call] + 1) for error in ERRORS
             if (call, error) not in NO_FAULTS]
    if COUNT == 0:
        return every
    if COUNT < 0:
        return [fault for place, fault in enumerate(every) if (place // len(ERRORS) + SEED) % len(ERRORS) == place % len(ERRORS)]
    # of each call one, in the order of chance; then whatever comes
    chance = random.Random(SEED)
    chance.shuffle(every)
    seen, first, rest = set(), [], []
    for fault in every:
        (rest if fault[0] in seen else first).append(fault)
        seen.add(fault[0])
    return (first + rest)[:COUNT]


def same_walls(said, whole):
    """The same lines; but a filter more (where there is no keyring, one stands for it: sandbox/latch.c), and without the
    cgroups, which are to be looked at, and are not there where they cannot be mounted."""
    count = re.compile(rb"(Seccomp_filters:\s+)(\d+)")
    have, wanted = (int((count.search(text) or [0, 0, b"-1"])[2]) for text in (said, whole))
    said, whole = (re.sub(rb"mount /sys/fs/cgroup .*\n", b"", count.sub(rb"\1", text)) for text in (said, whole))
    return have >= wanted and said == whole


def judge(result, whole, keeps, call=""):
    said = result.stdout
    if result.returncode == 124 or result.returncode == 137 and not said:
        return f"it hangs: {result.stderr[-300:]}"
    lost = call in CARRIERS and whole.startswith(said)
    if said and not lost and not same_walls(said, whole):
        differ = set(said.splitlines()) ^ set(whole.splitlines())
        return "it runs with other walls: " + b"; ".join(sorted(differ)[:6]).decode(errors="replace") + f" ({result.stderr[-200:]})"
    if not said and not lost and result.returncode == 0:
        return "it says that it ran"
    running = ground.run("ps", "-q", "--no-trunc").stdout.split()
    if sorted(running) != sorted(keeps):
        return f"left: {running}"
    return None


def campaign(name, words, keeps=()):
    result, most = calls_of(words)
    again, _ = calls_of(words)
    whole = result.stdout
    if not whole.endswith(b"end\n") or whole != again.stdout or b"\ntry filter: keyctl: Operation not permitted\n" not in whole:
        ground.check(name, f"without a fault: {whole.decode()} {result.stderr.decode()}")
        return
    for call, number, error in faults(most):
        problem = judge(traced(words, f"{call}:error={error}:when={number}"), whole, keeps, call)
        if problem:
            ground.check(f"{name}: {call} {number} {error}", problem)
    ground.check(f"{name}: {len(most)} calls, {sum(most.values())} times", None)


def lies(name, words, keeps=()):
    """Calls that are said to be done and are not. prctl 1 to 41 and more of the bounding set are among them."""
    for call, wall in (("seccomp", "the system call filter"), ("prctl", "")):
        result = traced(words, f"{call}:retval=0")
        if b"does not enforce" not in result.stderr or wall.encode() not in result.stderr:
            ground.check(f"{name}: {call} that does nothing", f"{result.stdout.decode()} {result.stderr.decode()}")
        else:
            ground.check(f"{name}: {call} that does nothing", judge(result, b"\0", keeps) if not result.stdout else None)


run = ["run", "--rm", *OPTIONS, "walls", "walls", *THEIRS]
campaign("run", run)
lies("run", run)
held = ground.run("run", "-d", *OPTIONS, "walls", "sleep", "1000").stdout.strip()
enter = ["exec", held, "walls", *THEIRS]
campaign("exec", enter, keeps=[held])
lies("exec", enter, keeps=[held])
ground.run("rm", "-f", held)
ground.finish()
