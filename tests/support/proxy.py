#!/usr/bin/env python3
"""A proxy on a free port of 127.0.0.1, whose number it prints: proxy.py LOG [USER:PASSWORD].

CONNECT and plain http:// requests; hosts below .test are this machine. What is asked, with its headers, goes to LOG, a JSON object a line. With a password
it answers 407 to whoever does not say it. A request for the host broken.test gets 502.
"""
import base64
import json
import socket
import socketserver
import sys
import threading

LOG = open(sys.argv[1], "a", buffering=1, encoding="utf-8")
WANTED = "Basic " + base64.b64encode(sys.argv[2].encode()).decode() if len(sys.argv) > 2 else None


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def reach(host, port):
    return socket.create_connection(("127.0.0.1" if host.endswith(".test") else host, int(port)))


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.one():
            pass

    def say(self, status, more=""):
        self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{more}\r\n".encode())
        return True

    def one(self):
        line = self.rfile.readline().decode("latin-1").split()
        if len(line) != 3:
            return False
        headers = {}
        while (text := self.rfile.readline().decode("latin-1").strip()):
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        LOG.write(json.dumps({"method": line[0], "target": line[1], "headers": headers}) + "\n")
        if WANTED and headers.get("proxy-authorization") != WANTED:
            return self.say("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="proxy"\r\n')
        if line[0] == "CONNECT":
            return self.connect(line[1])
        return self.forward(line, headers)

    def connect(self, target):
        host, _, port = target.rpartition(":")
        if host == "broken.test":
            return self.say("502 Bad Gateway")
        with reach(host, port) as peer:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(peer, self.connection))
            back.start()
            pump(self.connection, peer)
            back.join()
        return False

    def forward(self, line, headers):
        place, _, path = line[1].removeprefix("http://").partition("/")
        host, _, port = place.partition(":")
        headers = {name: value for name, value in headers.items() if not name.startswith("proxy-")}
        headers["connection"] = "close"
        length = int(headers.get("content-length", 0))
        with reach(host, port or 80) as peer:
            text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            peer.sendall(f"{line[0]} /{path} HTTP/1.1\r\n{text}\r\n".encode() + self.rfile.read(length))
            pump(peer, self.connection)
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
