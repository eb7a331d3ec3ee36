"""ground: a store of its own, a canary, and what must hold after every attempt on it."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import rawtar  # noqa: E402 (for those who import this)

# what a command may take: KiB of its largest process, seconds of a processor. Sanitizers have memory and work of their own.
MEMORY, SECONDS = (512 << 10, 60) if os.environ.get("CORDON_SANITIZED") else (64 << 10, 10)


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(77)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not installed")


class Ground:
    def __init__(self, memory=0):
        """memory: bytes of room; the ground is in memory where there is so much, because what is
        counted there is cordon's time and not the disk's."""
        if "CORDON" not in os.environ:
            skip("CORDON does not name the binary under test")
        if os.geteuid() == 0:
            skip("cordon is for ordinary users; this runs as one")
        self.cordon = os.environ["CORDON"]
        place = os.environ.get("TMPDIR", "/tmp")
        if memory and os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > memory:
            place = "/dev/shm"
        self.in_memory = place == "/dev/shm"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cordon-images.", dir=place))
        self.data = self.folder / "data" / "cordon"
        self.canary = self.folder / "canary"
        self.environment = dict(os.environ, XDG_DATA_HOME=str(self.folder / "data"),
                                XDG_CACHE_HOME=str(self.folder / "cache"),
                                XDG_CONFIG_HOME=str(self.folder / "config"))
        (self.canary / "folder").mkdir(parents=True)
        (self.canary / "file").write_text("the canary sings\n")
        (self.canary / "file").chmod(0o640)
        for path in (self.canary / "file", self.canary / "folder", self.canary):
            os.utime(path, (1577934245, 1577934245))
        self.before = self.canary_state()
        self.failures = []
        self.number = 0

    def canary_state(self):
        state = []
        for root, folders, files in os.walk(self.canary):
            for name in sorted(folders + files) + ["."]:
                path = os.path.join(root, name)
                status = os.lstat(path)
                content = pathlib.Path(path).read_bytes() if os.path.isfile(path) else b""
                state.append((path, status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_nlink,
                              tuple(os.listxattr(path, follow_symlinks=False)), hashlib.sha256(content).hexdigest()))
        return sorted(state)

    def run(self, *arguments, **options):
        return subprocess.run([self.cordon, *map(str, arguments)], env=self.environment, text=True,
                              errors="replace", capture_output=True, timeout=120, check=False, **options)

    def left_over(self):
        """What stands in the store that no image refers to."""
        found = [str(p) for p in (self.data / "tmp").glob("*")]
        index = self.data / "images" / "index.json"
        images = json.loads(index.read_text())["manifests"] if index.exists() else []
        if not images:
            for part in ("layers", "records", "images/blobs/sha256"):
                found += [str(p) for p in (self.data / part).glob("*")]
        return found

    def clear(self):
        for line in self.run("images", "-q").stdout.split():
            self.run("rmi", "-f", line)

    def check(self, name, problem):
        self.number += 1
        if problem:
            self.failures.append(name)
            print(f"not ok {self.number} {name}")
            print("".join(f"# {line}\n" for line in str(problem).splitlines()), end="")
        else:
            print(f"ok {self.number} {name}")
        sys.stdout.flush()

    def attempt(self, result, refused):
        """None, or what is wrong with the result of a command that got hostile bytes. refused: True,
        False, or None where both will do."""
        lines = result.stderr.splitlines()
        if result.returncode not in (0, 1, 125):
            return f"exit status {result.returncode}: {result.stderr}"
        if result.returncode != 0 and (not lines or len(lines) > 2 or not lines[0].startswith("cordon: ")):
            return f"not one clear error: {result.stderr!r}"
        if refused is not None and refused != (result.returncode != 0):
            return f"{'taken' if refused else 'refused'}: {result.stderr}"
        if any(ord(letter) < 32 for letter in "".join(lines)):
            return f"a control character reaches the terminal: {result.stderr!r}"
        if self.canary_state() != self.before:
            return "the canary was touched"
        if self.left_over():
            return f"left over: {self.left_over()}"
        return None

    def finish(self):
        print(f"1..{self.number}")
        self.clear()
        subprocess.run(["chmod", "-R", "u+rwX", str(self.folder)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        sys.exit(1 if self.failures else 0)
