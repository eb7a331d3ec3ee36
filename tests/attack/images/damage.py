#!/usr/bin/env python3
"""C6, C7, C8, C11: documents and blobs that are not what they say.

Each case is a layout or an archive with one thing wrong. It is refused with one clear line, before any
path is formed from it, and nothing stays behind.
"""

import gzip
import json
import shutil

from ground import Ground, rawtar as t
from layout import CONFIG, INDEX, LAYER, MANIFEST, Layout, digest, saved

ground = Ground()
TAR = t.archive(t.folder("./"), t.entry("file", data=b"content\n"))
OTHER = t.archive(t.entry("other", data=b"other\n"))
HEX = "a" * 64


def fresh():
    folder = ground.folder / "layout"
    shutil.rmtree(folder, ignore_errors=True)
    return Layout(folder)


def base():
    """A right layout, its manifest and its config descriptor, to be made wrong."""
    layout = fresh()
    layer = layout.blob(TAR, LAYER)
    config = layout.config([digest(TAR)])
    return layout, {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}


def changed(**changes):
    def make():
        layout, manifest = base()
        for key, value in changes.items():
            value = value(manifest) if callable(value) else value
            if value is None:
                manifest.pop(key)
            else:
                manifest[key] = value
        layout.add(manifest, "x")
    return make


def descriptor(where, **changes):
    """The manifest's descriptor of a layer or the config, changed."""
    def make():
        layout, manifest = base()
        target = manifest["config"] if where == "config" else manifest["layers"][0]
        for key, value in changes.items():
            if value is None:
                target.pop(key)
            else:
                target[key] = value
        layout.add(manifest, "x")
    return make


def config(**changes):
    def make():
        layout = fresh()
        document = {"architecture": "amd64", "os": "linux",
                    "rootfs": {"type": "layers", "diff_ids": [digest(TAR)]}, **changes}
        layout.add({"schemaVersion": 2, "config": layout.blob(document, CONFIG), "layers": [layout.blob(TAR, LAYER)]}, "x")
    return make


def raw_manifest(data):
    return lambda: fresh().add(data, "x")


def raw_index(data):
    def make():
        layout, manifest = base()
        layout.add(manifest, "x")
        layout.write(data)
    return make


def index_entry(**changes):
    def make():
        layout, manifest = base()
        entry = layout.add(manifest, "x")
        entry.update(changes)
        layout.write({"schemaVersion": 2, "manifests": [entry]})
    return make


def blob_changed(which, change):
    def make():
        layout, manifest = base()
        layout.add(manifest, "x")
        name = (manifest["config"] if which == "config" else manifest["layers"][0])["digest"][7:]
        if which == "manifest":
            name = layout.manifests[0]["digest"][7:]
        path = layout.folder / "blobs" / "sha256" / name
        change(path)
    return make


def to_link(target):
    def change(path):
        path.unlink()
        path.symlink_to(target)
    return change


def to_folder(path):
    path.unlink()
    path.mkdir()


def to_fifo(path):
    import os
    path.unlink()
    os.mkfifo(path)


def layer_bytes(data, diff=None, media_type=LAYER):
    """A layer whose blob is right and whose content is not."""
    def make():
        layout = fresh()
        layout.add({"schemaVersion": 2, "config": layout.config([diff or digest(data)]),
                    "layers": [layout.blob(data, media_type)]}, "x")
    return make


def both(first, second):
    layout, manifest = base()
    manifest[first] = manifest.get(first, second)
    return manifest


DIGESTS = [("", "empty"), ("sha256:", "without digits"), ("sha256:../../../../x", "a path"), ("sha256:" + "A" * 64, "upper case"),
           ("sha256:" + "a" * 63, "short"), ("sha256:" + "a" * 65, "long"), ("sha512:" + "a" * 128, "sha512"),
           ("md5:" + "a" * 32, "md5"), ("a" * 64, "without an algorithm"), ("sha256:" + "a" * 63 + "/", "with a slash"),
           ("sha256:" + "a" * 63 + "\n", "with a newline"), ("SHA256:" + HEX, "algorithm in upper case"),
           ("sha256+b64:" + HEX, "of two algorithms"), (["sha256:" + HEX], "an array"), (7, "a number"), (None, "missing")]

LAYOUTS = [
    # C7: one document, two meanings
    ("manifest with manifests", changed(manifests=[])),
    ("manifest with manifests of its own", changed(manifests=lambda m: [dict(m["config"], mediaType=MANIFEST)])),
    ("manifest that says it is an index", changed(mediaType=INDEX)),
    ("manifest of an unknown type", changed(mediaType="application/json")),
    ("manifest whose type is no text", changed(mediaType=1)),
    ("index in the place of a manifest", raw_manifest({"schemaVersion": 2, "manifests": []})),
    ("index.json with layers", raw_index({"schemaVersion": 2, "manifests": [], "layers": []})),
    ("index.json with a config", raw_index({"schemaVersion": 2, "manifests": [], "config": {}})),
    ("index.json that is a manifest", raw_index({"schemaVersion": 2, "config": {}, "layers": []})),
    ("index entry of a config's type", index_entry(mediaType=CONFIG)),
    ("index entry of an index's type", index_entry(mediaType=INDEX)),
    ("index entry of Docker's other type",
     index_entry(mediaType="application/vnd.docker.distribution.manifest.v2+json")),
    ("duplicate keys", raw_manifest(b'{"schemaVersion": 2, "schemaVersion": 2, "layers": [], "config": {}}')),
    # shapes
    ("schemaVersion 1", changed(schemaVersion=1)),
    ("schemaVersion missing", changed(schemaVersion=None)),
    ("schemaVersion a text", changed(schemaVersion="2")),
    ("config missing", changed(config=None)),
    ("config null", changed(config=lambda m: [])),
    ("config a text", changed(config="x")),
    ("layers missing", changed(layers=None)),
    ("layers an object", changed(layers={})),
    ("layers of texts", changed(layers=["x"])),
    ("no layers", changed(layers=[])),
    ("128 layers", changed(layers=lambda m: m["layers"] * 128)),
    ("more layers than the config has", changed(layers=lambda m: m["layers"] * 2)),
    ("layer of an unknown type", descriptor("layer", mediaType="application/x-thing")),
    ("layer of a config's type", descriptor("layer", mediaType=CONFIG)),
    ("layer that is foreign", descriptor("layer", mediaType="application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                                         urls=["https://example.org/layer"])),
    ("layer that may not be distributed",
     descriptor("layer", mediaType="application/vnd.oci.image.layer.nondistributable.v1.tar")),
    ("layer that is encrypted", descriptor("layer", mediaType=LAYER + "+encrypted")),
    ("config of a layer's type", descriptor("config", mediaType=LAYER)),
    ("config of a chart", descriptor("config", mediaType="application/vnd.cncf.helm.config.v1+json")),
    ("config that is empty", descriptor("config", mediaType="application/vnd.oci.empty.v1+json")),
    ("mediaType missing", descriptor("layer", mediaType=None)),
    ("size missing", descriptor("layer", size=None)),
    ("size negative", descriptor("layer", size=-1)),
    ("size real", descriptor("layer", size=1.5)),
    ("size a text", descriptor("layer", size="10")),
    ("size too large", descriptor("layer", size=2 ** 62)),
    ("size beyond numbers", raw_manifest(b'{"schemaVersion": 2, "config": {"size": 99999999999999999999}, "layers": []}')),
    ("size one too small", descriptor("layer", size=len(TAR) - 1)),
    ("size one too large", descriptor("layer", size=len(TAR) + 1)),
    ("config larger than taken", descriptor("config", size=5 << 20)),
    # texts
    ("manifest empty", raw_manifest(b"")),
    ("manifest cut", raw_manifest(b'{"schemaVersion": 2, "layers": [')),
    ("manifest with text behind it", raw_manifest(b'{"schemaVersion": 2, "manifests": []} x')),
    ("manifest an array", raw_manifest(b"[]")),
    ("manifest null", raw_manifest(b"null")),
    ("manifest not UTF-8", raw_manifest(b'{"schemaVersion": 2, "x": "\xff\xfe"}')),
    ("manifest with a NUL", raw_manifest(b'{"schemaVersion": 2, "x": "\\u0000"}')),
    ("manifest nested deeply", raw_manifest(b"[" * 10 ** 6)),
    ("manifest of schema 1", raw_manifest(b'{"schemaVersion": 1, "fsLayers": []}')),
    ("index.json empty", raw_index(b"")),
    ("index.json an array", raw_index(b"[]")),
    ("index.json without images", raw_index({"schemaVersion": 2, "manifests": []})),
    ("index.json with manifests an object", raw_index({"schemaVersion": 2, "manifests": {}})),
    ("index.json with 2000 images", raw_index({"schemaVersion": 2, "manifests": [{}] * 2000})),
    ("a name that is none", index_entry(annotations={"org.opencontainers.image.ref.name": "UPPER/../x"})),
    ("a name that climbs", index_entry(annotations={"org.opencontainers.image.ref.name": "../../x"})),
    ("a name with a newline", index_entry(annotations={"org.opencontainers.image.ref.name": "a\nb"})),
    # configs
    ("config without rootfs", config(rootfs=None)),
    ("config without diff_ids", config(rootfs={"type": "layers"})),
    ("config with an empty diff_id", config(rootfs={"diff_ids": [""]})),
    ("config with a diff_id that is a path", config(rootfs={"diff_ids": ["sha256:../../../../../../tmp/x"]})),
    ("config with another diff_id", config(rootfs={"diff_ids": ["sha256:" + HEX]})),
    ("config with two diff_ids", config(rootfs={"diff_ids": [digest(TAR)] * 2})),
    ("config with Env an object", config(config={"Env": {"A": "b"}})),
    ("config with Cmd of numbers", config(config={"Cmd": [1]})),
    ("config with User a number", config(config={"User": 0})),
    ("config with Volumes an array", config(config={"Volumes": ["/x"]})),
    ("config with config a text", config(config="x")),
    ("config a manifest", descriptor("config", digest="sha256:" + HEX)),
    # blobs
    ("layer missing", blob_changed("layer", lambda p: p.unlink())),
    ("layer damaged", blob_changed("layer", lambda p: p.write_bytes(TAR[:600] + b"X" + TAR[601:]))),
    ("layer cut", blob_changed("layer", lambda p: p.write_bytes(TAR[:-1]))),
    ("layer with more behind it", blob_changed("layer", lambda p: p.write_bytes(TAR + b"x"))),
    ("layer a folder", blob_changed("layer", to_folder)),
    ("layer a fifo", blob_changed("layer", to_fifo)),
    ("layer a link outside", blob_changed("layer", to_link("/etc/passwd"))),
    ("layer a link to a device", blob_changed("layer", to_link("/dev/zero"))),
    ("config missing", blob_changed("config", lambda p: p.unlink())),
    ("config damaged", blob_changed("config", lambda p: p.write_bytes(p.read_bytes().replace(b"amd64", b"amd65")))),
    ("config a fifo", blob_changed("config", to_fifo)),
    ("manifest missing", blob_changed("manifest", lambda p: p.unlink())),
    ("manifest damaged", blob_changed("manifest", lambda p: p.write_bytes(p.read_bytes().replace(b"layers", b"Layers")))),
    # contents
    ("layer of another diff_id", layer_bytes(TAR, digest(OTHER))),
    ("layer empty but wrong", layer_bytes(b"", digest(TAR))),
    ("layer of text", layer_bytes(b"this is no archive\n" * 100)),
    ("layer a zip", layer_bytes(b"PK\3\4" + bytes(600))),
    ("layer xz", layer_bytes(b"\xfd7zXZ\0" + bytes(600))),
    ("layer gzip cut", layer_bytes(gzip.compress(TAR)[:-5], digest(TAR), LAYER + "+gzip")),
    ("layer gzip damaged", layer_bytes(gzip.compress(TAR)[:20] + b"XXXX" + gzip.compress(TAR)[24:], digest(TAR))),
    ("layer gzip with more behind it", layer_bytes(gzip.compress(TAR) + b"more", digest(TAR))),
    ("layer gzip of a wrong checksum", layer_bytes(gzip.compress(TAR)[:-8] + bytes(8), digest(TAR))),
    ("layer gzip of nothing", layer_bytes(b"\x1f\x8b", digest(b""))),
    ("layer zstd cut", layer_bytes(b"\x28\xb5\x2f\xfd\x04", digest(TAR))),
    ("layer with a header of a wrong checksum", layer_bytes(t.header("x", checksum=1) + t.END)),
    ("layer cut in a file", layer_bytes(t.entry("x", data=bytes(5000))[:2000])),
    ("layer cut in a header", layer_bytes(t.entry("x")[:300])),
    ("layer with data where a header must stand", layer_bytes(t.entry("x") + b"X" * 512 + t.END)),
    ("layer with a hard link that has data",
     layer_bytes(t.archive(t.entry("x"), t.header("y", t.HARDLINK, 600, link="x") + t.padded(bytes(100) + b"z" * 500)))),
]

for value, title in DIGESTS:
    for where in ("layer", "config"):
        LAYOUTS.append((f"{where}'s digest {title}", descriptor(where, digest=value)))
    LAYOUTS.append((f"index entry's digest {title}", index_entry(digest=value)))

for title, make in LAYOUTS:
    make()
    ground.check(title, ground.attempt(ground.run("pull", f"oci:{ground.folder}/layout:x"), True))

layout, manifest = base()
layout.add(manifest, "x")
ground.check("the right one is taken", ground.attempt(ground.run("pull", f"oci:{layout.folder}:x"), False))
ground.clear()

# ---- archives ----

CONF = json.dumps({"rootfs": {"diff_ids": [digest(TAR)]}}).encode()
MEMBERS = {"c.json": CONF, "l/layer.tar": TAR}


def links(*more):
    return t.archive(t.entry("c.json", data=CONF), t.entry("real/layer.tar", data=TAR), *more,
                     t.entry("manifest.json", data=json.dumps([{"Config": "c.json", "RepoTags": ["x:1"],
                                                                "Layers": ["l/layer.tar"]}]).encode()))


ARCHIVES = [
    ("docker archive", saved([("c.json", ["x:1"], ["l/layer.tar"])], MEMBERS), False),
    ("docker archive of two images", saved([("c.json", ["x:1"], ["l/layer.tar"]), ("c.json", ["y:1", "z"], ["l/layer.tar"])],
                                           MEMBERS), False),
    ("docker archive without names", saved([("c.json", None, ["l/layer.tar"])], MEMBERS), False),
    ("layer is a symlink", links(t.symlink("l/layer.tar", "../real/layer.tar")), False),
    ("layer is a hard link", links(t.hardlink("l/layer.tar", "real/layer.tar")), False),
    ("layer is a link to a link", links(t.symlink("l/layer.tar", "b"), t.symlink("l/b", "../real/layer.tar")), False),
    ("layer is a link to itself", links(t.symlink("l/layer.tar", "layer.tar")), True),
    ("layer is a link in a circle", links(t.symlink("l/layer.tar", "b"), t.symlink("l/b", "layer.tar")), True),
    ("layer is a link outside", links(t.symlink("l/layer.tar", "../../etc/passwd")), True),
    ("layer is an absolute link", links(t.symlink("l/layer.tar", "/etc/passwd")), True),
    ("layer is a link to the canary", links(t.symlink("l/layer.tar", str(ground.canary / "file"))), True),
    ("layer missing", saved([("c.json", ["x:1"], ["m/layer.tar"])], MEMBERS), True),
    ("config missing", saved([("d.json", ["x:1"], ["l/layer.tar"])], MEMBERS), True),
    ("config's name climbs", saved([("../../etc/passwd", ["x:1"], ["l/layer.tar"])], MEMBERS), True),
    ("config's name is absolute", saved([("/etc/passwd", ["x:1"], ["l/layer.tar"])], MEMBERS), True),
    ("a bad tag", saved([("c.json", ["x:1:2/.."], ["l/layer.tar"])], MEMBERS), True),
    ("no layers", saved([("c.json", ["x:1"], [])], MEMBERS), True),
    ("200 layers", saved([("c.json", ["x:1"], ["l/layer.tar"] * 200)], MEMBERS), True),
    ("layers of another image", saved([("c.json", ["x:1"], ["l/layer.tar"])], dict(MEMBERS, **{"l/layer.tar": OTHER})), True),
    ("second image bad, so none", saved([("c.json", ["x:1"], ["l/layer.tar"]), ("c.json", ["y:1"], ["no"])], MEMBERS), True),
    ("manifest.json not an array", t.archive(t.entry("manifest.json", data=b"{}")), True),
    ("manifest.json an empty array", t.archive(t.entry("manifest.json", data=b"[]")), True),
    ("manifest.json of numbers", t.archive(t.entry("manifest.json", data=b"[1]")), True),
    ("manifest.json cut", t.archive(t.entry("manifest.json", data=b"[{")), True),
    ("manifest.json a link", t.archive(t.symlink("manifest.json", "/etc/passwd")), True),
    ("manifest.json a folder", t.archive(t.folder("manifest.json")), True),
    ("manifest.json a device", t.archive(t.entry("manifest.json", t.CHARACTER, major=1, minor=5)), True),
    ("manifest.json of 5 MiB", t.archive(t.entry("manifest.json", data=b"[" + b" " * (5 << 20) + b"]")), True),
    ("a member that climbs", t.archive(t.entry("../../x", data=b"x"), t.entry("manifest.json", data=b"[]")), True),
    ("index.json without oci-layout", t.archive(t.entry("index.json", data=b"{}")), True),
    ("an empty archive", t.END, True),
    ("an empty file", b"", True),
    ("a root file system", TAR, True),
    ("text", b"hello\n" * 1000, True),
    ("cut", saved([("c.json", ["x:1"], ["l/layer.tar"])], MEMBERS)[:1500], True),
    ("OCI archive", layout.archive(), False),
    ("OCI archive, compressed", gzip.compress(layout.archive()), False),
]

for title, data, refused in ARCHIVES:
    image = ground.folder / "archive.tar"
    image.write_bytes(data)
    ground.check(f"archive: {title}", ground.attempt(ground.run("load", "-i", image), refused))
    ground.clear()
for source in ("docker://127.0.0.1:9/nginx", "127.0.0.1:9/nginx", "oci:", "oci:/nonexistent", "oci:/etc", "oci-archive:/etc/passwd", "docker-archive:/dev/null",
               "dir:/tmp", "oci:" + "a" * 5000, "", "-x", "oci:\n"):
    ground.check(f"pull {source[:40]!r}", ground.attempt(ground.run("pull", "-q", "--", source), True))
ground.finish()
