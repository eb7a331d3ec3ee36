#!/usr/bin/env python3
"""C1, C2: every kind of entry, under every kind of name, behind every kind of earlier entry.

Each case is one layer. A canary outside of the store must stay as it is (content, mode, owner, times,
links, attributes), nothing may be left of what was refused, and the error is one clear line.

CORDON_PRODUCT=1 takes every kind of entry by every name by every earlier entry. Without it, so many of these that every two
of them meet: each name behind each earlier entry, each kind behind each, each kind under each name.
"""

import itertools
import os

from ground import Ground, rawtar as t

ground = Ground()
outside = str(ground.canary).encode()
climb = b"../" * 40 + outside[1:]

# What a name does: (title, name, refused?). None: either will do, as long as nothing escapes.
NAMES = [
    ("climbing", b"../escape", True),
    ("climbing far", climb + b"/file", True),
    ("absolute", outside + b"/file", True),
    ("inside out", b"a/../../escape", True),
    ("up and down", b"a/../b", True),
    ("dots", b"./././plain", False),
    ("slashes", b"a////b", False),
    ("trailing slash", b"plain/", None),
    ("only dots", b"..", True),
    ("empty", b"", True),
    ("newline", b"new\nline", True),
    ("escape sequence", b"\x1b]0;title\x07", True),
    ("delete", b"a\x7fb", True),
    ("NUL", b"nul\0byte", True),
    ("NUL in PAX", "pax:nul\0byte", True),
    ("NUL in GNU long name", "gnu:nul\0byte", True),
    ("long", b"a/" * 2100 + b"z", True),
    ("long component", b"c" * 256, True),
    ("component of 255", b"c" * 255, False),
    ("deep", b"d/" * 513 + b"z", True),
    ("not UTF-8", b"latin-\xe9", False),
    ("UTF-8", "größe".encode(), False),
]


def named(name, kind, **fields):
    """An entry whose name may only fit into an extension header."""
    if isinstance(name, bytes):
        return t.entry(name, kind, **fields)
    how, name = name.split(":", 1)
    extension = t.pax([("path", name)]) if how == "pax" else t.long_name(name)
    return extension + t.entry(b"innocent", kind, **fields)


KINDS = [
    ("file", lambda name: named(name, t.FILE, data=b"evil\n", mode=0o4777)),
    ("folder", lambda name: named(name, t.FOLDER, mode=0o777)),
    ("symlink", lambda name: named(name, t.SYMLINK, link=b"/etc/passwd")),
    ("hardlink", lambda name: named(name, t.HARDLINK, link=b"base")),
    ("fifo", lambda name: named(name, t.FIFO)),
]

BASE = t.entry("base", data=b"base\n")

# What stands there before, and what is then written through or over it: (title, entries, refused?).
LINKS = [("absolute", outside), ("relative", climb), ("dangling", b"/no/such/place"), ("inside", b"base-folder"),
         ("to itself", b"trap"), ("to the root", b"/"), ("to proc", b"/proc/self/root" + outside),
         ("to a descriptor", b"/proc/self/fd/4/../../../../.."), ("of dots", b".."), ("of a dot", b".")]


def through():
    """(title, entries, refused?)"""
    for (title, target), (kind, make) in itertools.product(LINKS, KINDS):
        climbs = title in ("relative", "of dots")
        prior = [BASE, t.folder("base-folder"), t.symlink("trap", target)]
        yield f"{kind} through a symlink {title}", [*prior, make(b"trap/file")], True
        yield f"{kind} over a symlink {title}", [*prior, make(b"trap")], True if climbs else None
        yield (f"{kind} through two symlinks {title}",
               [*prior, t.symlink("second", "trap"), make(b"second/file")], True)
        yield f"{kind} behind a hardlink to a symlink {title}", [
            *prior, t.hardlink("alias", "trap"), make(b"alias/file")], True


def attributes():
    """C2: a symlink, then an entry of its name with a mode, an owner, times and attributes."""
    for title, target in LINKS:
        for kind, make in KINDS:
            extension = t.pax([("SCHILY.xattr.user.evil", "1"), ("mtime", "1.5"),
                               ("SCHILY.xattr.security.capability", b"\x01\0\0\2" + bytes(16))])
            yield (f"attributes of a {kind} over a symlink {title}",
                   [BASE, t.folder("base-folder"), t.symlink("trap", target), extension, make(b"trap")],
                   True if title in ("relative", "of dots") else None)


def links():
    for title, target in [("absolute", outside + b"/file"), ("climbing", climb + b"/file"), ("missing", b"missing"),
                          ("through a symlink", b"trap/file"), ("to a folder", b"base-folder"), ("empty", b""),
                          ("to the root", b"."), ("newline", b"a\nb"), ("with a NUL", b"base\0x")]:
        yield f"hardlink {title}", [BASE, t.folder("base-folder"), t.symlink("trap", outside),
                                    t.hardlink("new", target)], True
    yield "hardlink to a symlink", [t.symlink("link", outside + b"/file"), t.hardlink("new", "link"),
                                    t.entry("new", data=b"evil")], False
    yield "hardlink to itself", [BASE, t.hardlink("base", "base")], False
    yield "symlink climbing", [t.symlink("link", climb)], True
    yield "symlink climbing by one", [t.folder("a"), t.symlink("a/link", "../../x")], True
    yield "symlink to the top", [t.folder("a"), t.symlink("a/link", "../x")], False
    yield "symlink absolute", [t.symlink("link", "/etc/passwd")], False
    yield "symlink with a newline", [t.symlink("link", "a\nb")], True
    yield "symlink without a target", [t.symlink("link", "")], True


def others():
    for kind, code in (("character", t.CHARACTER), ("block", t.BLOCK_DEVICE)):
        yield f"{kind} device", [t.entry("device", code, major=8, minor=0)], True
        yield f"{kind} device 0:0, a forged whiteout", [t.entry("device", code)], True
        yield f"{kind} device in dev", [t.entry("dev/sda", code, major=8, minor=0)], True
    yield "the standard nodes in dev", [t.folder("dev"), t.entry("dev/null", t.CHARACTER, major=1, minor=3),
                                        t.entry("./dev/tty", t.CHARACTER, major=5)], False
    yield "dev/null with another number", [t.entry("dev/null", t.CHARACTER, major=1, minor=1)], True
    yield "an unknown type", [t.entry("x", b"Z")], None
    yield "root as a file", [t.entry("./")], None
    yield "root as a symlink", [t.symlink(".", outside)], True
    yield "root with an owner", [t.folder("./", uid=33, gid=33)], False
    yield "an owner beyond the range", [t.entry("x", uid=70000)], True
    yield "an owner of 2^32-1", [t.entry("x", uid=2 ** 32 - 1)], True
    yield "an owner of 2^32", [t.entry("x", uid=2 ** 32)], True
    yield "file over folder over file", [t.entry("x", data=b"1"), t.folder("x"), t.entry("x/y", data=b"2"),
                                         t.entry("x", data=b"3")], False
    yield "file as a folder", [BASE, t.entry("base/x")], True
    yield "folder of mode 0 with content", [t.folder("x", mode=0), t.entry("x/y", data=b"1")], False
    yield "overlay attributes", [t.pax([("SCHILY.xattr.user.overlay.opaque", "y"),
                                        ("SCHILY.xattr.user.overlay.redirect", "/.."),
                                        ("SCHILY.xattr.trusted.overlay.redirect", "/..")]), t.folder("x")], False
    yield "mode with more bits than there are", [t.header("x", mode=0o7777777)], False


def names():
    for (title, name, refused), (kind, make) in itertools.product(NAMES, KINDS):
        yield f"{kind} with a name: {title}", [BASE, make(name)], refused


# ---- the product ----

ALL_KINDS = [*KINDS, ("character device", lambda name: named(name, t.CHARACTER, major=1, minor=3)),
             ("block device", lambda name: named(name, t.BLOCK_DEVICE, major=8))]

# What stands there, and the folder whose name is then put before the case's own: (title, entries, folder).
PRIORS = [("nothing", [], b"")]
for TITLE, TARGET in (("an absolute symlink", outside), ("a relative symlink", b"base-folder/../base-folder"),
                      ("a climbing symlink", climb), ("a dangling symlink", b"/no/such/place")):
    PRIORS.append((TITLE, [t.symlink("trap", TARGET)], b"trap/"))
    PRIORS.append((f"a hardlink to {TITLE}", [t.symlink("trap", TARGET), t.hardlink("alias", "trap")], b"alias/"))


def behind(folder, name):
    """The name below a folder; how it is told (in a header, as a PAX record) stays."""
    if isinstance(name, bytes):
        return folder + name
    how, name = name.split(":", 1)
    return f"{how}:{folder.decode()}{name}"


def product():
    whole = os.environ.get("CORDON_PRODUCT") == "1"
    for (p, (prior, entries, folder)), (n, (title, name, refused)), (k, (kind, make)) in itertools.product(
            enumerate(PRIORS), enumerate(NAMES), enumerate(ALL_KINDS)):
        if not whole and k != (p + n) % len(ALL_KINDS):
            continue
        if "device" in kind:
            refused = True
        elif folder:
            # "trap/" is the link itself, whose place may be taken
            refused = None if name == b"" else True
        yield f"{kind}, its name {title}, behind {prior}", [BASE, t.folder("base-folder"), *entries, make(behind(folder, name))], refused


image = ground.folder / "layer.tar"
for title, entries, refused in itertools.chain(names(), through(), attributes(), links(), others(), product()):
    image.write_bytes(t.archive(*entries))
    result = ground.run("import", image, "attack")
    problem = ground.attempt(result, refused)
    if result.returncode == 0:
        ground.clear()
        problem = problem or ("left over: " + str(ground.left_over()) if ground.left_over() else None)
    ground.check(title, problem)
ground.finish()
