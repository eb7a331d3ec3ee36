"""rawtar: tar archives byte by byte, for what tarfile refuses to write.

Names, links, sizes and numbers are taken as they are given; nothing is checked. An archive is the
concatenation of entries and of END.
"""

BLOCK = 512
END = bytes(2 * BLOCK)

FILE, HARDLINK, SYMLINK, CHARACTER, BLOCK_DEVICE, FOLDER, FIFO = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
CONTIGUOUS, SPARSE, LONG_NAME, LONG_LINK, PAX, PAX_GLOBAL = b"7", b"S", b"L", b"K", b"x", b"g"


def text(value):
    return value if isinstance(value, bytes) else value.encode()


def octal(value, width):
    return b"%0*o\0" % (width - 1, value)


def base256(value, width):
    """GNU's binary numbers: for what does not fit into octal digits."""
    return bytes([0x80]) + value.to_bytes(width - 1, "big")


def number(value, width):
    if isinstance(value, bytes):
        return value.ljust(width, b"\0")
    return octal(value, width) if value < 8 ** (width - 1) else base256(value, width)


def header(name, kind=FILE, size=0, mode=0o644, uid=0, gid=0, mtime=1577934245, link=b"", major=0, minor=0,
           magic=b"ustar\x0000", prefix=b"", checksum=None):
    block = (text(name)[:100].ljust(100, b"\0") + number(mode, 8) + number(uid, 8) + number(gid, 8) +
             number(size, 12) + number(mtime, 12) + b" " * 8 + kind + text(link)[:100].ljust(100, b"\0") +
             magic + bytes(32) + bytes(32) + number(major, 8) + number(minor, 8) + text(prefix).ljust(155, b"\0"))
    block = block.ljust(BLOCK, b"\0")
    total = sum(block) if checksum is None else checksum
    return block[:148] + b"%06o\0 " % total + block[156:]


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def record(key, value):
    """One PAX record; its length counts itself."""
    body = b" " + text(key) + b"=" + text(value) + b"\n"
    length = len(body) + 1
    while len(b"%d" % length) + len(body) != length:
        length = len(b"%d" % length) + len(body)
    return b"%d" % length + body


def pax(records, kind=PAX, size=None):
    data = b"".join(record(key, value) for key, value in records)
    return header(b"PaxHeaders/x", kind, len(data) if size is None else size) + padded(data)


def long_name(name, kind=LONG_NAME):
    data = text(name) + b"\0"
    return header(b"././@LongLink", kind, len(data), magic=b"ustar  \0") + padded(data)


def entry(name, kind=FILE, data=b"", link=b"", **fields):
    """An entry; names and links of over 100 bytes become PAX records."""
    name, link = text(name), text(link)
    records = []
    if len(name) > 100:
        records.append(("path", name))
    if len(link) > 100:
        records.append(("linkpath", link))
    size = fields.pop("size", len(data) if kind in (FILE, CONTIGUOUS, SPARSE) else 0)
    extension = pax(records) if records else b""
    return extension + header(name, kind, size, link=link, **fields) + padded(data)


def folder(name, **fields):
    return entry(name, FOLDER, mode=fields.pop("mode", 0o755), **fields)


def symlink(name, target, **fields):
    return entry(name, SYMLINK, link=target, mode=0o777, **fields)


def hardlink(name, target, **fields):
    return entry(name, HARDLINK, link=target, **fields)


def archive(*entries):
    return b"".join(entries) + END
