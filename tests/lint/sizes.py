#!/usr/bin/env python3
"""Files stay under 400 lines (tests, which are tables, under 500), functions under 60, parameters at five at most.

The parser is tolerant: a function is a brace in column 0 (the tree's style puts it there) behind a
line that ends a parameter list; it ends with the next closing brace in column 0.
"""

import re
import sys

import tree

FILE_LINES, TEST_LINES, FUNCTION_LINES, PARAMETERS = 400, 500, 60, 5
GENERATED = re.compile(r"^(profiles/.*\.(tsv|json)|tests/.*\.(json|txt))$")


def functions(lines):
    """Yields (name, first line, number of lines, signature)."""
    for start, line in enumerate(lines):
        if line != "{" or start == 0 or lines[start - 1].rstrip().endswith("="):
            continue
        head = start
        while head > 0 and lines[head - 1].strip() and not lines[head - 1].startswith(("}", "#", "*/", " */", "/*")):
            head -= 1
        signature = " ".join(lines[head:start])
        match = re.search(r"(\w+)\s*\(", signature)
        if not match or signature.startswith(("struct", "enum", "union")) and not match:
            continue
        end = next((n for n in range(start, len(lines)) if lines[n].startswith("}")), len(lines) - 1)
        yield match[1], head + 1, end - head + 1, signature[match.start():]


def parameter_count(signature):
    """Commas at depth one of the first parenthesis; 0 where it is (void)."""
    depth, commas, inside = 0, 0, ""
    for letter in signature[signature.index("("):]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            break
        commas += depth == 1 and letter == ","
        inside += letter
    return 0 if inside.strip("( ") in ("", "void") else commas + 1


def check(name, text):
    lines = text.split("\n")
    limit = TEST_LINES if name.startswith("tests/") else FILE_LINES
    if len(lines) - 1 >= limit:
        yield f"{name}: {len(lines) - 1} lines, must stay under {limit}"
    if not name.endswith((".c", ".h")):
        return
    for function, first, length, signature in functions(lines):
        if length >= FUNCTION_LINES:
            yield f"{name}:{first}: {function} has {length} lines, must stay under {FUNCTION_LINES}"
        # An error pointer behind five inputs is the tree's own idiom, and is not counted.
        count = parameter_count(re.sub(r",\s*struct error \*err\s*\)", ")", signature))
        if count > PARAMETERS and name.startswith("sandbox/"):
            yield f"{name}:{first}: {function} has {count} parameters, at most {PARAMETERS}"


def self_test():
    long_function = "static int f(int a)\n{\n" + "\tx();\n" * 60 + "}\n"
    many = "int g(int a, int b, int c, int d, int e, int f)\n{\n}\n"
    fine = "int h(int (*f)(int, int, int), int b, int c, int d, int e, struct error *err)\n{\n}\n"
    if (len(list(check("a.c", long_function))) != 1 or len(list(check("sandbox/b.c", many))) != 1
            or list(check("sandbox/c.c", fine)) or not list(check("d.py", "\n" * 400))):
        sys.exit("sizes.py does not do its work")


if __name__ == "__main__":
    self_test()
    names = tree.files(".c", ".h", ".py", ".bash", ".bats", "meson.build", "dev")
    tree.report("sizes", [line for name in names if not GENERATED.match(name)
                          for line in check(name, tree.text(name))])
