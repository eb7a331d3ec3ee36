#!/usr/bin/env python3
"""store: what the local commands for images cost: `images` of 200, save and load of an image of some 300 MB, beside what
the disk and the decompressor do and beside podman.

Every round each contestant does its work once, in an order that turns; what it leaves is removed outside the clock.
The stores are on tmpfs (/dev/shm), or where --place says.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pull

IMAGES, IMAGES_GOAL = 200, 5.0


def make_many(cordon, ground, base):
    """A store of 200 images: one, and 199 others whose configs differ."""
    layout = ground / "many"
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)
    archive = ground / "one.tar"
    subprocess.run(["tar", "-cf", archive, "-C", "/usr/bin", "true"], check=True)
    layer = pull.put_blob(blobs, archive.read_bytes())
    entries = []
    for number in range(IMAGES):
        config = {"architecture": "amd64", "os": "linux", "config": {"Env": [f"NUMBER={number}"]},
                  "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}
        manifest = {"schemaVersion": 2, "mediaType": pull.OCI + "manifest.v1+json",
                    "config": {"mediaType": pull.OCI + "config.v1+json", **pull.put_blob(blobs, json.dumps(config).encode())},
                    "layers": [{"mediaType": pull.OCI + "layer.v1.tar", **layer}]}
        entries.append({"mediaType": pull.OCI + "manifest.v1+json", **pull.put_blob(blobs, json.dumps(manifest).encode()),
                        "annotations": {"org.opencontainers.image.ref.name": f"many:{number}"}})
    pull.write_layout(layout, entries)
    own = {**base, "XDG_DATA_HOME": str(ground / "many-data"), "XDG_CACHE_HOME": str(ground / "cache")}
    subprocess.run([cordon, "pull", "-q", f"oci:{layout}"], check=True, env=own, stdout=subprocess.DEVNULL)
    return own


def contestants(cordon, ground, base, many):
    """name -> (command, clean-up, environment)"""
    own = {**base, "XDG_DATA_HOME": str(ground / "data"), "XDG_CACHE_HOME": str(ground / "cache")}
    podman = ["podman", "--root", f"{ground}/podman/root", "--runroot", f"{ground}/podman/run"]
    nothing, blobs, out = ["true"], f"{ground}/layout/blobs/sha256", f"{ground}/out"
    remove = ["rm", "-rf", out]
    unpack = f"mkdir {out} && for blob in {blobs}/*; do gzip -dc <$blob 2>/dev/null | tar -x -C {out} 2>/dev/null; done; true"
    rows = {
        f"cordon images of {IMAGES}": ([cordon, "images"], nothing, many),
        "cordon save": ([cordon, "save", "--format", "oci-archive", "-o", out, "localhost/big"], remove, own),
        "cat of the blobs": (["sh", "-c", f"cat {blobs}/* >{out}"], remove, base),
        "cordon load": ([cordon, "load", "-q", "-i", f"{ground}/big.tar"], [cordon, "rmi", "-f", "localhost/big"], own),
        "gzip | tar": (["sh", "-c", unpack], remove, base),
    }
    if shutil.which("podman"):
        rows["podman load"] = ([*podman, "load", "-q", "-i", f"{ground}/big.tar"], [*podman, "rmi", "-af"], base)
    return rows


def report(medians, out):
    for name, (wall, cpu, memory) in medians.items():
        print(f"{name:<24}{wall * 1e3:>9.1f} ms{cpu * 1e3:>9.1f} ms CPU{memory:>7.0f} MiB", file=out)
    goals = [(f"images of {IMAGES}, ms", medians[f"cordon images of {IMAGES}"][0] * 1e3, IMAGES_GOAL),
             ("save / cat of its blobs (it hashes them)", medians["cordon save"][0] / medians["cat of the blobs"][0], None),
             ("load / gzip and tar, one after the other", medians["cordon load"][0] / medians["gzip | tar"][0], 1.0)]
    if "podman load" in medians:
        goals.append(("load / podman load", medians["cordon load"][0] / medians["podman load"][0], 1.0))
    for name, value, goal in goals:
        word = "" if goal is None else "met" if value <= goal else "MISSED"
        print(f"{word:<7} {name}: {value:.2f}" + (f", goal {goal}" if goal else ""), file=out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--place", default="/dev/shm")
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    cordon, cost = f"{build}/stage/usr/local/bin/cordon", f"{build}/tests/bench/cost"
    ground = pathlib.Path(tempfile.mkdtemp(prefix="cordon-store.", dir=arguments.place))
    base = {**os.environ, "HOME": str(ground / "home"), "XDG_RUNTIME_DIR": str(ground / "run")}
    (ground / "home").mkdir()
    (ground / "run").mkdir(mode=0o700)
    try:
        packed, unpacked, count, _ = pull.make_image(ground / "layout")
        subprocess.run(["tar", "-cf", ground / "big.tar", "-C", ground / "layout", "."], check=True)
        print(f"{pull.LAYERS} layers, {packed / 1e6:.0f} MB gzip, {unpacked / 1e6:.0f} MB unpacked, {count} files, "
              f"{arguments.rounds} rounds, {arguments.place}")
        entries = contestants(cordon, ground, base, make_many(cordon, ground, base))
        load = entries["cordon load"]
        subprocess.run(load[0], env=load[2], check=True, stdout=subprocess.DEVNULL)
        report(race(cost, entries, arguments.rounds), sys.stdout)
    finally:
        # podman's and cordon's files belong to subordinate ids
        subprocess.run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf", ground], check=False)


def race(cost, entries, rounds):
    """As pull.race; the image is there again before it is saved."""
    load = entries["cordon load"]
    save = entries["cordon save"]
    entries["cordon save"] = (save[0], ["sh", "-c", f"rm -rf {save[0][5]}; {' '.join(map(str, load[0]))}"], save[2])
    return pull.race(cost, entries, rounds)


if __name__ == "__main__":
    main()
