#!/usr/bin/env python3
"""summary RESULTS LANE...: what all lanes together say.

A lane leaves LANE*.tap (TAP, from bats and others) or LANE*.json (meson's testlog.json, whose
tests speak TAP on their own output where they can) in the folder RESULTS. Prints a line a lane, what
failed, what was skipped and why, and at last "N passed, N failed, N skipped".
"""

import json
import pathlib
import re
import sys

LINE = re.compile(r"^(ok|not ok)\b\s*(\d*)\s*-?\s*([^#]*)(?:#\s*(skip\S*)?\s*(.*))?$", re.I)


class Count:
    """What a lane or all lanes did."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def read_tap(count, name, text):
    """Counts the test lines of a TAP stream; returns how many there were."""
    lines = 0
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        lines += 1
        title = f"{name}: {match[3].strip()}"
        # cmocka says "not ok 8 # SKIP name" for what was skipped.
        if match[4]:
            count.skipped.append(f"{title} {match[5] or 'no reason given'}")
        elif match[1] == "not ok":
            count.failed.append(title)
        else:
            count.passed += 1
    return lines


def read_testlog(count, text):
    """meson's log: one JSON object a line, one a test program."""
    for record in map(json.loads, text.splitlines()):
        before = len(count.failed)
        program = record["name"].split("/")[-1].strip()
        lines = read_tap(count, program, record.get("stdout") or "")
        good = record["result"] in ("OK", "SKIP")
        if not good and len(count.failed) == before:
            count.failed.append(f"{program}: {record['result']}")
        elif lines == 0 and record["result"] == "SKIP":
            count.skipped.append(f"{program}: the program says so")
        elif lines == 0:
            count.passed += 1


def read_lane(folder, lane):
    count = Count()
    for path in sorted(folder.glob(f"{lane}*.json")):
        read_testlog(count, path.read_text(errors="replace"))
    for path in sorted(folder.glob(f"{lane}*.tap")):
        read_tap(count, path.stem, path.read_text(errors="replace"))
    if not (count.passed or count.failed or count.skipped):
        count.failed.append(f"{lane}: left no results")
    return count


def main(folder, *lanes):
    total = Count()
    for lane in lanes:
        count = read_lane(pathlib.Path(folder), lane)
        print(f"{lane:<12} {count}")
        total.add(count)
    for word, names in (("skipped", total.skipped), ("FAILED", total.failed)):
        for name in names:
            print(f"{word}: {name}")
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
