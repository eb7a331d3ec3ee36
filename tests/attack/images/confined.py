#!/usr/bin/env python3
"""C5: what the helper is while it reads hostile bytes, as the kernel tells it; and that one byte of a damaged
or slow image leaves no process behind.
"""

import os
import pathlib
import signal
import subprocess
import time

from ground import Ground, rawtar as t

ground = Ground()
NAMESPACES = ("user", "mnt", "net", "ipc", "uts")
# CHOWN DAC_OVERRIDE FOWNER FSETID MKNOD SETFCAP
UNPACKING = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 27 | 1 << 31


def helpers(parent):
    """Process ids of our helper below a process."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().split("(", 1)[1].rsplit(")", 1)
            if name == "layer" and int(rest.split()[1]) == parent:
                found.append(int(stat.parent.name))
        except (OSError, ValueError):
            continue
    return found


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def look(pid):
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {
        "capabilities": {k: int(status[k], 16) for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")},
        "seccomp": int(status["Seccomp"]), "no_new_privs": int(status["NoNewPrivs"]), "threads": int(status["Threads"]),
        "namespaces": [n for n in NAMESPACES if os.readlink(f"/proc/{pid}/ns/{n}") == os.readlink(f"/proc/self/ns/{n}")],
    }


def watch(process, allowed):
    """Looks at the helper until it is confined with these capabilities, for two minutes at most."""
    end, last = time.monotonic() + 120, "no helper was seen"
    while time.monotonic() < end and process.poll() is None:
        for pid in helpers(process.pid):
            try:
                seen = look(pid)
            except (OSError, KeyError, ValueError):
                continue
            last = seen
            if seen["seccomp"] == 2 and seen["capabilities"]["CapEff"] == allowed:
                return seen
        time.sleep(0.002)
    return last


def judge(title, seen, allowed):
    problem = None
    if not isinstance(seen, dict):
        problem = seen
    elif seen["capabilities"] != {"CapInh": 0, "CapPrm": allowed, "CapEff": allowed, "CapBnd": allowed, "CapAmb": 0}:
        problem = seen["capabilities"]
    elif (seen["seccomp"], seen["no_new_privs"], seen["threads"], seen["namespaces"]) != (2, 1, 1, []):
        problem = seen
    ground.check(title, problem)


def start(*arguments, **options):
    return subprocess.Popen([ground.cordon, *map(str, arguments)], env=ground.environment, text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


# A slow image: the bytes stop in the middle.
process = start("import", "-", "slow")
process.stdin.write("x" * 1000)
process.stdin.flush()
judge("while an import is taken in", watch(process, 0), 0)
process.kill()
process.wait()
process = start("load")
process.stdin.write("x" * 1000)
process.stdin.flush()
seen = watch(process, 0)
judge("while an archive is read", seen, 0)
pids = helpers(process.pid)
process.send_signal(signal.SIGKILL)
process.wait()
end = time.monotonic() + 30
while any(alive(p) for p in pids) and time.monotonic() < end:
    time.sleep(0.05)
ground.check("the helper dies with cordon", [p for p in pids if alive(p)] or None)

image = ground.folder / "many.tar"
image.write_bytes(t.archive(*(t.entry(f"f{i}", data=b"x" * 3000) for i in range(20000))))
process = start("import", image, "many")
seen = watch(process, UNPACKING)
process.communicate()
judge("while a layer is unpacked", seen, UNPACKING)
ground.clear()
# Whatever was killed above is swept by now.
ground.check("nothing is left", ground.left_over() or None)
ground.finish()
