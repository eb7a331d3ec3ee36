#!/usr/bin/env python3
"""A6, A7 (CVE-2022-1227, CVE-2019-14271): the engine runs no program of an image, and loads nothing from it.

The image brings its own nsenter, ps, sh, id, getent and so on, which would leave a mark, and a libnss, an ld.so.preload and
an nsswitch.conf that name a library of its own. Every command of cordon's is traced: what is executed is cordon, its
helpers, or what the user asked for; and a process that is in the container's mounts already, and not yet the container's,
opens but the two files that say who a user is.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

from ground import Ground, need, rawtar as t

need("busybox", "strace")
ground = Ground()
BUSYBOX = open(shutil.which("busybox"), "rb").read()
FAKES = ["nsenter", "ps", "sh", "id", "getent", "newuidmap", "newgidmap", "pasta", "tar", "gzip", "unshare", "setpriv", "ip", "mount", "layer", "cordon", "ldconfig", "ldd", "find", "du",
         "stat", "bash", "env", "sudo", "conmon", "crun", "runc", "systemctl", "ld.so"]
LIBRARIES = ["libnss_files.so.2", "libnss_compat.so.2", "libnss_dns.so.2", "libnss_systemd.so.2", "libc.so.6", "ld-linux-x86-64.so.2", "libgcc_s.so.1", "libcap-ng.so.0", "libseccomp.so.2", "evil.so"]
SCRIPT = b"#!/bin/busybox sh\n/bin/busybox touch /marks/$(/bin/busybox basename $0)\n"
entries = [t.folder("bin"), t.entry("bin/busybox", data=BUSYBOX, mode=0o755), t.symlink("bin/sleep", "busybox"), t.symlink("bin/cat", "busybox"), t.folder("marks", mode=0o1777),
           t.entry("etc/passwd", data=b"root:x:0:0::/:/bin/sh\nann:x:77:77::/:/bin/sh\n"), t.entry("etc/group", data=b"root:x:0:\nstaff:x:50:ann\n"),
           t.entry("etc/ld.so.preload", data=b"/lib/evil.so\n"), t.entry("etc/ld.so.cache", data=b"evil"), t.entry("etc/nsswitch.conf", data=b"passwd: evil files\ngroup: evil files\n"),
           t.entry("usr/lib/locale/locale-archive", data=b"evil"), t.entry("usr/lib/x86_64-linux-gnu/gconv/gconv-modules", data=b"module evil// INTERNAL evil 1\n")]
for folder in ("bin", "usr/bin", "sbin", "usr/sbin", "usr/local/bin", "usr/libexec/cordon"):
    entries += [t.entry(f"{folder}/{name}", data=SCRIPT, mode=0o755) for name in FAKES]
for folder in ("lib", "lib64", "usr/lib", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"):
    entries += [t.entry(f"{folder}/{name}", data=b"\x7fELF evil", mode=0o755) for name in LIBRARIES]
tar = ground.folder / "foreign.tar"
tar.write_bytes(t.archive(*entries))
# Traced, a program with capabilities of its own gets none: hence one id, and no newuidmap.
ground.environment["CORDON_SIMULATE_MISSING"] = "newuidmap"
assert ground.run("import", tar, "foreign").returncode == 0
log = ground.folder / "trace"
libexec = ground.run("info", "-f", "{{.LibexecDir}}").stdout.strip()
OURS = {str(pathlib.Path(ground.cordon)), "/proc/self/exe", "/usr/bin/newuidmap", "/usr/bin/newgidmap", "/usr/bin/pasta", "/usr/bin/passt.avx2", "/usr/bin/getent", f"{libexec}/layer", f"{libexec}/registry"}
# Where a process may be by then: the container's root, of which it needs these.
INSIDE = {"/", ".", "/etc/passwd", "/etc/group", "/dev/null", "/dev/ptmx", "/dev/pts", "/proc", "/bin/sleep", "/bin/cat"}


def traced(*words, stdin=None):
    """The rows of strace: [(pid, call, path)]. A path that strace cannot read is "?": the process is not dumpable any more.
    An openat2 that is told to stay beneath its descriptor is "beneath".
    Who enters other namespaces and keeps its mounts, as pasta does, is not in the container."""
    command = ["timeout", "20", "strace", "-f", "-y", "-s", "300", "-e", "trace=execve,execveat,mmap,open,openat,openat2,pivot_root,chroot,setns", "-o", str(log), ground.cordon, *map(str, words)]
    result = subprocess.run(command, env=ground.environment, input=stdin, capture_output=True, timeout=120, check=False)
    rows = []
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\((.*)", line)
        if found and found[2] == "mmap":
            loaded = re.search(r"PROT_EXEC.*<([^>]*)>", line)
            if loaded and ("evil" in loaded[1] or str(ground.data) in loaded[1]):
                rows.append((int(found[1]), "mmap", loaded[1]))
        elif found and "ENOENT" not in line and not (found[2] == "setns" and "CLONE_NEWNS" not in line):
            path = re.search(r'"([^"]*)"', found[3])
            beneath = found[2] == "openat2" and ("RESOLVE_IN_ROOT" in line or "RESOLVE_BENEATH" in line)
            rows.append((int(found[1]), "beneath" if beneath else found[2], path[1] if path else "?"))
    return rows, result


def judge(words, rows, runs):
    executed = [path for _, call, path in rows if call.startswith("execve")]
    asked = [path for path in executed if path not in OURS]
    if any(path not in ("?", "/bin/sleep", "/bin/cat") for path in asked):
        return f"executed {asked}"
    if len(asked) > runs:
        return f"executed {len(asked)} programs of the container: {asked}"
    # The layer helper makes the folder it works in its root: names below a descriptor are its work, whole paths are not.
    entered, at_work = set(), set()
    for pid, call, path in rows:
        if call in ("pivot_root", "chroot", "setns"):
            (at_work if call == "chroot" and path == "." else entered).add(pid)
        elif call.startswith("execve"):
            entered.discard(pid)
            at_work.discard(pid)
            if path not in OURS:
                break
        elif pid in entered and path not in INSIDE and path != "?" and not path.startswith("/proc/"):
            return f"opened {path} in the container"
        elif pid in at_work and call.startswith("open") and path.startswith("/"):
            return f"opened {path} where an image's files are"
        if call == "mmap":
            return f"loaded {path}"
    return None


def marks():
    """What the fakes have left in any container's root."""
    return [str(p) for p in ground.data.glob("containers/*/upper/marks/*")]


def command(*words, runs=0, status=(0,)):
    rows, result = traced(*words)
    problem = None if result.returncode in status else f"status {result.returncode}: {result.stderr.decode(errors='replace')}"
    ground.check(f"{' '.join(words)[:60]} ({len(rows)} calls)", problem or judge(words, rows, runs) or marks() or (None if rows else "nothing was traced"))


ONE = ["--network", "none"]
command("run", "--rm", *ONE, "foreign", "/bin/cat", "/etc/passwd", runs=1)
command("run", "--rm", *ONE, "-u", "root:root", "--group-add", "root", "foreign", "/bin/cat", runs=1)
command("run", "--rm", *ONE, "--init", "-t", "foreign", "/bin/cat", "/etc/passwd", runs=1)
command("run", "--rm", *ONE, "-u", "nobody-here", "foreign", "/bin/cat", runs=0, status=(125, 126))
command("create", *ONE, "--name", "made", "foreign", "/bin/cat", "/etc/group")
command("start", "-a", "made", runs=1)
command("run", "--rm", "foreign", "/bin/cat", runs=1, status=(0, 125))
ground.run("run", "-d", "--name", "lives", *ONE, "foreign", "/bin/sleep", "1000")
ground.run("create", "--name", "short", *ONE, "foreign", "/bin/sleep", "0.1")
command("exec", "lives", "/bin/cat", "/etc/passwd", runs=1)
command("exec", "-u", "root", "-t", "lives", "/bin/cat", "/etc/passwd", runs=1)
command("exec", "-d", "lives", "/bin/sleep", "1", runs=1)
LATER = [["ps", "-a"], ["top", "lives"], ["logs", "lives"], ["inspect", "lives"], ["container", "inspect", "lives"],
         ["rename", "lives", "still"], ["rename", "still", "lives"], ["port", "lives"], ["diff", "lives"], ["export", "-o", "/dev/null", "lives"], ["commit", "lives", "again"],
         ["cp", "lives:/etc/passwd", str(ground.folder / "passwd")], ["cp", "lives:/etc", str(ground.folder / "out")], ["cp", "-a", str(ground.folder / "out"), "lives:/in"], ["cp", "made:/etc", str(ground.folder / "made")], ["cp", str(ground.folder / "made"), "made:/in"],
         ["images"], ["image", "inspect", "foreign"], ["history", "foreign"], ["image", "tree", "foreign"], ["tag", "foreign", "third"], ["untag", "foreign", "third"],
         ["save", "-o", str(ground.folder / "saved.tar"), "foreign"], ["load", "-i", str(ground.folder / "saved.tar")], ["system", "df", "-v"], ["system", "check"], ["info"],
         ["volume", "ls"], ["policy", "show", "foreign"], ["kill", "-s", "WINCH", "lives"], ["stop", "-t", "0", "lives"], ["wait", "lives"], ["start", "short"],
         ["rm", "-f", "-v", "lives", "made", "short"], ["container", "prune", "-f"], ["image", "prune", "-f"], ["rmi", "-f", "again"], ["system", "prune", "-f"]]
for words in LATER:
    command(*words, runs=1 if words[0] == "start" else 0)

# That the trace sees what it must see: the fakes do leave marks when they are asked for.
ground.run("run", *ONE, "--name", "marked", "foreign", "/usr/bin/id")
ground.check("the fakes can leave marks", None if len(marks()) == 1 else marks())
rows, _ = traced("run", "--rm", *ONE, "foreign", "/usr/bin/id")
ground.check("a program of the image is seen where one runs", None if judge(["run"], rows, 0) else rows)
ground.run("rm", "-f", "marked")
ground.finish()
