#!/usr/bin/env python3
"""A registry that sends its clients elsewhere, and one whose documents have two meanings: straying_registry.py LAYOUT LOG
serves the OCI layout's only image on a free port of 127.0.0.1 and prints it, and behind it the port of the other origin,
which wants credentials as well. What is asked, where and as whom goes to LOG, a JSON object a line.

The first component of a repository says what is done (127.0.0.1:PORT/urls/app:app). Everybody must be ann here.
"""
import base64
import hashlib
import http.server
import json
import pathlib
import sys
import threading

import handler

LAYOUT, LOG = pathlib.Path(sys.argv[1]), open(sys.argv[2], "a", buffering=1, encoding="utf-8")
BASIC = "Basic " + base64.b64encode(b"ann:secret").decode()
OCI = "application/vnd.oci.image."
MANIFEST, INDEX = OCI + "manifest.v1+json", OCI + "index.v1+json"
BLOBS = LAYOUT / "blobs/sha256"
PORTS = []
ENTRY = json.loads((LAYOUT / "index.json").read_text(encoding="utf-8"))["manifests"][0]
RIGHT = (BLOBS / ENTRY["digest"][7:]).read_bytes()


def other(path):
    return f"http://127.0.0.1:{PORTS[1]}{path}"


def changed(**changes):
    """The manifest with keys added, changed or (None) taken away."""
    document = dict(json.loads(RIGHT), **changes)
    return json.dumps({k: v for k, v in document.items() if v is not None}).encode()


def layers(**changes):
    return changed(layers=[dict(layer, **changes) for layer in json.loads(RIGHT)["layers"]])


# mode: the document, and the type the header gives it
DOCUMENTS = {
    "urls": lambda: (layers(urls=[other("/layer")]), MANIFEST),
    "lost": lambda: (layers(urls=[other("/layer")]), MANIFEST),
    "foreign": lambda: (layers(urls=[other("/layer")], mediaType="application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), MANIFEST),
    "both": lambda: (changed(manifests=[ENTRY]), MANIFEST),
    "bothindex": lambda: (changed(manifests=[ENTRY], mediaType=INDEX), INDEX),
    "bothuntyped": lambda: (changed(manifests=[ENTRY], mediaType=None), INDEX),
    "saysindex": lambda: (RIGHT, INDEX),
    "saysmanifest": lambda: (json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [ENTRY]}).encode(), MANIFEST),
    "untyped": lambda: (changed(mediaType=None), INDEX),
    "otherindex": lambda: (json.dumps({"schemaVersion": 2, "manifests": [ENTRY]}).encode(), MANIFEST),
    "config": lambda: (RIGHT, OCI + "config.v1+json"),
    "climbing": lambda: (layers(digest="sha256:../../../../etc/passwd"), MANIFEST),
    "shouting": lambda: (layers(digest=ENTRY["digest"].upper()), MANIFEST),
    "md5": lambda: (layers(digest="md5:" + "a" * 32), MANIFEST),
    "sha512": lambda: (layers(digest="sha512:" + "a" * 128), MANIFEST),
    "query": lambda: (layers(digest=ENTRY["digest"] + "?x=y"), MANIFEST),
    "split": lambda: (layers(digest=ENTRY["digest"] + "\r\nX: y"), MANIFEST),
}


class Handler(handler.Handler):
    def note(self):
        LOG.write(json.dumps({"at": "other" if self.server.server_address[1] == PORTS[1] else "here", "method": self.command, "path": self.path,
                              "authorization": self.headers.get("Authorization"), "cookie": self.headers.get("Cookie")}) + "\n")

    def do_GET(self):
        self.note()
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.server_address[1] == PORTS[1]:
            self.elsewhere()
            return
        parts = self.path.split("?")[0].split("/")
        mode = parts[2] if len(parts) > 2 else ""
        if self.path.startswith("/token"):
            self.say(307, Location=other("/token"))
        elif self.headers.get("Authorization") != BASIC:
            challenge = f'Bearer realm="http://127.0.0.1:{PORTS[0]}/token"' if mode == "tokenaway" else 'Basic realm="here"'
            self.say(401, WWW_Authenticate=challenge, Set_Cookie="crumb=of-here")
        elif "uploads" in parts:
            self.say(202, Location=other(self.path))
        elif len(parts) == 6 and parts[4] == "manifests":
            self.manifest(mode)
        elif len(parts) == 6 and parts[4] == "blobs":
            self.blob(mode, parts[5])
        else:
            self.say(404 if len(parts) > 3 else 200)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_GET

    def elsewhere(self):
        """Another origin, which would like to know the password."""
        self.say(401, WWW_Authenticate='Basic realm="here"' if "/basicaway/" in self.path else f'Bearer realm="{other("/token")}",service="here"')

    def manifest(self, mode):
        if mode == "upload":
            self.say(404)
            return
        if mode == "manifestaway":
            self.say(307, Location=other(self.path))
            return
        body, kind = DOCUMENTS.get(mode, lambda: (RIGHT, MANIFEST))()
        self.say(200, body, Content_Type=kind, Docker_Content_Digest="sha256:" + hashlib.sha256(body).hexdigest())

    def blob(self, mode, digest):
        path = BLOBS / digest[7:]
        if mode in ("blobaway", "basicaway"):
            self.say(307, Location=other(self.path))
        elif mode in ("lost", "upload") or not path.is_file() or (mode == "urls" and self.command == "HEAD"):
            self.say(404)
        else:
            self.say(200, path.read_bytes())


def main():
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    PORTS.extend(server.server_address[1] for server in servers)
    threading.Thread(target=servers[1].serve_forever, daemon=True).start()
    print(*PORTS, flush=True)
    servers[0].serve_forever()


main()
