"""contestants: the commands that bench.py races, and the ground they need: one root folder, one image.

Each runs the same static `true` from the same root. What each does beyond that differs, and the name
says so: bwrap has one id, no overlay and (without "filter") no filter; floor has no policy at all;
crun and runc are given a folder as their root, so no overlay either.
"""

import json
import os
import shutil
import subprocess


def quiet(words, environment, **more):
    """Runs to the end; raises with what it said where it failed."""
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False, **more)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()
        raise RuntimeError(lines[-1])
    return done.stdout.strip()


class Contestant:
    """A command line that is run as it stands."""

    def __init__(self, name, words, environment):
        self.name, self.words, self.environment = name, [str(word) for word in words], environment
        self.null = os.open("/dev/null", os.O_RDWR)


class Ground:
    """A state of its own for all of them, below one temporary folder."""

    def __init__(self, folder, build):
        self.folder, self.build = folder, build
        self.root = folder / "root"
        self.binary = str(build / "stage/usr/local/bin/cordon")
        run = folder / "run"
        run.mkdir(mode=0o700)
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder),
            "USER": os.environ.get("USER", ""), "XDG_RUNTIME_DIR": str(run),
            "XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config")}
        for name in ("bin", "proc", "dev", "sys", "etc", "tmp"):
            (self.root / name).mkdir(parents=True)
        shutil.copy(build / "tests/bench/bench_true", self.root / "bin/true")
        shutil.copy(shutil.which("busybox"), self.root / "bin/busybox")
        quiet(["tar", "-C", self.root, "--owner=0", "--group=0", "-cf", folder / "root.tar", "."],
              self.environment)
        self.cordon("import", str(folder / "root.tar"), "bench")

    def cordon(self, *words):
        return quiet([self.binary, *words], self.environment)

    def clear(self):
        """The layers belong to subordinate ids: cordon has to remove them itself."""
        idents = self.cordon("ps", "-aq").split()
        if idents:
            self.cordon("rm", "-f", *idents)
        self.cordon("rmi", "-f", "bench")
        if shutil.which("podman"):
            subprocess.run(["podman", "system", "reset", "-f"], env=self.environment,
                           stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)


def bundle(ground, runtime, name, seccomp):
    """An OCI bundle as the runtime itself makes it, with our payload and, where given, a filter."""
    folder = ground.folder / name
    folder.mkdir()
    quiet([runtime, "spec", "--rootless"], ground.environment, cwd=folder)
    config = json.loads((folder / "config.json").read_text())
    config["process"].update(args=["/bin/true"], terminal=False)
    config["root"] = {"path": str(ground.root), "readonly": True}
    if seccomp:
        config["linux"]["seccomp"] = seccomp
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def our_filter(ground, form):
    profile = ground.build / "stage/usr/local/share/cordon/profiles/default.json"
    target = ground.folder / f"default.{form}"
    quiet([ground.binary, "policy", "compile", str(profile), "--format", form, "-o", str(target)],
          ground.environment)
    return target


def floor(*more):
    return lambda ground: [ground.build / "tests/bench/floor", ground.root, *more]


def cordon(*more):
    return lambda ground: [ground.binary, "run", "--rm", "--network", "none", *more, "bench", "/bin/true"]


def unshare(ground):
    return ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--ipc", "--uts",
            "--cgroup", "--fork", f"--root={ground.root}", "/bin/true"]


def bwrap(*more):
    return lambda ground: ["bwrap", "--unshare-all", "--ro-bind", ground.root, "/", *more, "/bin/true"]


def bwrap_filter(ground):
    """With cordon's own default filter, by a descriptor that stays open for all rounds."""
    fd = os.open(our_filter(ground, "bpf"), os.O_RDONLY)
    os.set_inheritable(fd, True)
    # bwrap reads to the end of the file, so every run opens it anew through /proc
    script = f'exec bwrap --unshare-all --ro-bind "$1" / --seccomp 9 /bin/true 9</proc/{os.getpid()}/fd/{fd}'
    return ["/bin/sh", "-c", script, "sh", ground.root]


def oci(runtime, *options, filtered=False):
    def words(ground):
        seccomp = json.loads(our_filter(ground, "oci").read_text()) if filtered else None
        name = f"{runtime}{'-filter' if filtered else ''}"
        folder = bundle(ground, runtime, name, seccomp)
        return [runtime, *options, "run", "-b", folder, name]
    return words


def podman(ground):
    return ["podman", "run", "--rm", "--network", "none", "--cgroups", "disabled", "--rootfs",
            ground.root, "/bin/true"]


OWN = [("floor", floor()), ("floor, volatile", floor("volatile")), ("cordon", cordon()), ("cordon, one id", cordon("--userns", "single"))]
PEERS = [("unshare(1)", unshare), ("bwrap", bwrap()),
         ("bwrap, /proc and /dev", bwrap("--proc", "/proc", "--dev", "/dev")),
         ("bwrap, our filter", bwrap_filter),
         ("crun", oci("crun", "--cgroup-manager=disabled")),
         ("crun, our filter", oci("crun", "--cgroup-manager=disabled", filtered=True)),
         ("runc", oci("runc", "--rootless=true")), ("podman", podman)]


def contestants(ground, peers):
    """Those that work here, and why the others do not."""
    able, failed = [], {}
    for name, words in OWN + (PEERS if peers else []):
        try:
            contestant = Contestant(name, words(ground), ground.environment)
            quiet(contestant.words, ground.environment)
            able.append(contestant)
        except (OSError, RuntimeError, subprocess.TimeoutExpired) as reason:
            failed[name] = str(reason)
    return able, failed
