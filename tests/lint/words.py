#!/usr/bin/env python3
"""Names and words: no drawer files, no promises for later, no path of one machine."""

import pathlib
import re
import sys

import tree

DRAWERS = {"utils", "util", "common", "misc", "helpers", "linux"}
# tests/cli/helper.bash is what bats tests load, by their custom; it is no drawer.
ALLOWED = {"tests/cli/helper.bash"}
# Spelt in two halves: this file obeys its own law.
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!X)")
MACHINE = re.compile(r"(?<![\w.@-])(/wo" r"rk/|/ro" r"ot/\.|/home/(?!cordon-dev\b|USER\b|user\b)[a-z]+/)")
CODE = (".c", ".h", ".py", ".bash", ".bats", "meson.build", ".md")


def check(name, text):
    if pathlib.PurePath(name).stem in DRAWERS and name not in ALLOWED:
        yield f"{name}: a drawer, not a noun"
    if not name.endswith(CODE) and name not in ("dev", ".ci/run"):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if LATER.search(line):
            yield f"{name}:{number}: a promise for later"
        if MACHINE.search(line):
            yield f"{name}:{number}: a path of one machine"


def self_test():
    bad = [("sandbox/utils.c", ""), ("a.c", "/* TO" "DO */"), ("a.c", '"/wo' 'rk/main"')]
    good = [("a.c", 'mkstemp("cordon.XXXXXX")'), ("tests/cli/helper.bash", "")]
    if any(not list(check(*case)) for case in bad) or any(list(check(*case)) for case in good):
        sys.exit("words.py does not do its work")


if __name__ == "__main__":
    self_test()
    tree.report("words", [line for name in tree.files() for line in check(name, tree.text(name))])
