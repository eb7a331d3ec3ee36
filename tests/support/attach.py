#!/usr/bin/env python3
"""Puts a profile beside an image of a registry that has no referrers API, as it should be or as a stranger might:
attach.py HOST REPOSITORY TAG FILE [NAME=VALUE...] prints the artifact's digest.

created=TIME   annotation of the manifest          subject=DIGEST  another image
type=TYPE      artifactType of the manifest        media=TYPE      of the layer
layers=N       so many of it                       size=N          announced for the layer
spoil=1        the manifest is listed under a digest it has not
wipe=1         the list holds nothing else         raw=TEXT        the list is this text
"""
import hashlib
import json
import sys
import urllib.error
import urllib.request

host, repository, tag, file, *changes = sys.argv[1:]
change = dict(c.split("=", 1) for c in changes)
OCI = "application/vnd.oci.image."
TYPE = "application/vnd.cordon.profile.v1+json"
base = f"http://{host}/v2/{repository}"


def ask(method, url, data=None, kind="application/octet-stream"):
    accept = f"{OCI}manifest.v1+json, {OCI}index.v1+json"
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind, "Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def put(data):
    place = ask("POST", f"{base}/blobs/uploads/", b"")[0]["Location"]
    ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest_of(data), data)
    return {"digest": digest_of(data), "size": len(data)}


image = ask("GET", f"{base}/manifests/{tag}")[1]
subject = digest_of(image)
with open(file, "rb") as source:
    layer = {"mediaType": change.get("media", TYPE), **put(source.read())}
if "size" in change:
    layer["size"] = int(change["size"])
manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": change.get("type", TYPE),
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", **put(b"{}")},
            "layers": [layer] * int(change.get("layers", 1)),
            "subject": {"mediaType": OCI + "manifest.v1+json", "digest": change.get("subject", subject), "size": len(image)}}
if "created" in change:
    manifest["annotations"] = {"org.opencontainers.image.created": change["created"]}
text = json.dumps(manifest).encode()
ask("PUT", f"{base}/manifests/{digest_of(text)}", text, OCI + "manifest.v1+json")
listing = f"{base}/manifests/{subject.replace(':', '-')}"
try:
    index = json.loads(ask("GET", listing)[1])
except urllib.error.HTTPError:
    index = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": []}
if change.get("wipe"):
    index["manifests"] = []
index["manifests"].append({"mediaType": OCI + "manifest.v1+json", "artifactType": TYPE,
                           "digest": subject if change.get("spoil") else digest_of(text), "size": len(text),
                           "annotations": manifest.get("annotations", {})})
ask("PUT", listing, change["raw"].encode() if "raw" in change else json.dumps(index).encode(), OCI + "index.v1+json")
print(digest_of(text))
