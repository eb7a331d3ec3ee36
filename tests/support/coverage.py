#!/usr/bin/env python3
"""coverage BUILD: which lines of the tree's own C were reached by what ran of BUILD since its counts were cleared.

A table of folders, then the files with the smallest share. A line is one that clang's coverage mapping gives a region
to: what cannot be run (declarations, braces, tables) is none. `llvm-cov show` reads BUILD/counts/all.profdata, too.
"""

import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("sandbox/", "policy/", "runtime/")
FEWEST = 25


def objects(build):
    """Programs of the build that count: those with a coverage mapping."""
    for path in sorted(build.rglob("*")):
        if "stage" in path.relative_to(build).parts or not path.is_file() or not path.stat().st_mode & 0o100:
            continue
        content = path.read_bytes()
        if content.startswith(b"\x7fELF") and b"__llvm_covmap" in content:
            yield path


def measured(build):
    """{file: (lines, lines reached)} of the tree's own sources."""
    counts = sorted((build / "counts").glob("*.profraw"))
    if not counts:
        sys.exit(f"coverage: nothing in {build}/counts: nothing that counts has run")
    profile = build / "counts/all.profdata"
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", profile, *counts], check=True)
    programs = list(objects(build))
    command = ["llvm-cov", "export", "--summary-only", f"--instr-profile={profile}", programs[0]]
    for program in programs[1:]:
        command += ["-object", program]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found = {}
    for entry in json.loads(answer)["data"][0]["files"]:
        path = pathlib.Path(entry["filename"])
        path = (path if path.is_absolute() else build / path).resolve()
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""
        lines = entry["summary"]["lines"]
        if name.startswith(PARTS) and lines["count"]:
            found[name] = (lines["count"], lines["covered"])
    return found


def row(name, count, reached, more=""):
    print(f"{name:<38} {count:>7} {reached:>7} {100 * reached / count:>6.1f} %{more}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = measured(pathlib.Path(sys.argv[1]).resolve())
    folders = collections.defaultdict(lambda: [0, 0, 0])
    for name, (count, reached) in found.items():
        for folder in (str(pathlib.PurePath(name).parent), "all"):
            total = folders[folder]
            total[0], total[1], total[2] = total[0] + count, total[1] + reached, total[2] + 1
    print(f"{'folder':<38} {'lines':>7} {'reached':>7} {'share':>8}  files")
    for folder in sorted(folders, key=lambda name: (name == "all", name)):
        count, reached, files = folders[folder]
        row(folder, count, reached, f"  {files}")
    print("\nthe smallest shares")
    order = sorted(found, key=lambda name: (found[name][1] / found[name][0], name))
    for name in order[:FEWEST]:
        row(name, *found[name])
    (pathlib.Path(sys.argv[1]) / "coverage.json").write_text(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
