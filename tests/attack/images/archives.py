#!/usr/bin/env python3
"""Archives that a fetch might bring home once the container's files have taken it over (evilfetch.c): FOLDER/NAME.tar each.

What was asked for is "asked". Beside the place it goes to there are "secret", a file, and "link", a symlink to CANARY.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import rawtar as t  # noqa: E402

folder, canary = pathlib.Path(sys.argv[1]), sys.argv[2]
EVIL = b"evil\n"
ASKED = t.folder("asked")


def link(name, target, kind=t.SYMLINK):
    return t.header(name, kind, link=target)


CASES = {
    "absolute": [t.entry(f"{canary}/file", data=EVIL)],
    "dotdot": [t.entry("../canary/file", data=EVIL)],
    "dotdot-within": [ASKED, t.entry("asked/../../canary/file", data=EVIL)],
    "dotdot-sibling": [ASKED, t.entry("asked/../secret", data=EVIL)],
    "sibling": [ASKED, t.entry("secret", data=EVIL)],
    "sibling-first": [t.entry("secret", data=EVIL)],
    "sibling-new": [ASKED, t.entry("new", data=EVIL)],
    "beginning": [ASKED, t.entry("asked2", data=EVIL)],
    "through-sibling": [ASKED, t.entry("link/file", data=EVIL)],
    "link-then-file": [link("asked", canary), t.entry("asked/file", data=EVIL)],
    "link-then-folder": [link("asked", canary), t.folder("asked", mode=0o777), t.entry("asked/file", data=EVIL)],
    "inner-link": [ASKED, link("asked/l", canary), t.entry("asked/l/file", data=EVIL)],
    "inner-link-up": [ASKED, link("asked/l", "../../canary"), t.entry("asked/l/file", data=EVIL)],
    "inner-link-folder": [ASKED, link("asked/l", canary), t.folder("asked/l", mode=0o777)],
    "inner-link-deep": [ASKED, link("asked/l", canary), t.folder("asked/l/folder/new")],
    "link-to-link": [ASKED, link("asked/a", "."), link("asked/b", "a/../.."), t.entry("asked/b/secret", data=EVIL)],
    "file-over-link": [ASKED, link("asked/l", f"{canary}/file"), t.entry("asked/l", data=EVIL, mode=0o777)],
    "fifo-over-link": [ASKED, link("asked/l", f"{canary}/file"), t.header("asked/l", t.FIFO, mode=0o777)],
    "hard-sibling": [ASKED, link("asked/h", "secret", t.HARDLINK)],
    "hard-dotdot": [ASKED, link("asked/h", "../canary/file", t.HARDLINK)],
    "hard-absolute": [ASKED, link("asked/h", f"{canary}/file", t.HARDLINK)],
    "hard-through": [ASKED, link("asked/l", canary), link("asked/h", "asked/l/file", t.HARDLINK)],
    "hard-to-link": [ASKED, link("asked/l", f"{canary}/file"), link("asked/h", "asked/l", t.HARDLINK), t.entry("asked/h", data=EVIL, mode=0o777)],
    "set-user-id": [ASKED, t.entry("asked/s", data=EVIL, mode=0o6755)],
    "device": [ASKED, t.header("asked/d", t.CHARACTER, major=1, minor=8), t.header("asked/b", t.BLOCK_DEVICE, major=8)],
    "nul": [ASKED, t.pax([("path", b"asked/a\0b")]) + t.entry("x", data=EVIL)],
    "empty-name": [ASKED, t.entry("", data=EVIL)],
    "root": [t.folder(".", mode=0o777), t.entry("secret", data=EVIL)],
    "negative": [t.header("asked", size=t.base256(2 ** 63, 12))],
    "long": [ASKED, t.pax([("path", b"asked/" + b"n/" * 3000 + b"x")]) + t.entry("x", data=EVIL)],
}
for name, parts in CASES.items():
    (folder / f"{name}.tar").write_bytes(b"".join(parts) + t.END)
