#!/usr/bin/env python3
"""pull: what it costs to get an image from a registry of this machine, beside other engines.

The image is made of the machine's own /usr: five layers, gzip, as near to 362 MB and 20,000 files as there are. The
registry is Debian's docker-registry on 127.0.0.1; it and all stores are on tmpfs (/dev/shm), or where --place says.
Every round each contestant pulls once, in an order that turns; what it has is removed before, outside the clock. CPU
is that of the contestant and its children, without the registry. The memory is that of the largest process.
"""

import argparse
import gzip
import hashlib
import io
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

LAYERS, LAYER_BYTES, LAYER_FILES = 5, 70_000_000, 4000
SMALL, SMALL_FILES, LARGEST = 20_000, 3600, 12_000_000
OCI = "application/vnd.oci.image."


def files_below(root):
    """Regular files that we may read, in a fixed order: small ones and large ones mixed."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.R_OK):
                size = os.path.getsize(path)
                if size <= LARGEST:
                    yield path, size


def layers_of(roots):
    """Lists of files, each of the size of a layer: many small ones, and large ones to fill it up."""
    found = [entry for root in roots for entry in files_below(root)]
    small = iter([entry for entry in found if entry[1] < SMALL])
    large = iter([entry for entry in found if entry[1] >= SMALL])
    for _ in range(LAYERS):
        layer = list(itertools.islice(small, SMALL_FILES))
        size = sum(entry[1] for entry in layer)
        for entry in large:
            layer.append(entry)
            size += entry[1]
            if size >= LAYER_BYTES or len(layer) >= LAYER_FILES:
                break
        yield [path for path, _ in layer]


def put_blob(blobs, data):
    name = hashlib.sha256(data).hexdigest()
    (blobs / name).write_bytes(data)
    return {"digest": "sha256:" + name, "size": len(data)}


def write_layout(layout, entries):
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def make_image(layout):
    """An OCI layout with one image called "big"; its size and number of files."""
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)
    layers, diffs, unpacked, count = [], [], 0, 0
    for paths in layers_of(["/usr/share", "/usr/lib", "/usr/include", "/usr/bin"]):
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path in paths:
                info = tar.gettarinfo(path)
                info.uid = info.gid = 0
                info.uname = info.gname = ""
                info.type, info.linkname = tarfile.REGTYPE, ""
                info.size = os.path.getsize(path)
                info.mode &= 0o755
                with open(path, "rb") as data:
                    tar.addfile(info, data)
        diffs.append("sha256:" + hashlib.sha256(raw.getvalue()).hexdigest())
        layers.append({"mediaType": OCI + "layer.v1.tar+gzip", **put_blob(blobs, gzip.compress(raw.getvalue(), 6, mtime=0))})
        unpacked += len(raw.getvalue())
        count += len(paths)
    config = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["true"]},
              "rootfs": {"type": "layers", "diff_ids": diffs}}
    manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                "config": {"mediaType": OCI + "config.v1+json", **put_blob(blobs, json.dumps(config).encode())}, "layers": layers}
    entry = {"mediaType": OCI + "manifest.v1+json", **put_blob(blobs, json.dumps(manifest).encode()),
             "annotations": {"org.opencontainers.image.ref.name": "big"}}
    write_layout(layout, [entry])
    return sum(layer["size"] for layer in layers), unpacked, count, [layer["digest"] for layer in layers]


def start_registry(ground):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (ground / "registry.yml").write_text(
        f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {ground}/registry}}}}\nhttp: {{addr: 127.0.0.1:{port}}}\n")
    with open(ground / "registry.log", "wb") as log:
        server = subprocess.Popen(["docker-registry", "serve", ground / "registry.yml"], stdout=log, stderr=log)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server, f"127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    sys.exit("docker-registry does not answer")


def contestants(cordon, ground, host, digests, base):
    """name -> (command, clean-up, environment)"""
    own = {**base, "XDG_DATA_HOME": str(ground / "cordon/data"), "XDG_CACHE_HOME": str(ground / "cordon/cache")}
    image = f"{host}/big:1"
    fetch = " && ".join(f"curl -sSf http://{host}/v2/big/blobs/{digest} | gzip -dc | tar -x -C {ground}/tar"
                        for digest in digests)
    podman = ["podman", "--root", f"{ground}/podman/root", "--runroot", f"{ground}/podman/run"]
    return {
        "cordon": ([cordon, "pull", "-q", image], [cordon, "rmi", "-f", image], own),
        "podman": ([*podman, "pull", "-q", "--tls-verify=false", image], [*podman, "rmi", "-f", image], base),
        "skopeo + umoci": (["sh", "-c", f"skopeo copy -q --src-tls-verify=false docker://{image} oci:{ground}/oci:big &&"
                            f" umoci unpack --rootless --image {ground}/oci:big {ground}/bundle"],
                           ["sh", "-c", f"chmod -R u+rwX {ground}/bundle; rm -rf {ground}/bundle {ground}/oci"], base),
        "curl | gzip | tar": (["sh", "-c", f"mkdir -p {ground}/tar && {fetch}"], ["rm", "-rf", f"{ground}/tar"], base),
    }


def once(cost, entry):
    """Wall, CPU and MiB of one pull; None where it failed."""
    command, clean, environment = entry
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(clean, env=environment, check=False, stdout=subprocess.DEVNULL, **quiet)
    done = subprocess.run([cost, *command], env=environment, check=False, stdout=subprocess.PIPE, text=True, **quiet)
    if done.returncode != 0:
        return None
    wall, cpu, memory = map(float, done.stdout.split())
    return wall, cpu, memory / 2**20


def present(entry, host, rounds):
    """Median seconds of a pull of what is there already, and of curl, which only asks the same question."""
    command, _, environment = entry
    asking = ["curl", "-sSf", "-H", f"Accept: {OCI}manifest.v1+json", f"http://{host}/v2/big/manifests/1"]
    times = ([], [])
    for _ in range(rounds):
        for words, row in zip((command, asking), times):
            begin = time.perf_counter()
            subprocess.run(words, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            row.append(time.perf_counter() - begin)
    return [statistics.median(row) for row in times]


def race(cost, entries, rounds):
    results = {name: [] for name in entries}
    names = list(entries)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            result = once(cost, entries[name])
            if result is not None:
                results[name].append(result)
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items() if rows}


def report(medians, there, out):
    base = medians.get("podman")
    print(f"{'':<20}{'wall s':>9}{'CPU s':>9}{'MiB':>7}{'of podman: wall':>17}{'CPU':>7}", file=out)
    for name, (wall, cpu, memory) in sorted(medians.items(), key=lambda item: item[1][0]):
        ratio = f"{wall / base[0]:>17.2f}{cpu / base[1]:>7.2f}" if base else ""
        print(f"{name:<20}{wall:>9.2f}{cpu:>9.2f}{memory:>7.0f}{ratio}", file=out)
    wall, cpu, memory = medians["cordon"]
    goals = [("cordon / podman, wall", wall / base[0], 0.25), ("cordon / podman, CPU", cpu / base[1], 0.25)] if base else []
    goals += [("largest process, MiB", memory, 32)]
    for name, value, goal in goals:
        print(f"{'met' if value <= goal else 'MISSED':<7} {name}: {value:.2f}, goal {goal}", file=out)
    # BEYOND: clock.h
    ours, curl = there[0] * 1e3, there[1] * 1e3
    word = "met" if ours <= 20 else "BEYOND" if curl >= 20 else "MISSED"
    print(f"{word:<7} a pull of what is there, ms: {ours:.2f}, goal 20; curl, asking for its manifest alone, {curl:.2f}", file=out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--place", default="/dev/shm")
    arguments = parser.parse_args()
    missing = [name for name in ("docker-registry", "skopeo") if shutil.which(name) is None]
    if missing:
        sys.exit(f"pull: not installed: {', '.join(missing)}")
    build = os.path.abspath(arguments.build)
    cost = f"{build}/tests/bench/cost"
    ground = pathlib.Path(tempfile.mkdtemp(prefix="cordon-pull.", dir=arguments.place))
    base = {**os.environ, "HOME": str(ground / "home"), "XDG_RUNTIME_DIR": str(ground / "run")}
    (ground / "home").mkdir()
    (ground / "run").mkdir(mode=0o700)
    server = None
    try:
        packed, unpacked, count, digests = make_image(ground / "layout")
        server, host = start_registry(ground)
        subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", "--dest-tls-verify=false", f"oci:{ground}/layout:big",
                        f"docker://{host}/big:1"], check=True, env=base)
        shutil.rmtree(ground / "layout")
        print(f"{LAYERS} layers, {packed / 1e6:.0f} MB gzip, {unpacked / 1e6:.0f} MB unpacked, {count} files, "
              f"{arguments.rounds} rounds, {arguments.place}")
        entries = contestants(f"{build}/stage/usr/local/bin/cordon", ground, host, digests, base)
        medians = race(cost, entries, arguments.rounds)
        once(cost, entries["cordon"])
        report(medians, present(entries["cordon"], host, max(arguments.rounds, 5)), sys.stdout)
    finally:
        if server is not None:
            server.send_signal(signal.SIGTERM)
            server.wait()
        # podman's and cordon's files belong to subordinate ids
        subprocess.run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf", ground], check=False)


if __name__ == "__main__":
    main()
