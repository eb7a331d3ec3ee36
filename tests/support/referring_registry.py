#!/usr/bin/env python3
"""The referrers API of OCI distribution 1.1 before a registry that has none: referring_registry.py HOST:PORT FOLDER serves
on a free port of 127.0.0.1, which it prints, and passes on what else it is asked.

A manifest with a `subject` that is put through here is listed, and the answer says OCI-Subject. FOLDER/answer, where it is
there, is the body of every list instead: as it stands, or, named answer.endless, without an end. FOLDER/pages, "COUNT KIND",
gives every list in pages of COUNT entries, each with a link to the next: a true one, or, of the KIND "loop", to itself, "lost",
to what is not there, "away", to another host, "long", of 10,000 bytes, "broken", to a page that is no JSON.
"""
import hashlib
import http.client
import http.server
import json
import pathlib
import re
import sys

TARGET, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
LISTS = {}
INDEX = "application/vnd.oci.image.index.v1+json"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def endless(self, body):
        self.send_response(200)
        self.send_header("Content-Type", INDEX)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(body)
        except OSError:
            pass

    def referrers(self, digest, query):
        if (FOLDER / "answer.endless").exists():
            return self.endless((FOLDER / "answer.endless").read_bytes())
        if (FOLDER / "answer").exists():
            return self.say(200, (FOLDER / "answer").read_bytes(), {"Content-Type": INDEX})
        entries, headers = LISTS.get(digest, []), {"Content-Type": INDEX}
        if (FOLDER / "pages").exists():
            size, kind = (FOLDER / "pages").read_text().split()
            first = int(query.partition("last=")[2].partition("&")[0] or 0)
            last = first + int(size)
            with (FOLDER / "pages.log").open("a") as log:
                log.write(f"{first} {self.headers.get('Authorization', '-')}\n")
            if query.startswith("lost"):
                return self.say(404, b"{}", headers)
            if query.startswith("broken"):
                return self.say(200, b"{", headers)
            if last < len(entries) or kind == "loop":
                here = self.path.partition("?")[0]
                headers["Link"] = {
                    "true": f'<{here}?last={last}&n={size}>; rel="next"', "loop": f'<?last={first}>;rel=next',
                    "lost": f'<{here}?lost={last}>; rel="next"', "broken": f'<{here}?broken={last}>; rel="next"',
                    "away": f'<http://localhost:{self.server.server_address[1]}{here}?last={last}>; rel="next"',
                    "long": f'<{here}?last={last}&x={"x" * 5000}>; rel="next"'}[kind]
            entries = entries[first:last]
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        return self.say(200, body, headers)

    def list(self, body):
        """The subject's digest, where there is one."""
        try:
            manifest = json.loads(body)
            subject = manifest["subject"]["digest"]
        except (ValueError, KeyError, TypeError):
            return None
        kind = manifest.get("artifactType") or manifest["config"]["mediaType"]
        LISTS.setdefault(subject, []).append({
            "mediaType": manifest["mediaType"], "artifactType": kind, "size": len(body),
            "digest": "sha256:" + hashlib.sha256(body).hexdigest(), "annotations": manifest.get("annotations", {})})
        return subject

    def pass_on(self):
        match = re.fullmatch(r"/v2/.+/referrers/(sha256:[0-9a-f]{64})(?:\?(.*))?", self.path)
        if match:
            return self.referrers(match[1], match[2] or "")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: ", ".join(self.headers.get_all(name)) for name in self.headers if name.lower() != "connection"}
        link = http.client.HTTPConnection(TARGET)
        link.request(self.command, self.path, body, headers)
        answer = link.getresponse()
        content = answer.read()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in ("content-length", "connection")}
        if self.command == "HEAD":
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            return None
        if self.command == "PUT" and "/manifests/" in self.path and answer.status == 201:
            subject = self.list(body)
            if subject:
                kept["OCI-Subject"] = subject
        return self.say(answer.status, content, kept)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = pass_on


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
