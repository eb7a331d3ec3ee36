"""layout: OCI layouts and docker archives made by hand, right or wrong on purpose."""

import hashlib
import json

from ground import rawtar as t

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encoded(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


class Layout:
    """A folder that is an OCI image layout."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.manifests = []

    def blob(self, data, media_type, **more):
        data = encoded(data)
        name = digest(data)
        (self.folder / "blobs" / "sha256" / name[7:]).write_bytes(data)
        return {"mediaType": media_type, "digest": name, "size": len(data), **more}

    def config(self, diffs, **more):
        return self.blob({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"]},
                          "rootfs": {"type": "layers", "diff_ids": diffs}, **more}, CONFIG)

    def image(self, tars, tag, compress=None, media_type=LAYER):
        layers = [self.blob(compress(data) if compress else data, media_type) for data in tars]
        return self.add({"schemaVersion": 2, "mediaType": MANIFEST, "config": self.config([digest(d) for d in tars]),
                         "layers": layers}, tag)

    def add(self, manifest, tag=None, media_type=MANIFEST, **more):
        descriptor = self.blob(manifest, media_type, **more)
        if tag is not None:
            descriptor["annotations"] = {"org.opencontainers.image.ref.name": tag}
        self.manifests.append(descriptor)
        self.write({"schemaVersion": 2, "mediaType": INDEX, "manifests": self.manifests})
        return descriptor

    def write(self, index):
        (self.folder / "index.json").write_bytes(encoded(index))

    def archive(self):
        """The layout as a tar: an OCI archive."""
        files = sorted(p for p in self.folder.rglob("*") if p.is_file())
        return t.archive(*(t.entry(str(p.relative_to(self.folder)), data=p.read_bytes()) for p in files))


def saved(images, members):
    """A docker archive: [(config, names, layers)], {name: data}."""
    manifest = [{"Config": config, "RepoTags": names, "Layers": layers} for config, names, layers in images]
    return t.archive(*(t.entry(name, data=data) for name, data in members.items()),
                     t.entry("manifest.json", data=json.dumps(manifest).encode()))
