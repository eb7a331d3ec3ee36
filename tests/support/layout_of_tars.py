#!/usr/bin/env python3
"""An OCI layout of one image from tars that exist: layout_of_tars.py FOLDER NAME TAR... (bottom first; they are not compressed)."""
import hashlib
import json
import pathlib
import shutil
import sys

OCI = "application/vnd.oci.image."
layout, name, tars = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
blobs = layout / "blobs/sha256"
blobs.mkdir(parents=True)


def put(data):
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"digest": "sha256:" + digest, "size": len(data)}


def put_file(path):
    with open(path, "rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    shutil.copy(path, blobs / digest)
    return {"mediaType": OCI + "layer.v1.tar", "digest": "sha256:" + digest, "size": pathlib.Path(path).stat().st_size}


layers = [put_file(tar) for tar in tars]
config = {"architecture": "amd64", "os": "linux",
          "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}
manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
            "config": {"mediaType": OCI + "config.v1+json", **put(json.dumps(config).encode())}, "layers": layers}
entry = {"mediaType": OCI + "manifest.v1+json", **put(json.dumps(manifest).encode()),
         "annotations": {"org.opencontainers.image.ref.name": name}}
(layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
(layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
