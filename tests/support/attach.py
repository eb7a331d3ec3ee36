#!/usr/bin/env python3
"""Puts a profile beside an image, as it should be or as a stranger might, and prints the artifact's digest:

    attach.py HOST REPOSITORY TAG FILE [NAME=VALUE...]    of a registry that has no referrers API
    attach.py oci FOLDER NAME FILE [NAME=VALUE...]        of an OCI layout

created=TIME   annotation of the manifest          subject=DIGEST  another image
type=TYPE      artifactType of the manifest        media=TYPE      of the layer
layers=N       so many of it                       size=N          announced for the layer
spoil=1        the manifest is listed under a digest it has not
wipe=1         the list holds nothing else         raw=TEXT        the list is this text
tag=1          of a layout: listed in an index that is called sha256-HEX, as in a registry, and not in index.json itself
mute=1         listed without an artifactType
"""
import hashlib
import json
import pathlib
import sys
import urllib.error
import urllib.request

OCI = "application/vnd.oci.image."
TYPE = "application/vnd.cordon.profile.v1+json"
NAME = "org.opencontainers.image.ref.name"
INDEX = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json"}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry:
    def __init__(self, host, repository):
        self.base = f"http://{host}/v2/{repository}"

    def ask(self, method, url, data=None, kind="application/octet-stream"):
        accept = f"{OCI}manifest.v1+json, {OCI}index.v1+json"
        request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind, "Accept": accept})
        with urllib.request.urlopen(request) as answer:
            return answer.headers, answer.read()

    def image(self, tag):
        return self.ask("GET", f"{self.base}/manifests/{tag}")[1]

    def put(self, data):
        place = self.ask("POST", f"{self.base}/blobs/uploads/", b"")[0]["Location"]
        self.ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest_of(data), data)
        return {"digest": digest_of(data), "size": len(data)}

    def put_manifest(self, data):
        self.ask("PUT", f"{self.base}/manifests/{digest_of(data)}", data, OCI + "manifest.v1+json")

    def listed(self, subject):
        try:
            return json.loads(self.ask("GET", f"{self.base}/manifests/{subject.replace(':', '-')}")[1])["manifests"]
        except urllib.error.HTTPError:
            return []

    def put_list(self, subject, text):
        self.ask("PUT", f"{self.base}/manifests/{subject.replace(':', '-')}", text, OCI + "index.v1+json")


class Layout:
    def __init__(self, folder, tagged):
        self.folder, self.tagged = pathlib.Path(folder), tagged
        self.index = json.loads((self.folder / "index.json").read_text())

    def entries(self, name):
        return [e for e in self.index["manifests"] if e.get("annotations", {}).get(NAME) == name]

    def blob(self, digest):
        return self.folder / "blobs/sha256" / digest[7:]

    def image(self, name):
        return self.blob(self.entries(name)[0]["digest"]).read_bytes()

    def put(self, data):
        self.blob(digest_of(data)).write_bytes(data)
        return {"digest": digest_of(data), "size": len(data)}

    put_manifest = put

    def listed(self, subject):
        if not self.tagged:
            return [e for e in self.index["manifests"] if NAME not in e.get("annotations", {})]
        return [m for e in self.entries(subject.replace(":", "-")) for m in json.loads(self.blob(e["digest"]).read_bytes())["manifests"]]

    def put_list(self, subject, text):
        name = subject.replace(":", "-")
        others = [e for e in self.index["manifests"] if e.get("annotations", {}).get(NAME, name) != name]
        if self.tagged:
            entry = {"mediaType": OCI + "index.v1+json", **self.put(text), "annotations": {NAME: name}}
            others = [e for e in self.index["manifests"] if e not in self.entries(name)]
            self.index["manifests"] = others + [entry]
        else:
            # first, where whoever takes the first entry for the image would find it
            self.index["manifests"] = json.loads(text)["manifests"] + others
        (self.folder / "index.json").write_text(json.dumps(self.index))


host, repository, tag, file, *changes = sys.argv[1:]
change = dict(c.split("=", 1) for c in changes)
place = Layout(repository, "tag" in change) if host == "oci" else Registry(host, repository)
image = place.image(tag)
subject = digest_of(image)
with open(file, "rb") as source:
    layer = {"mediaType": change.get("media", TYPE), **place.put(source.read())}
if "size" in change:
    layer["size"] = int(change["size"])
manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": change.get("type", TYPE),
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", **place.put(b"{}")},
            "layers": [layer] * int(change.get("layers", 1)),
            "subject": {"mediaType": OCI + "manifest.v1+json", "digest": change.get("subject", subject), "size": len(image)}}
if "created" in change:
    manifest["annotations"] = {"org.opencontainers.image.created": change["created"]}
text = json.dumps(manifest).encode()
place.put_manifest(text)
entries = [] if change.get("wipe") else place.listed(subject)
entry = {"mediaType": OCI + "manifest.v1+json", "artifactType": TYPE, "digest": subject if change.get("spoil") else digest_of(text),
         "size": len(text), "annotations": manifest.get("annotations", {})}
if "mute" in change:
    del entry["artifactType"]
place.put_list(subject, change["raw"].encode() if "raw" in change else json.dumps({**INDEX, "manifests": entries + [entry]}).encode())
print(digest_of(text))
