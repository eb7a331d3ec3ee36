#!/usr/bin/env python3
"""picky_ports: two ports of 127.0.0.1 that want something else than what a client begins with.

    picky_ports.py REGISTRY CERTIFICATE KEY LOG

REGISTRY is the host:port of a registry that is asked in the clear. The first port passes on what comes by TLS, and hangs up
on anything else. The second is a SOCKS5 proxy that insists on Kerberos (GSS-API, method 1 of RFC 1928) whether it is offered
or not. Prints both ports; in LOG is a line for each connection: "tls", "not tls", or "socks" and the methods offered.
"""

import selectors
import socket
import ssl
import sys
import threading


def listen():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


def serve(server, answer):
    while True:
        client, _ = server.accept()
        threading.Thread(target=answer, args=(client,), daemon=True).start()


def pass_on(client, registry):
    other = socket.create_connection(registry)
    selector = selectors.DefaultSelector()
    selector.register(client, selectors.EVENT_READ, other)
    selector.register(other, selectors.EVENT_READ, client)
    while True:
        for key, _ in selector.select():
            data = key.fileobj.recv(65536)
            while isinstance(key.fileobj, ssl.SSLSocket) and key.fileobj.pending():
                data += key.fileobj.recv(65536)
            if not data:
                return
            key.data.sendall(data)


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    log = open(sys.argv[4], "a", buffering=1)

    def tls(client):
        with client:
            is_tls = client.recv(1, socket.MSG_PEEK) == b"\x16"
            print("tls" if is_tls else "not tls", file=log)
            if is_tls:
                with context.wrap_socket(client, server_side=True) as wrapped:
                    pass_on(wrapped, (host, int(port)))

    def socks(client):
        with client:
            greeting = client.recv(257)
            print("socks", *greeting[2:], file=log)
            client.sendall(b"\x05\x01")
            client.recv(65536)

    ports = []
    for answer in (tls, socks):
        server, number = listen()
        ports.append(number)
        threading.Thread(target=serve, args=(server, answer), daemon=True).start()
    print(*ports, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
