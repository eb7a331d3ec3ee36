#!/usr/bin/env python3
"""C11, C4: 500 documents that are wrong in ways nobody thought of, and configs that want to be large.

A right layout's index, manifest and config are changed at random (SEED to repeat; COUNT of them): values become others,
keys go, come twice, or nest; bytes are flipped, cut, doubled. Whatever comes of it is taken or refused with one clear
line and without a signal; what is taken can be listed, inspected and removed. Then images of many layers, and configs
that hold as much as fits below the limit: what is taken is also run, in bounded memory.
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys

from ground import MEMORY, SECONDS, Ground, need, rawtar as t
from layout import CONFIG, LAYER, MANIFEST, Layout, digest

ground = Ground()
need("busybox")
COUNT = int(os.environ.get("COUNT", "200"))
SEED = int(os.environ.get("SEED", "1"))
TAR = t.archive(t.folder("./"), t.entry("file", data=b"content\n"))

STRANGE = [None, True, False, 0, -1, 1, 2 ** 31, 2 ** 53 + 1, 2 ** 63 - 1, -2 ** 63, 1e308, -0.0, "", "\0", "\n", "\x1b[2J", "..", "../" * 50, "/", "-",
           "--help", "$(id)", "%s%n", "a" * 70000, "\ud7ff\U0010ffff", "sha256:", [], {}, [[]], [{}], [None], {"": {}}, [""] * 1000,
           {"a": {"b": {"c": []}}}, CONFIG, LAYER, MANIFEST, "sha256:" + "0" * 64]


def documents():
    config = {"architecture": "amd64", "os": "linux", "created": "2020-01-01T00:00:00Z", "author": "x", "config": {
        "Cmd": ["/bin/sh"], "Entrypoint": ["/bin/x"], "Env": ["A=b"], "User": "0:0", "WorkingDir": "/", "Labels": {"a": "b"},
        "Volumes": {"/v": {}}, "ExposedPorts": {"80/tcp": {}}, "StopSignal": "SIGTERM", "Shell": ["/bin/sh"], "OnBuild": ["RUN x"],
        "Healthcheck": {"Test": ["CMD", "x"], "Interval": 1000000000}},
        "rootfs": {"type": "layers", "diff_ids": [digest(TAR)]}, "history": [{"created": "2020-01-01T00:00:00Z", "created_by": "x", "empty_layer": False}]}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": None, "layers": [None], "annotations": {"a": "b"}}
    return config, manifest


def places(value, found=None):
    """All (container, key) of a document."""
    found = [] if found is None else found
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, key))
        places(value[key], found)
    return found


def change(dice, document):
    """One change of a document; the result is JSON again."""
    container, key = dice.choice(places(document))
    how = dice.randrange(5)
    if how == 0:
        del container[key]
    elif how == 1:
        container[key] = [container[key]]
    elif how == 2 and isinstance(container, dict):
        name = dice.choice(list(container)) + dice.choice([" ", "s", "\u200b", ""])
        container[name] = container.pop(key)
    elif how == 3 and isinstance(container, list):
        container[:] = container * dice.choice([2, 200])
    else:
        container[key] = json.loads(json.dumps(dice.choice(STRANGE)))


def spoil(dice, data):
    """Changes bytes: rarely JSON."""
    at = dice.randrange(len(data) + 1)
    return dice.choice([
        lambda: data[:at], lambda: data[at:], lambda: data + data, lambda: data[:at] + bytes([dice.randrange(256)]) + data[at + 1:],
        lambda: data[:at] + b"\xff\xfe" + data[at:], lambda: b"\xef\xbb\xbf" + data, lambda: data.replace(b'"', b"'"), lambda: data.replace(b":", b"::", 1),
        lambda: data[:at] + b"[" * 5000 + data[at:], lambda: data.replace(b"{", b'{"schemaVersion": 1, ', 1), lambda: data.decode().encode("utf-16")])()


def write(folder, dice):
    shutil.rmtree(folder, ignore_errors=True)
    layout = Layout(folder)
    which = dice.choice(["config", "manifest", "index"])

    def maybe(name, document):
        if which != name:
            return document
        if dice.random() < 0.3:
            return spoil(dice, json.dumps(document).encode())
        for _ in range(dice.choice([1, 1, 1, 3])):
            if places(document):
                change(dice, document)
        return document
    config, manifest = documents()
    manifest["config"] = layout.blob(maybe("config", config), CONFIG)
    manifest["layers"] = [layout.blob(TAR, LAYER)]
    entry = layout.blob(maybe("manifest", manifest), MANIFEST)
    entry["annotations"] = {"org.opencontainers.image.ref.name": "x"}
    layout.write(maybe("index", {"schemaVersion": 2, "manifests": [entry]}))
    return which


def use():
    """What is taken can be looked at and goes away."""
    names = ground.run("images", "--format", "{{.ID}}").stdout.split()
    for arguments in [("images", "--digests", "--no-trunc")] + [(c, n) for n in names for c in ("inspect", "history")] + [("rmi", "-f", n) for n in names]:
        result = ground.run(*arguments)
        if result.returncode not in (0, 1, 125) or (result.returncode != 0 and len(result.stderr.splitlines()) > 2):
            return f"{arguments}: {result.returncode} {result.stderr}"
    return f"left over: {ground.left_over()}" if ground.left_over() else None


taken, wrong = 0, 0
for number in range(COUNT):
    which = write(ground.folder / "layout", random.Random(f"{SEED} {number}"))
    result = ground.run("pull", "-q", f"oci:{ground.folder}/layout")
    problem = ground.attempt(result, None)
    if result.returncode == 0:
        taken += 1
        problem = problem or use()
    if problem:
        wrong += 1
        ground.check(f"SEED={SEED}, number {number}, the {which}", problem)
ground.check(f"{COUNT} documents: {taken} taken, {COUNT - taken} refused", None if taken > 0 and COUNT - taken > COUNT / 4 and not wrong else "see above")

# ---- many layers ----

layers = [t.archive(t.entry(f"f{n}", data=b"x")) for n in range(300)]
busybox = t.archive(t.folder("bin"), t.entry("bin/busybox", data=open(shutil.which("busybox"), "rb").read(), mode=0o755))
for count in (127, 128, 300):
    shutil.rmtree(ground.folder / "layout", ignore_errors=True)
    Layout(ground.folder / "layout").image([busybox, *layers[:count - 1]], "x")
    result = ground.run("pull", "-q", f"oci:{ground.folder}/layout:x")
    problem = ground.attempt(result, count > 127)
    if not problem and count <= 127:
        run = ground.run("run", "--rm", "--network", "none", "localhost/x", "/bin/busybox", "ls", "/")
        problem = None if run.stdout.count("\nf") == count - 1 else f"{run.returncode} {run.stdout[:200]} {run.stderr}"
    elif not problem and "127" not in result.stderr:
        problem = f"the limit is not named: {result.stderr}"
    ground.clear()
    ground.check(f"an image of {count} layers", problem)

# ---- configs ----


def measured(*arguments):
    """The result, and how much memory its largest process had, in KiB."""
    script = ("import json, resource, subprocess, sys\n"
              "r = subprocess.run(sys.argv[1:], capture_output=True, text=True, errors='replace')\n"
              "print(json.dumps([r.returncode, r.stdout[:1000], r.stderr[:1000], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([sys.executable, "-c", script, ground.cordon, *map(str, arguments)], env=ground.environment, capture_output=True, text=True,
                         timeout=120, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, stdout, stderr, memory = json.loads(out.stdout)
    return subprocess.CompletedProcess(arguments, code, stdout, stderr), memory, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


HUGE = [
    ("a variable of 3 MiB", {"config": {"Env": ["A=" + "x" * (3 << 20)]}}, 126),
    ("300,000 variables", {"config": {"Env": [f"A{n}=" for n in range(300000)]}}, None),
    ("a command of 200,000 words", {"config": {"Cmd": ["/bin/busybox", "true"] + ["x"] * 200000}}, None),
    ("a word of 3 MiB", {"config": {"Cmd": ["/bin/busybox", "true", "x" * (3 << 20)]}}, None),
    ("100,000 labels", {"config": {"Labels": {f"a{n}": "b" for n in range(100000)}}}, None),
    ("50,000 ports", {"config": {"ExposedPorts": {f"{n}/tcp": {} for n in range(1, 50000)}}}, None),
    ("20,000 volumes", {"config": {"Volumes": {f"/v{n}": {} for n in range(20000)}}}, None),
    ("a volume of 3 MiB", {"config": {"Volumes": {"/" + "v/" * 1500000: {}}}}, None),
    ("a user of 3 MiB", {"config": {"User": "u" * (3 << 20)}}, None),
    ("a working directory of 3 MiB", {"config": {"WorkingDir": "/" + "w/" * 1500000}}, None),
    ("30,000 steps of history", {"history": [{"created_by": "x", "empty_layer": True}] * 30000}, None),
    ("8,000 variables", {"config": {"Env": [f"A{n}=" for n in range(8000)]}}, None),
    ("8,000 labels", {"config": {"Labels": {f"a{n}": "b" for n in range(8000)}}}, None),
    ("1,500 volumes", {"config": {"Volumes": {f"/v{n}": {} for n in range(1500)}}}, None),
    ("900 volumes 2,000 deep", {"config": {"Volumes": {f"/v{n}" + "/v" * 2000: {} for n in range(900)}}}, None),
    ("a config nested 10^6 deep", b"[" * 10 ** 6, "refused"),
    ("a label nested 10^6 deep", b'{"config": {"Labels": ' + b'{"a":' * 10 ** 6, "refused"),
]
for title, config, wanted in HUGE:
    shutil.rmtree(ground.folder / "layout", ignore_errors=True)
    layout = Layout(ground.folder / "layout")
    document = config if isinstance(config, bytes) else dict({"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": [digest(busybox)]}}, **config)
    layout.add({"schemaVersion": 2, "config": layout.blob(document, CONFIG), "layers": [layout.blob(busybox, LAYER)]}, "x")
    result, memory, seconds = measured("pull", "-q", f"oci:{layout.folder}:x")
    problem = ground.attempt(result, True if wanted == "refused" else None)
    if result.returncode == 0:
        for command in (("inspect", "localhost/x"), ("history", "localhost/x"), ("images",), ("run", "--rm", "--network", "none", "localhost/x"),
                        ("run", "--rm", "--network", "none", "localhost/x", "/bin/busybox", "true")):
            result, more, longer = measured(*command)
            memory, seconds = max(memory, more), seconds + longer
            problem = problem or (None if result.returncode in (0, 1, 125, 126, 127) and len(result.stderr.splitlines()) <= 2 else f"{command}: {result.returncode} {result.stderr}")
        problem = problem or (f"containers are left: {result.stdout}" if (result := ground.run("ps", "-aq")).stdout else None)
    ground.clear()
    problem = problem or (f"{memory} KiB of memory" if memory > MEMORY else f"{seconds:.1f} seconds" if seconds > SECONDS else None)
    ground.check(f"{title} ({memory >> 10} MiB, {seconds:.1f} s)", problem)
ground.finish()
