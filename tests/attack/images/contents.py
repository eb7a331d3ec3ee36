#!/usr/bin/env python3
"""C1, C2, C4: what stands in the store after a strange layer, entry by entry.

names.py asks whether something escapes; this asks whether what is taken is what the archive says: entries given twice,
names that other file systems would take for one, PAX records that contradict the header, attributes by the thousand,
sparse files. A reader that disagrees with the writer about where an entry begins shows a file that nobody packed.
"""

import base64
import json
import os
import stat

from ground import Ground, rawtar as t

ground = Ground(memory=1 << 30)
image = ground.folder / "layer.tar"
outside = str(ground.canary).encode()
climb = b"../" * 40 + outside[1:]
SMUGGLED = t.entry("smuggled", data=b"nobody packed this\n")


def look(folder):
    """{path: (what, more)}; names as the bytes they are."""
    tree = {}
    for root, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            path = os.path.join(root, name)
            status = os.lstat(path)
            what = {stat.S_IFLNK: lambda: os.readlink(path), stat.S_IFREG: lambda: read(path, status),
                    stat.S_IFDIR: lambda: "folder", stat.S_IFIFO: lambda: "fifo"}[stat.S_IFMT(status.st_mode)]()
            tree[os.path.relpath(path, os.fsencode(folder))] = what
    return tree


def read(path, status):
    if status.st_size > 1 << 20:
        return ("large", status.st_size, status.st_blocks < 1024)
    with open(path, "rb") as file:
        return file.read()


def layer_folder():
    return json.loads(ground.run("image", "inspect", "attack").stdout)[0]["GraphDriver"]["Data"]["UpperDir"]


def case(title, entries, wanted, judge=None):
    """wanted: the tree, or None where the layer must be refused, or ... where judge() alone says."""
    image.write_bytes(t.archive(*entries))
    result = ground.run("import", image, "attack")
    problem = ground.attempt(result, None if wanted is ... else wanted is None)
    if not problem and result.returncode == 0:
        folder = layer_folder()
        tree = look(folder)
        if isinstance(wanted, dict) and tree != wanted:
            problem = f"there is {tree}, not {wanted}"
        problem = problem or (judge(folder, tree) if judge else None)
        if b"smuggled" in tree:
            problem = f"an entry that is data of another: {tree}"
    ground.clear()
    ground.check(title, problem or (ground.left_over() and f"left over: {ground.left_over()}"))


A, B = b"one\n", b"two\n"

# ---- entries of one name: the last one counts ----

case("a file twice", [t.entry("x", data=A), t.entry("x", data=B)], {b"x": B})
case("a file 20,000 times", [t.entry("x", data=b"%d\n" % n) for n in range(20000)], {b"x": b"19999\n"})
case("a file, then a folder", [t.entry("x", data=A), t.folder("x"), t.entry("x/y", data=B)], {b"x": "folder", b"x/y": B})
case("a folder with content, then a file", [t.folder("x"), t.entry("x/y", data=A), t.entry("x", data=B)], {b"x": B})
case("a file, then a symlink, then a file", [t.entry("x", data=A), t.symlink("x", outside + b"/file"), t.entry("x", data=B)], {b"x": B})
case("a folder, then a symlink, then a file in it", [t.folder("x"), t.symlink("x", outside), t.entry("x/file", data=B)], None)
case("a fifo, then a file", [t.entry("x", t.FIFO), t.entry("x", data=B)], {b"x": B})
case("a hard link, then a file in its place: the other name keeps its content",
     [t.entry("x", data=A), t.hardlink("y", "x"), t.entry("y", data=B)], {b"x": A, b"y": B})
case("one name spelt in four ways", [t.entry(n, data=b"%d" % i) for i, n in enumerate(("a/b", "./a/b", "a//b", "a/./b"))],
     {b"a": "folder", b"a/b": b"3"})

# ---- names that are one elsewhere: Linux has two files ----

TWINS = [("case", [b"File", b"file", b"FILE"]), ("composed and decomposed", ["é".encode(), "e\u0301".encode()]),
         ("a ligature", ["ﬁle".encode(), b"file"]), ("of full width", ["／etc".encode(), b"etc"]),
         ("Turkish", ["ı".encode(), "i".encode(), "İ".encode(), b"I"]), ("an ignorable letter", ["a\u200cb".encode(), b"ab"]),
         ("a dot or a blank at the end", [b"x", b"x.", b"x "]), ("a name of DOS", [b"GIT~1", b".git"]),
         ("a stream of NTFS", [b"x:y", b"x::$DATA"]), ("a backslash", [b"a\\b", b"..\\..\\b", b"C:\\x"]),
         ("Latin-1 and UTF-8", [b"\xe9", "é".encode()]), ("over-long UTF-8 of ../", [b"\xc0\xae\xc0\xae\xc0\xafb", b"b"])]
for title, names in TWINS:
    case(f"twins: {title}", [t.entry(n, data=n) for n in names], {n: n for n in names})
case("twins: a symlink and a folder that differ in case", [t.symlink("D", outside), t.folder("d"), t.entry("d/file", data=A)],
     {b"D": outside, b"d": "folder", b"d/file": A})
case("twins: a symlink and a folder that differ in their normal form",
     [t.symlink("é", outside), t.folder("e\u0301"), t.entry("e\u0301/file", data=A)],
     {"é".encode(): outside, "e\u0301".encode(): "folder", "e\u0301/file".encode(): A})

# ---- a hard link to a symlink ----

LINKED = [t.symlink("link", outside + b"/file"), t.hardlink("new", "link")]
case("a hard link to a symlink is a second symlink", LINKED, {b"link": outside + b"/file", b"new": outside + b"/file"})
case("... replaced by a file", [*LINKED, t.entry("new", data=B, mode=0o4777)], {b"link": outside + b"/file", b"new": B})
case("... replaced by a folder", [*LINKED, t.folder("new", mode=0o777), t.entry("new/x", data=B)],
     {b"link": outside + b"/file", b"new": "folder", b"new/x": B})
case("... linked once more, with attributes",
     [*LINKED, t.pax([("SCHILY.xattr.user.x", "1"), ("mtime", "5")]) + t.hardlink("third", "new", mode=0o777, uid=7)], ...)
case("a hard link to a symlink to a folder is no folder",
     [t.folder("d"), t.symlink("link", "d"), t.hardlink("new", "link"), t.entry("new/x", data=B)], None)

# ---- PAX records against the header ----


def only(*names):
    return lambda _, tree: None if set(tree) <= set(names) else f"there is {tree}"


def said(*records, header=None, kind=t.PAX):
    return t.pax(list(records), kind) + (header or t.entry("x", data=A))


SPARSE = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]
case("path", [said(("path", "y"))], {b"y": A})
case("path, twice: the last one", [said(("path", "y"), ("path", "z"))], {b"z": A})
case("path, in two headers", [t.pax([("path", "y")]), said(("path", "z"))], ..., only(b"z"))
for title, name in (("", "y"), (" that climbs", "../y"), (" outside", outside + b"/y")):
    case(f"path for all{title}", [said(("path", name), kind=t.PAX_GLOBAL)], ..., only(b"x", b"y"))
for title, name in (("climbs", "../../y"), ("is absolute", outside + b"/y"), ("is empty", ""), ("has a newline", "a\nb")):
    case(f"path that {title}", [said(("path", name))], ... if title == "is empty" else None)
    case(f"path that {title} behind a GNU name", [t.long_name("fine"), said(("path", name))], ..., only(b"fine"))
    case(f"a sparse file's name that {title}",
         [said(*SPARSE, ("GNU.sparse.name", name), ("GNU.sparse.realsize", "0"), header=t.entry("x", data=t.padded(b"0\n")))],
         ... if title == "is empty" else None)
case("a GNU name that climbs before a fine path", [t.long_name("../../y"), said(("path", "y"))], ..., only(b"y"))
case("a symlink's target by record", [said(("linkpath", outside), header=t.symlink("x", "y"))], {b"x": outside})
case("a symlink's target by record that climbs", [said(("linkpath", climb), header=t.symlink("x", "y"))], None)
case("a hard link's target by record, outside", [t.entry("y"), said(("linkpath", outside + b"/file"), header=t.hardlink("x", "y"))], None)
case("a hard link's target by GNU record, climbing", [t.entry("y"), t.long_name(climb + b"/file", t.LONG_LINK), t.hardlink("x", "y")], None)
# POSIX: the record has precedence. With size 0 what follows are entries, with any other it is not.
case("size 0 over a header with two blocks", [said(("size", "0"), header=t.header("x", size=1024) + t.entry("y", data=B))], {b"x": b"", b"y": B})
for size in ("1", "511", "512", "513", "1024", "5000"):
    case(f"size {size} over a header with two blocks that look like a file",
         [said(("size", size), header=t.header("x", size=len(SMUGGLED)) + SMUGGLED)], ...)
case("size 1024 over a header that says 0", [said(("size", str(len(SMUGGLED))), header=t.header("x") + SMUGGLED)], {b"x": SMUGGLED})
case("a size for a GNU name and not for the file",
     [t.pax([("size", str(len(SMUGGLED)))]), t.long_name("y"), t.header("x") + SMUGGLED], ...)
case("a size on a folder", [said(("size", "1024"), header=t.folder("x")), t.entry("y", data=B)], ...)
case("a folder whose header has a size", [t.header("x", t.FOLDER, size=512), t.entry("y", data=B)], {b"x": "folder", b"y": B})
case("a symlink whose header has a size", [t.header("x", t.SYMLINK, size=1024, link="y"), t.entry("z", data=B)], {b"x": b"y", b"z": B})
for value in ("BINARY", "ISO-IR 10646 2000 UTF-8", "KOI8-R", "", "x" * 1000):
    case(f"hdrcharset {value[:30]!r}", [said(("hdrcharset", value), ("path", b"\xd0\xff"))], ... if value != "BINARY" else {b"\xd0\xff": A})
case("path that is not UTF-8 and does not say so", [said(("path", b"\xd0\xff"))], ...)
for key, values in {"uid": ("-1", "x", "1e3", "4294967296", "99999999999999999999"), "gid": ("-1", "70000"),
                    "mtime": ("x", "nan", "1e30", "-99999999999999999999", "99999999999999999999.9", "1." + "9" * 500)}.items():
    for value in values:
        case(f"{key} {value[:24]}", [said((key, value))], ...,
             lambda folder, _: None if os.lstat(f"{folder}/x").st_uid == os.getuid() else "another owner")
case("mtime before 1970", [said(("mtime", "-5"))], {b"x": A}, lambda folder, _: None if os.lstat(f"{folder}/x").st_mtime == -5 else "another time")
case("uname and gname of root count nothing", [said(("uname", "root"), ("gname", "root"), header=t.entry("x", uid=7, gid=7))], {b"x": b""},
     lambda folder, _: None if os.lstat(f"{folder}/x").st_uid != os.getuid() else "owned by root")
for key in ("SCHILY.fflags", "SCHILY.dev", "SCHILY.ino", "SCHILY.nlink", "SCHILY.devmajor", "SCHILY.acl.access", "SCHILY.acl.default",
            "SCHILY.acl.ace", "SUN.devmajor", "RHT.security.selinux", "LIBARCHIVE.creationtime", "comment", "a b", "=", "é"):
    for value in ("immutable,append", "1", "user::rwx,user:0:rwx,group::rwx,mask::rwx,other::rwx", "everyone@:rwxpdDaARWcCos:fd:allow"):
        case(f"{key}={value[:16]}", [said((key, value))], ...,
             lambda folder, tree: None if tree == {b"x": A} and not os.listxattr(f"{folder}/x") and os.access(f"{folder}/x", os.W_OK) else f"it did something: {tree}")
for code in b"7DMNVAX":
    case(f"an entry of type {chr(code)}", [t.entry("x", bytes([code]), data=A if code == ord("7") else b""), t.entry("y", data=B)], ...)
case("an old file whose name ends with a slash is a folder", [t.header("x/", b"\0", mode=0o755), t.entry("x/y", data=B)], {b"x": "folder", b"x/y": B})
case("what Apple's tar keeps is a file", [t.entry("._x", data=b"\0\5\x16\7" + bytes(80)), t.entry("x", data=A)],
     {b"._x": b"\0\5\x16\7" + bytes(80), b"x": A})

# ---- attributes ----


def attributes(pairs):
    return lambda folder, _: None if {n: os.getxattr(f"{folder}/x", n) for n in os.listxattr(f"{folder}/x")} == pairs else \
        f"there is {os.listxattr(f'{folder}/x')}"


def xattr(name, value="1"):
    return ("SCHILY.xattr." + name, value)


case("an attribute of the user's", [said(xattr("user.x", "v"))], {b"x": A}, attributes({"user.x": b"v"}))
for name in ("user.overlay.opaque", "user.overlay.redirect", "user.overlay.metacopy", "user.overlay.whiteout", "user.overlay.",
             "trusted.overlay.opaque", "security.selinux", "security.ima", "security.evm", "security.apparmor", "system.posix_acl_access",
             "system.nfs4_acl", "btrfs.compression", "user.", "user", "", "x" * 300, "security.capability"):
    case(f"the attribute {name[:30]!r}", [said(xattr(name, "y"))], ..., attributes({}))
    encoded = base64.b64encode(b"y").decode()
    case(f"the attribute {name[:30]!r}, in libarchive's way",
         [said(("LIBARCHIVE.xattr." + "".join(f"%{ord(c):02X}" for c in name), encoded))], ..., attributes({}))
case("one name, a thousand times", [said(*[xattr("user.x", str(n)) for n in range(1000)])], ...,
     lambda folder, _: None if os.listxattr(f"{folder}/x") == ["user.x"] else "more than one")
case("a flood of 20,000 attributes", [said(*[xattr(f"user.a{n}", "v" * 20) for n in range(20000)])], ...)
case("a flood of 15 attributes of 64 KiB", [said(*[xattr(f"user.a{n}", "v" * 65000) for n in range(15)])], ...)
case("500 files with 60 attributes each", [said(*[xattr(f"user.a{n}", "v") for n in range(60)], header=t.entry(f"f{i}")) for i in range(500)], ...)

# ---- sparse files ----

GIB = 1 << 30


def sparse_1_0(size, parts, data=b""):
    text = b"%d\n" % len(parts) + b"".join(b"%d\n%d\n" % part for part in parts)
    records = [*SPARSE, ("GNU.sparse.name", "x"), ("GNU.sparse.realsize", str(size))]
    return t.pax(records) + t.entry("GNUSparseFile.0/x", data=t.padded(text) + data)


case("a hole of 60 GiB", [sparse_1_0(60 * GIB, [])], {b"x": ("large", 60 * GIB, True)})
case("two holes of 40 GiB", [sparse_1_0(40 * GIB, [])] * 2, None)
case("data in the middle", [sparse_1_0(100, [(50, 4)], A)], {b"x": bytes(50) + A + bytes(46)})
for title, size, parts in (("beyond the end", 10, [(8, 4)]), ("of a size below zero", 10, [(0, -4)]), ("at a place below zero", 10, [(-4, 4)]),
                           ("that overlap", 10, [(0, 4), (2, 4)]), ("backwards", 10, [(6, 2), (0, 2)]), ("of 8 EiB", 10, [(0, 2 ** 63 - 1)]),
                           ("that sum up beyond numbers", 10, [(0, 2 ** 62), (2 ** 62, 2 ** 62)]), ("at 2^63", 10, [(2 ** 63, 4)])):
    case(f"sparse pieces {title}", [sparse_1_0(size, parts, A), t.entry("y", data=B)], ...,
         lambda folder, tree: None if tree.get(b"y") == B and len(tree[b"x"]) <= 16 else f"there is {str(tree)[:200]}")
case("100,000 sparse pieces", [sparse_1_0(200000, [(2 * n, 1) for n in range(100000)], bytes(100000))], ...)
case("more pieces than said", [t.pax([*SPARSE, ("GNU.sparse.name", "x"), ("GNU.sparse.realsize", "9")]) + t.entry("x", data=t.padded(b"99999999\n0\n1\n"))], None)
case("a sparse map by records (0.1)", [said(("GNU.sparse.map", "0,1,5,1"), ("GNU.sparse.size", "6"), ("GNU.sparse.name", "x"), ("GNU.sparse.numblocks", "2"),
                                             header=t.entry("z", data=b"ab"))], {b"x": b"a\0\0\0\0b"})
for text in ("", "0", "0,", ",", "0,-1", "x,1", "9" * 40 + ",1", "0,1," * 5000):
    case(f"a sparse map by records: {text[:12]!r}", [said(("GNU.sparse.map", text), ("GNU.sparse.size", "6"), ("GNU.sparse.name", "x"), header=t.entry("z", data=b"ab")),
                                                      t.entry("y", data=B)], ...)

# ---- bits ----

for mode in (0o4755, 0o2755, 0o6777, 0o1777, 0o7777):
    case(f"mode {mode:o} is kept", [t.entry("x", data=A, mode=mode), t.folder("d", mode=mode)], {b"x": A, b"d": "folder"},
         lambda folder, _, mode=mode: None if stat.S_IMODE(os.lstat(f"{folder}/x").st_mode) == stat.S_IMODE(os.lstat(f"{folder}/d").st_mode) == mode else "another mode")
ground.finish()
