#!/usr/bin/env python3
"""A line of a test that begins with `! ` asserts nothing: errexit leaves out what is negated, whatever it says.

`refute COMMAND` (tests/support/refute.bash), `run ! COMMAND` and `! COMMAND || { ...; false; }` do.
"""

import re
import sys

import tree

NEGATED = re.compile(r"^\s*! ")


def check(name, text):
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not NEGATED.match(line) or "||" in line or line.rstrip().endswith("\\"):
            continue
        # the last word of a function is its answer
        if number < len(lines) and lines[number].startswith("}") and not in_test(lines, number):
            continue
        yield f"{name}:{number}: a negation that cannot fail; say: refute COMMAND"


def in_test(lines, number):
    opening = next((line for line in reversed(lines[:number]) if line.endswith("{") and not line.startswith("\t")), "")
    return opening.startswith("@test")


def self_test():
    bad = ['@test "x" {\n\t! grep a b\n\ttrue\n}', '@test "x" {\n\t! grep a b | cat\n}', "f() {\n\t! a\n\tb\n}"]
    good = ['@test "x" {\n\trefute grep a b\n\t! a || false\n}', "f() {\n\t! a\n}"]
    if any(not list(check("a.bats", text)) for text in bad) or any(list(check("a.bats", text)) for text in good):
        sys.exit("negations.py does not do its work")


if __name__ == "__main__":
    self_test()
    names = [name for name in tree.files(".bats", ".bash") if name.startswith(("tests/cli/", "tests/attack/", "tests/integration/", "tests/vm/"))]
    tree.report("negations", [line for name in names if not name.endswith("vm/vm.bash") for line in check(name, tree.text(name))])
