#!/usr/bin/env python3
"""C3: whiteouts take away what lower layers have, nothing else and nowhere else.

Random stacks of layers are loaded and mounted (overlayfs, in a user namespace), unpacked by umoci, and
worked out by a model of the specification; the three trees must be one. COUNT stacks (10; more in a
campaign), SEED to repeat one.
"""

import inspect
import json
import os
import random
import shutil
import subprocess

from ground import Ground, need, rawtar as t
from layout import Layout

need("umoci", "unshare")
ground = Ground()
COUNT = int(os.environ.get("COUNT", "10"))
SEED = int(os.environ.get("SEED", str(random.randrange(2 ** 32))))

# ---- tricks: refused, and the canary stands ----

TRICKS = [
    ("of nothing", ".wh.", True), ("of a dot", ".wh..", True), ("of two dots", ".wh...", True),
    ("of two dots below", "a/.wh...", True), ("as a folder", ".wh.a/b", True), ("in the middle", "a/.wh.b/c", True),
    ("of a whiteout", ".wh..wh.a", True), ("of an opaque marker", ".wh..wh..wh..opq", True),
    ("opaque through a symlink", "link/.wh..wh..opq", True), ("through a symlink", "link/.wh.file", True),
    ("with a newline", ".wh.a\nb", True), ("with a climb", "../.wh.canary", True), ("absolute", "/.wh.canary", True),
    ("of a symlink", ".wh.link", False), ("of the missing", ".wh.missing", False), ("of a folder", ".wh.a", False),
    ("of AUFS", ".wh..wh.plnk/1.2", False),
]

image = ground.folder / "layer.tar"
for title, name, refused in TRICKS:
    image.write_bytes(t.archive(t.folder("a"), t.entry("a/b", data=b"b"), t.symlink("link", str(ground.canary)),
                                t.entry(name)))
    ground.check(f"whiteout {title}", ground.attempt(ground.run("import", image, "attack"), refused))
    ground.clear()
for kind in (t.FOLDER, t.SYMLINK, t.FIFO, t.CHARACTER):
    image.write_bytes(t.archive(t.entry(".wh.x", kind, link="y" if kind == t.SYMLINK else b"")))
    ground.check(f"a whiteout of type {kind.decode()}", ground.attempt(ground.run("import", image, "attack"), True))

# ---- the model: layers applied one after the other ----


def remove(tree, path):
    for other in [p for p in tree if p == path or p.startswith(path + "/")]:
        del tree[other]


def apply(tree, layer):
    """Whiteouts first: they speak of lower layers only, wherever they stand."""
    for path, (kind, _) in layer:
        if kind == "whiteout":
            remove(tree, path)
        elif kind == "opaque":
            for other in [p for p in tree if p.startswith(path + "/")]:
                del tree[other]
    for path, what in layer:
        if what[0] in ("whiteout", "opaque"):
            continue
        if what[0] != "folder" or tree.get(path, what)[0] != "folder":
            remove(tree, path)
        tree[path] = what
    return tree


def random_layer(dice, tree):
    """Entries with all their parents; at most one entry a path."""
    layer, names = {}, "abcd"
    for _ in range(dice.randrange(1, 9)):
        parts = [dice.choice(names) for _ in range(dice.randrange(1, 4))]
        if tree and dice.random() < 0.5:
            parts = dice.choice(sorted(tree)).split("/")
        path = "/".join(parts)
        parents = ["/".join(parts[:n]) for n in range(1, len(parts))]
        if any(layer.get(p, ("folder",))[0] != "folder" for p in parents) or path in layer:
            continue
        if any(other.startswith(path + "/") for other in layer):
            continue
        for parent in parents:
            layer.setdefault(parent, ("folder", 0o755))
        kind = dice.choice(["file", "file", "folder", "symlink", "whiteout", "whiteout"])
        layer[path] = (kind, {"file": dice.randrange(1000), "folder": dice.choice([0o755, 0o700, 0o1777]),
                              "symlink": dice.choice(["a", "b/c", "/x"]), "whiteout": None}[kind])
    entries = sorted(layer.items())
    for path, (kind, _) in list(entries):
        if kind == "folder" and dice.random() < 0.2:
            entries.append((path, ("opaque", None)))
    return entries


def pack(layer, dice, canonical):
    entries = []
    for path, (kind, what) in layer:
        folder, _, base = path.rpartition("/")
        entries.append({
            "file": lambda: t.entry(path, data=b"%d\n" % what, mode=0o640),
            "folder": lambda: t.folder(path, mode=what),
            "symlink": lambda: t.symlink(path, what),
            "whiteout": lambda: t.entry(f"{folder}/.wh.{base}" if folder else f".wh.{base}"),
            "opaque": lambda: t.entry(f"{path}/.wh..wh..opq"),
        }[kind]())
    if not canonical:
        dice.shuffle(entries)
    return t.archive(t.folder("./"), *entries)


def look(folder):
    """What can be reached: overlayfs lists whiteouts that have nothing below them to hide, as ghosts."""
    tree = {}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            if not os.path.lexists(path):
                continue
            status = os.lstat(path)
            if os.path.islink(path):
                what = ("symlink", os.readlink(path))
            elif os.path.isdir(path):
                what = ("folder", status.st_mode & 0o7777)
            else:
                what = ("file", int(open(path, encoding="ascii").read()))
            tree[os.path.relpath(path, folder)] = what
    return tree


LOOK = """
import sys; sys.path.insert(0, sys.argv[1]); sys.argv[1:] = sys.argv[2:]
import ast, os
exec(ast.literal_eval(sys.argv[2]))
print(look(sys.argv[1]))
"""


def mounted(layers):
    """The tree an overlay of the unpacked layers shows; layers topmost first."""
    merged = ground.folder / "merged"
    merged.mkdir(exist_ok=True)
    script = f"mount -t overlay -o userxattr,lowerdir={':'.join(layers)} overlay {merged} && python3 -c \"$0\" \"$@\""
    result = subprocess.run(["unshare", "-r", "-m", "sh", "-c", script, LOOK, str(merged), str(merged),
                             repr(inspect.getsource(look))], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        return f"cannot mount: {result.stderr}"
    return eval(result.stdout, {})  # our own repr of a dict


def difference(a, b):
    return "\n".join(f"{p}: {a.get(p)} | {b.get(p)}" for p in sorted(set(a) | set(b)) if a.get(p) != b.get(p))


def stack(seed):
    dice = random.Random(seed)
    canonical = dice.random() < 0.7
    model, tars = {}, []
    for _ in range(dice.randrange(2, 6)):
        layer = random_layer(dice, model)
        tars.append(pack(layer, dice, canonical))
        model = apply(model, layer)
    folder = ground.folder / "layout"
    Layout(folder).image(tars, "stack")
    result = ground.run("pull", f"oci:{folder}:stack")
    if result.returncode != 0:
        return f"cannot pull: {result.stderr}"
    inspected = json.loads(ground.run("image", "inspect", "localhost/stack").stdout)[0]["GraphDriver"]["Data"]
    layers = [inspected["UpperDir"], *filter(None, inspected.get("LowerDir", "").split(":"))]
    # overlayfs wants two lower layers where there is no upper one
    ours = mounted([*layers, str(ground.folder / "nothing")])
    if ours != model:
        return ours if isinstance(ours, str) else f"cordon differs from the model:\n{difference(ours, model)}"
    if not canonical:  # umoci deletes in the order of the entries
        return None
    bundle = ground.folder / "bundle"
    unpacked = subprocess.run(["umoci", "unpack", "--rootless", "--image", f"{folder}:stack", str(bundle)],
                              capture_output=True, text=True, check=False)
    if unpacked.returncode != 0:
        return f"umoci cannot unpack: {unpacked.stderr}"
    theirs = look(bundle / "rootfs")
    return None if theirs == ours else f"cordon differs from umoci:\n{difference(ours, theirs)}"


(ground.folder / "nothing").mkdir()
for number in range(COUNT):
    try:
        problem = stack(SEED + number)
    finally:
        for name in ("layout", "bundle"):
            subprocess.run(["chmod", "-R", "u+rwX", str(ground.folder / name)], check=False, capture_output=True)
            shutil.rmtree(ground.folder / name, ignore_errors=True)
        ground.clear()
    ground.check(f"random stack, SEED={SEED + number}", problem)
ground.finish()
