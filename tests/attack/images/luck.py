#!/usr/bin/env python3
"""C6: kill -9 at any moment, several loads at once, removal meanwhile. The store is whole after each: every image
that is listed runs its layers' content, nothing is left over once somebody swept, and nobody waits.

ROUNDS of each (CORDON_ROUNDS, 6).
"""

import json
import os
import random
import signal
import subprocess
import time

from ground import Ground, rawtar as t

ground = Ground()
ROUNDS = int(os.environ.get("CORDON_ROUNDS", "6"))
dice = random.Random(int(os.environ.get("SEED", "7")))


def archive(number, files=300):
    path = ground.folder / f"image-{number}.tar"
    path.write_bytes(t.archive(t.folder("./"), *(t.entry(f"f{i}", data=b"%d %d\n" % (number, i) * 100) for i in range(files))))
    return path


def start(*arguments):
    return subprocess.Popen([ground.cordon, *map(str, arguments)], env=ground.environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def whole(files=300):
    """None, or what is wrong with an image that is listed."""
    listed = ground.run("images", "-q", "--no-trunc")
    if listed.returncode != 0:
        return listed.stderr
    for name in set(listed.stdout.split()):
        inspected = ground.run("image", "inspect", name)
        if inspected.returncode != 0:
            return inspected.stderr
        folder = json.loads(inspected.stdout)[0]["GraphDriver"]["Data"]["UpperDir"]
        names = os.listdir(folder)
        if len(names) != files or any(os.path.getsize(os.path.join(folder, n)) == 0 for n in names):
            return f"{name}: {len(names)} files"
        for blob in json.loads(inspected.stdout)[0]["RootFS"]["Layers"]:
            if not (ground.data / "layers" / blob.replace(":", "-")).is_dir():
                return f"{name}: no layer {blob}"
    return None


def answer():
    """Seconds until `cordon images` has answered: the best of three, because others use the machine, too."""
    spans = []
    for _ in range(3):
        begin = time.monotonic()
        ground.run("images")
        spans.append(time.monotonic() - begin)
    return min(spans)


SLOW = 10  # seconds; who waits for somebody's lock waits for ever here
first = archive(0)
begin = time.monotonic()
ground.run("import", first, "first")
span = time.monotonic() - begin
for number in range(ROUNDS * 4):
    process = start("import", first, f"kill{number}")
    time.sleep(span * dice.random() * 1.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    problem = whole()
    if not problem and answer() > SLOW:
        problem = "the store answers slowly"
    if not problem and dice.random() < 0.5:
        ground.run("rmi", "first")
        result = ground.run("import", first, "first")
        problem = result.stderr if result.returncode else None
    ground.check(f"kill -9, round {number}", problem)
ground.clear()
ground.check("all is swept", ground.left_over() or None)

for number in range(ROUNDS):
    processes = [start("import", first, "same"), start("import", first, "same"), start("import", archive(1), "other"),
                 start("rmi", "same"), start("images")]
    results = [(p.communicate(), p.returncode) for p in processes]
    problem = next((r[0][1] for r in results[:3] if r[1] != 0), None) or whole()
    if not problem and ground.run("image", "inspect", "other").returncode != 0:
        problem = "an image that was loaded is not there"
    ground.check(f"loads and a removal at once, round {number}", problem)
ground.clear()
ground.check("all is swept again", ground.left_over() or None)

# A load that waits holds nobody up.
waiting = subprocess.Popen([ground.cordon, "load"], env=ground.environment, stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
time.sleep(0.2)
problem = None if answer() < SLOW else "the store answers slowly"
begin = time.monotonic()
for arguments in (("import", first, "meanwhile"), ("images",), ("rmi", "meanwhile")):
    result = ground.run(*arguments)
    problem = problem or (result.stderr if result.returncode else None)
if time.monotonic() - begin > 60:
    problem = problem or "others wait for a load that waits"
waiting.stdin.close()
waiting.wait()
ground.check("a load that waits holds nobody up", problem)
ground.run("rmi", "missing")
ground.check("what was removed meanwhile is swept by the load", ground.left_over() or None)
ground.finish()
