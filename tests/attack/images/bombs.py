#!/usr/bin/env python3
"""C4: small things that want to be large. Refused at a stated limit, in memory and time that are bounded.

Each case states whether it is refused; all of them, together with everything cordon started for them, stay
under 64 MiB of memory, and each under 10 seconds of processor time.
"""

import bz2
import json
import lzma
import struct
import subprocess
import sys
import zlib

from ground import MEMORY, SECONDS, Ground, rawtar as t
from layout import CONFIG, LAYER, MANIFEST, Layout, digest, saved

ground = Ground(memory=2 << 30)
image = ground.folder / "bomb.tar"
GIB = 1 << 30


def limited(*arguments):
    """The command's result, its memory (KiB, of it and its children) and its processor time. A process of its own
    takes the measure, so that one case does not count for the next."""
    script = ("import json, resource, subprocess, sys\n"
              "r = subprocess.run(sys.argv[1:], capture_output=True, text=True, errors='replace')\n"
              "u = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
              "print(json.dumps([r.returncode, r.stdout, r.stderr, u.ru_maxrss, u.ru_utime + u.ru_stime]))")
    out = subprocess.run([sys.executable, "-c", script, ground.cordon, *map(str, arguments)], env=ground.environment,
                         capture_output=True, text=True, timeout=120, check=True)
    code, stdout, stderr, memory, seconds = json.loads(out.stdout)
    return subprocess.CompletedProcess(arguments, code, stdout, stderr), memory, seconds


def case(title, refused, *arguments, word=""):
    result, memory, seconds = limited(*arguments)
    problem = ground.attempt(result, refused)
    if not problem and word not in result.stderr:
        problem = f"the error does not name the limit: {result.stderr}"
    if not problem and memory > MEMORY:
        problem = f"{memory} KiB of memory"
    if not problem and seconds > SECONDS:
        problem = f"{seconds:.1f} seconds"
    ground.check(f"{title} ({memory >> 10} MiB, {seconds:.1f} s)", problem)
    ground.clear()


def imported(title, refused, data, word=""):
    image.write_bytes(data)
    case(title, refused, "import", image, "bomb", word=word)


def gzip_of(size, head=b""):
    """A gzip file of a head and so many zeros: one member of 64 MiB, repeated."""
    step = 64 << 20
    first = zlib.compressobj(9, wbits=31)
    many = zlib.compressobj(9, wbits=31)
    member = many.compress(bytes(step)) + many.flush()
    return first.compress(head) + first.flush() + member * (size // step)


def zstd_of(size, head=b""):
    """A zstd frame of a raw block and RLE blocks of zeros (RFC 8878): 4 bytes for each 128 KiB."""
    frame = b"\x28\xb5\x2f\xfd" + bytes([0x00, 0x38])  # no content size, window of 128 KiB
    for i in range(0, len(head), 1 << 16):
        part = head[i:i + (1 << 16)]
        frame += struct.pack("<I", len(part) << 3)[:3] + part
    block = struct.pack("<I", (1 << 17) << 3 | 1 << 1)[:3] + b"\0"
    return frame + block * (size >> 17) + struct.pack("<I", 1)[:3]


def repeated(compress, size, head=b""):
    """A stream of a head, and streams of 64 MiB of zeros."""
    return compress(head) + compress(bytes(64 << 20)) * (size >> 26)


def xz_wanting(bits):
    """An xz stream of nothing whose header says how much its reader needs: 40 is 4 GiB (The .xz File Format, 5.3.1)."""
    plain = lzma.compress(b"x", check=lzma.CHECK_CRC32, preset=0)
    block = plain[12:16] + bytes([bits]) + plain[17:20]
    return plain[:12] + block + struct.pack("<I", zlib.crc32(block)) + plain[24:]


# ---- sizes ----

HEAD = t.header("zeros", size=60 * GIB)
imported("gzip of 4 GiB of zeros in a file of 60", True, gzip_of(4 * GIB, HEAD), "bomb")
imported("zstd of 60 GiB of zeros in 2 MiB", True, zstd_of(60 * GIB, HEAD), "bomb")
imported("xz of 8 GiB of zeros in 1 MiB", True, repeated(lambda data: lzma.compress(data, preset=0), 8 * GIB, HEAD), "bomb")
imported("bzip2 of 60 GiB of zeros in 45 KiB", True, repeated(bz2.compress, 60 * GIB, HEAD), "bomb")
imported("xz of zeros behind the end of the archive", True, repeated(lambda data: lzma.compress(data, preset=0), 2 * GIB, t.END), "bomb")
imported("10,000 bzip2 streams of nothing", True, bz2.compress(b"") * 10000 + b"x", "no bzip2 header")
imported("10,000 xz streams of nothing", True, lzma.compress(b"") * 10000 + b"x" * 12, "no xz header")
imported("gzip of zeros behind the end of the archive", True, gzip_of(2 * GIB, t.END), "bomb")
imported("gzip of 128 MiB of zeros", False, gzip_of(128 << 20, t.archive(t.entry("x"))))
for title, bits, word in (("96 MiB", 29, "want 96 MiB"), ("1.5 GiB", 37, "want 1536 MiB"), ("4 GiB", 40, "want 4096 MiB")):
    imported(f"an xz dictionary of {title}", True, xz_wanting(bits), word)
imported("a zstd window of 2 GiB", True, b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(100), "32 MiB")
for title, size in (("100 GiB", 100 * GIB), ("8 EiB", 2 ** 63), ("8 EiB - 1", 2 ** 63 - 1), ("2^88", 2 ** 87),
                    ("-1", b"\xff" * 12), ("no number", b"12x4567890")):
    imported(f"a header that says {title}", True, t.archive(t.header("x", size=size)))
imported("a PAX size of 8 EiB", True, t.archive(t.pax([("size", str(2 ** 63 - 1))]), t.entry("x")))
imported("a PAX size of 2^70", True, t.archive(t.pax([("size", str(2 ** 70))]), t.entry("x")))
imported("one PAX size for all", True, t.archive(t.pax([("size", "1")], t.PAX_GLOBAL), t.entry("x")))
imported("100 files of 1 GiB, cut", True, t.header("x", size=GIB) * 100)
sparse = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "big"), ("GNU.sparse.realsize", str(2 ** 42))]
imported("a sparse file of 4 TiB", True, t.archive(t.pax(sparse), t.entry("x", data=t.padded(b"1\n%d\n0\n" % (2 ** 42)))))
imported("a sparse file of 1 GiB", False, t.archive(t.pax(sparse[:3] + [("GNU.sparse.realsize", str(GIB))]),
                                                    t.entry("x", data=t.padded(b"1\n%d\n0\n" % GIB))))

# ---- headers ----

imported("a PAX header of 1 GiB", True, t.archive(t.header("x", t.PAX, GIB)), "extension header")
imported("a long name of 1 GiB", True, t.archive(t.header("x", t.LONG_NAME, GIB)), "extension header")
imported("a PAX header of 900 KiB", False, t.archive(t.pax([("comment", "x" * 900000)]), t.entry("x")))
imported("10,000 extension headers", None, t.archive(t.pax([("comment", "x")]) * 10000, t.entry("x")))
imported("an attribute of 100 KiB", True, t.archive(t.pax([("SCHILY.xattr.user.x", "x" * 100000)]), t.entry("x")), "attribute")
for title, data in (("length 0", b"0 a=b\n"), ("too long", b"99 a=b\n"), ("too short", b"3 a=b\n"), ("no length", b"a=b\n"),
                    ("no key", b"5 =b\n"), ("no newline", b"6 a=bc"), ("huge length", b"9" * 30 + b" a=b\n"),
                    ("a key with a NUL", b"8 p\0a=b\n")):
    imported(f"a PAX record: {title}", True, t.archive(t.header("x", t.PAX, len(data)) + t.padded(data), t.entry("y")))

# ---- numbers ----


def many(count):
    """Headers that differ in their name, as one gzip file."""
    packer = zlib.compressobj(1, wbits=31)
    block = bytearray(t.header("entry-0000000"))
    base = sum(t.header("entry-0000000")[:148]) + 8 * 32 + sum(t.header("entry-0000000")[156:])
    parts = []
    for i in range(count):
        digits = b"%07d" % i
        block[6:13] = digits
        block[148:156] = b"%06o\0 " % (base + sum(digits) - 7 * 48)
        parts.append(bytes(block))
        if len(parts) == 20000:
            yield packer.compress(b"".join(parts))
            parts = []
    yield packer.compress(b"".join(parts) + t.END) + packer.flush()


if ground.in_memory:
    for entries in (400001, 10 ** 6):
        with open(image, "wb") as file:
            for chunk in many(entries):
                file.write(chunk)
        case(f"{entries:,} empty entries", True, "import", image, "bomb", word="400000")
imported("20,000 whiteouts", False, t.archive(*(t.entry(".wh.%d" % i) for i in range(20000))))
imported("a folder 500 deep, entry by entry", False, t.archive(*(t.folder("d/" * n) for n in range(1, 500))))

# ---- documents ----


def layout(title, change, word=""):
    made = Layout(ground.folder / f"layout-{ground.number}")
    change(made)
    case(title, True, "pull", f"oci:{made.folder}", word=word)


def huge_index(made):
    with open(made.folder / "index.json", "wb") as file:
        file.truncate(GIB)


def huge_blob(media_type):
    def change(made):
        name = "a" * 64
        with open(made.folder / "blobs" / "sha256" / name, "wb") as file:
            file.truncate(GIB)
        descriptor = {"mediaType": media_type, "digest": f"sha256:{name}", "size": GIB}
        if media_type == MANIFEST:
            made.write({"schemaVersion": 2, "manifests": [descriptor]})
        else:
            made.add({"schemaVersion": 2, "config": descriptor, "layers": [made.blob(t.END, LAYER)]})
    return change


def deep(made):
    made.write(b'{"schemaVersion": 2, "manifests": ' + b"[" * 10 ** 6)


def nested(made):
    inner = made.blob({"schemaVersion": 2, "manifests": []}, MANIFEST)
    for _ in range(6):
        inner = made.blob({"schemaVersion": 2, "manifests": [inner]}, "application/vnd.oci.image.index.v1+json")
    made.write({"schemaVersion": 2, "manifests": [inner]})


def wide(made):
    made.write({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": "sha256:" + "a" * 64, "size": 1}] * 20000})


layout("an index.json of 1 GiB", huge_index)
layout("a manifest of 1 GiB", huge_blob(MANIFEST), "4194304")
layout("a config of 1 GiB", huge_blob(CONFIG), "4194304")
layout("JSON nested 10^6 deep", deep, "64")
layout("indexes in indexes", nested, "deep")
layout("20,000 images", wide, "1024")

CONF = json.dumps({"rootfs": {"diff_ids": [digest(t.END)]}}).encode()
image.write_bytes(saved([("c", [f"name{i}:1" for i in range(2000)], ["l"])], {"c": CONF, "l": t.END}))
case("2,000 names for an image", True, "load", "-i", image, word="1024")
image.write_bytes(t.archive(*(t.entry(f"m{i}") for i in range(60000))))
case("60,000 members and no manifest", True, "load", "-i", image)
ground.finish()
