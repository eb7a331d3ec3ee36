#!/usr/bin/env python3
"""B6 (CVE-2019-18837): 200 mount targets whose every component may be a symlink: absolute, relative, climbing above the
root, dangling, in a circle, in chains of up to 45. A resolver of a few plain lines, which knows no root but the
container's, says where the volume must appear; the kernel's list of mounts inside says where it did."""

import os
import posixpath
import random
import shutil

from ground import Ground, need

need("busybox")
ground = Ground()
TARGETS = int(os.environ.get("CORDON_TARGETS", "200"))
LINKS_MAX = 40  # MAXSYMLINKS, include/linux/namei.h
LINKS_SURE = 20  # under load Linux 6.18 was seen to answer ELOOP to 28 links, now and then
dice = random.Random(int(os.environ.get("SEED", "11")))
root = ground.folder / "root"
source = ground.folder / "source"
NAMES = [f"n{i}" for i in range(9)]


class Loop(Exception):
    pass


class NotAFolder(Exception):
    pass


def resolve(target):
    """Where a path leads inside the root, as a list of names, and whether it must be reached: where something is
    missing, or too many links are in the way, the mount may be refused. `..` of the target itself is taken as it is
    written, as Docker does."""
    todo, done, links, there = posixpath.normpath(target).split("/")[::-1], [], 0, True
    while todo:
        name = todo.pop()
        if name in ("", "."):
            continue
        if name == "..":
            done = done[:-1]
            continue
        path = root.joinpath(*done, name)
        if path.is_symlink():
            links += 1
            if links > LINKS_MAX:
                raise Loop
            there = there and links <= LINKS_SURE
            link = os.readlink(path)
            if link.startswith("/"):
                done = []
            todo += link.split("/")[::-1]
        elif path.exists() and not path.is_dir():
            raise NotAFolder
        else:
            there = there and path.exists()
            done.append(name)
    return done, there


def make_root():
    """A bare system and, in /w, three levels of folders, files and links of every kind."""
    for name in ("bin", "proc", "sys", "dev", "etc", "tmp", "w"):
        (root / name).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin" / "busybox")
    for name in ("cat", "sh", "true"):
        (root / "bin" / name).symlink_to("busybox")
    folders = [root / "w"]
    for _ in range(3):
        below = []
        for folder in folders:
            for name in dice.sample(NAMES, 4):
                (folder / name).mkdir(exist_ok=True)
                below.append(folder / name)
        folders += dice.sample(below, min(8, len(below)))
    for folder in folders:
        for name in NAMES:
            if not os.path.lexists(folder / name) and dice.random() < 0.8:
                (folder / name).symlink_to(a_link())
        (folder / "file").write_text("a file\n")
    for i in range(45):  # a chain: c0 -> c1 -> ... -> a folder
        (root / "w" / f"c{i}").symlink_to(f"c{i + 1}" if i < 44 else "/w")
    (root / "w" / "round").symlink_to("about")
    (root / "w" / "about").symlink_to("/w/round")


def a_path():
    return "/".join(dice.choice(NAMES + ["..", "."]) for _ in range(dice.randint(1, 4)))


def a_link():
    return dice.choice([
        lambda: "/w/" + a_path(),
        a_path,
        lambda: "../" * dice.randint(1, 12) + "w/" + a_path(),
        lambda: "../" * 12 + str(ground.canary / "folder").lstrip("/"),
        lambda: str(ground.canary / "folder"),
        lambda: f"/w/c{dice.randint(0, 44)}",
        lambda: "/nowhere/" + dice.choice(NAMES),
        lambda: "/w/round",
    ])()


def a_target():
    kind = dice.random()
    if kind < 0.1:
        return f"/w/c{dice.randint(0, 44)}/{dice.choice(NAMES)}"
    if kind < 0.2:
        return dice.choice(["/w/round", "/w/round/x", "/w/file/x", "/w/c1/x", f"/w/c{dice.randint(0, 4)}"])
    return "/w/" + a_path() + dice.choice(["", "/", "/" + dice.choice(NAMES)])


def mounted_at(text):
    """Where the source is mounted, as names; None where it is not."""
    for line in text.splitlines():
        fields = line.split()
        if len(fields) > 4 and fields[3].endswith("/source") and ground.folder.name in fields[3]:
            return [name for name in fields[4].split("/") if name]
    return None


def one(target):
    try:
        wanted, there = resolve(target)
    except Loop:
        wanted, there = "a loop", False
    except NotAFolder:
        wanted, there = "not a folder", False
    result = ground.run("run", "--rm", "--network", "none", "-v", f"{source}:{target}", "--rootfs", root, "cat", "/proc/self/mountinfo")
    problem = ground.attempt(result, None)
    if problem:
        return problem, wanted
    if result.returncode == 0:
        at = mounted_at(result.stdout)
        if at != wanted:
            return f"{target}: mounted at {at}, not {wanted}", wanted
    elif there and wanted:
        return f"{target}: refused, and leads to the folder {wanted}: {result.stderr}", wanted
    return None, wanted


make_root()
source.mkdir()
reached = refused = 0
for number in range(TARGETS):
    target = a_target()
    problem, wanted = one(target)
    reached += isinstance(wanted, list)
    refused += not isinstance(wanted, list)
    if problem:
        ground.check(f"target {number}: {target}", problem)
ground.check(f"{TARGETS} targets: {reached} lead to a place, {refused} to none", None if reached > TARGETS / 2 and refused > TARGETS / 20 else "the dice are loaded")
ground.finish()
