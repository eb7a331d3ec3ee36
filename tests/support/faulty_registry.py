#!/usr/bin/env python3
"""A registry that misbehaves as it is told: faulty_registry.py LAYOUT LOG [MODE...] serves the OCI layout on a free
port of 127.0.0.1, prints the port, and writes what it is asked to LOG, a JSON object a line.

The first component of a repository says how it behaves (127.0.0.1:PORT/cut/app:TAG); the layout's image names are
the tags. A second port, printed behind the first, is the other origin that redirects lead to.
"""
import base64
import http.server
import json
import pathlib
import re
import sys
import threading
import time

import handler

LAYOUT, LOG = pathlib.Path(sys.argv[1]), open(sys.argv[2], "a", buffering=1, encoding="utf-8")
SEEN, LOCK = {}, threading.Lock()
FLEETING = [0] # which token is good: each for one part of a layer
LARGE = 64 << 10
BASIC = "Basic " + base64.b64encode(b"ann:secret").decode()
TOKEN = "Bearer token-of-ann"


def times(key):
    """How often this was asked before."""
    with LOCK:
        SEEN[key] = SEEN.get(key, 0) + 1
        return SEEN[key] - 1


def manifest(tag):
    index = json.loads((LAYOUT / "index.json").read_text())
    for entry in index["manifests"]:
        name = entry.get("annotations", {}).get("org.opencontainers.image.ref.name", "")
        if tag in (entry["digest"], name):
            return entry["mediaType"], (LAYOUT / "blobs/sha256" / entry["digest"][7:]).read_bytes(), entry["digest"]
    return None


class Handler(handler.Handler):
    ports = []

    def note(self):
        LOG.write(json.dumps({"port": self.server.server_address[1], "path": self.path,
                              "range": self.headers.get("Range"),
                              "authorization": self.headers.get("Authorization"), "time": time.time()}) + "\n")

    def wants(self, mode):
        """What the mode asks of whoever knocks; True where that is the answer already."""
        given = self.headers.get("Authorization")
        here = f"http://127.0.0.1:{self.ports[0]}"
        challenges = {
            "basic": (BASIC, 'Basic realm="here"'),
            "bearer": (TOKEN, f'Bearer realm="{here}/token",service="here",scope="repository:bearer/app:pull"'),
            "loopauth": ("nobody", f'Bearer realm="{here}/token",service="here"'),
            "noise": ("nobody", 'Bearer realm="' + "x" * 7000 + '", ,,=,"'),
            "negotiate": (BASIC, 'Negotiate YIIab+/==, Basic realm="here"'),
            "fleeting": (f"Bearer fleeting-{FLEETING[0]}", f'Bearer realm="{here}/token",service="fleeting"'),
            "away": (BASIC, 'Basic realm="here"'),
        }
        if mode not in challenges or given == challenges[mode][0]:
            return False
        self.say(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"who \\u001b[31mare\\u001b[0m you"}]}',
                 WWW_Authenticate=challenges[mode][1])
        return True

    def do_GET(self):
        self.note()
        if self.path.startswith("/token"):
            if "service=fleeting" in self.path:
                self.say(200, json.dumps({"token": f"fleeting-{FLEETING[0]}"}).encode())
            elif self.headers.get("Authorization") == BASIC:
                self.say(200, json.dumps({"token": TOKEN[7:]}).encode())
            else:
                self.say(401, b"")
            return
        match = re.fullmatch(r"/v2/([^/]+)/app/tags/list(?:\?page=(\d+))?", self.path)
        if match is not None:
            self.tags(match[1], int(match[2] or 0))
            return
        match = re.fullmatch(r"/v2/([^/]+)/app/(manifests|blobs)/(.*)", self.path)
        if match is None:
            self.say(404, b"{}")
        elif not self.wants(match[1]):
            getattr(self, match[2])(match[1], match[3])

    def tags(self, mode, page):
        lists = {"pages": [None, ["app"], []][page % 3], "tagloop": ["app"], "tagtext": "app", "tagshape": [["app"]],
                 "tagpath": ["app/../../other/app:1"], "tagdigest": ["app@sha256:" + "0" * 64]}
        more = mode == "tagloop" or (mode == "pages" and page < 2)
        link = {"Link": f'</v2/{mode}/app/tags/list?page={page + 1}>; rel="next"'} if more else {}
        self.say(200, json.dumps({"name": f"{mode}/app", "tags": lists.get(mode, ["app"])}).encode(),
                 Content_Type="application/json", **link)

    def manifests(self, mode, tag):
        found = manifest(tag)
        if mode == "busy" and times(self.path) < 2:
            self.say(429, b'{"errors":[{"code":"TOOMANYREQUESTS"}]}', Retry_After="1")
        elif mode == "later" and times(self.path) < 1:
            when = self.date_time_string(int(time.time()) + 3)
            self.say(429, b'{"errors":[{"code":"TOOMANYREQUESTS"}]}', Retry_After=when)
        elif mode == "down":
            self.say(503)
        elif mode == "html":
            self.say(200, b"<html>log in to the hotel's network</html>", Content_Type="text/html")
        elif mode == "endless":
            self.endless("application/vnd.oci.image.manifest.v1+json")
        elif mode == "loop":
            self.say(302, Location=self.path)
        elif mode == "file":
            self.say(302, Location="file:///etc/passwd")
        elif found is None:
            self.say(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
        elif mode == "lies":
            self.say(200, found[1].replace(b'"size"', b'"size" '), Content_Type=found[0], Docker_Content_Digest=found[2])
        else:
            self.say(200, found[1], Content_Type=found[0], Docker_Content_Digest=found[2])

    def endless(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except OSError:
            self.close_connection = True

    def blobs(self, mode, digest):
        path = LAYOUT / "blobs/sha256" / digest[7:]
        if not path.is_file():
            self.say(404, b"{}")
            return
        data = path.read_bytes()
        large = len(data) > LARGE
        start = int((re.match(r"bytes=(\d+)-", self.headers.get("Range") or "bytes=0-") or [0, 0])[1])
        if mode == "away" and self.server.server_address[1] == self.ports[0]:
            self.say(307, Location=f"http://127.0.0.1:{self.ports[1]}/v2/plain/app/blobs/{digest}")
        elif mode == "missing" and large:
            self.say(404, b"{}")
        elif mode == "wrong" and large:
            self.say(200, bytes([data[0]]) + data[1:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        elif mode == "long" and large:
            self.say(200, data + b"more")
        elif mode == "short" and large:
            self.say(200, data[:-100])
        elif mode == "endlessblob" and large:
            self.endless("application/octet-stream")
        elif mode == "cut" and large and times(self.path) < 3:
            self.part(data, start, len(data) // 4)
        elif mode == "whole" and large and times(self.path) < 2:
            self.part(data, 0, len(data) // 3)
        elif mode == "whole":
            self.say(200, data)
        elif mode == "fleeting" and large and start < len(data) * 4 // 5:
            FLEETING[0] += 1
            self.part(data, start, len(data) // 5)
        elif mode == "capped" and large:
            self.capped(data, start, len(data) // 8)
        elif mode == "unranged" and start > 0:
            self.say(416, b"", Content_Range=f"bytes */{len(data)}")
        elif mode == "unranged" and large and times(self.path) < 1:
            self.part(data, 0, len(data) // 3)
        elif mode == "elsewhere" and start > 0:
            self.say(206, data[start + 1:], Content_Range=f"bytes {start + 1}-{len(data) - 1}/{len(data)}")
        elif mode == "elsewhere" and large:
            self.part(data, 0, len(data) // 3)
        elif mode == "slow" and large:
            self.slowly(data, start)
        elif start > 0:
            self.say(206, data[start:], Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.say(200, data)

    def capped(self, data, start, most):
        """No more than that at a time, and it says so; but where no part is asked for, it hangs up."""
        if start == 0:
            self.part(data, 0, most)
        else:
            piece = data[start:start + most]
            self.say(206, piece, Content_Range=f"bytes {start}-{start + len(piece) - 1}/{len(data)}")

    def part(self, data, start, count):
        """Promises all of it, gives some, and hangs up."""
        self.send_response(206 if start > 0 else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start > 0:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        self.wfile.write(data[start:start + count])
        self.wfile.flush()
        self.close_connection = True

    def slowly(self, data, start):
        self.send_response(206 if start > 0 else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start > 0:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        step = len(data) // 30 + 1
        try:
            for at in range(start, len(data), step):
                self.wfile.write(data[at:at + step])
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True


def main():
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    Handler.ports = [server.server_address[1] for server in servers]
    threading.Thread(target=servers[1].serve_forever, daemon=True).start()
    print(*Handler.ports, flush=True)
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
