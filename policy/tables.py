#!/usr/bin/env python3
"""Turns the tables of profiles/ into C arrays (build time): syscalls.tsv, arguments.tsv, constants.tsv, groups.json.

usage: tables.py PROFILES-FOLDER OUTPUT.c

Every array is sorted for binary search. A name that one table uses and another does not have is an error: the data
is checked each time it is built.
"""
import json
import pathlib
import sys

ARCHES = ["x86_64", "i386", "x32", "aarch64", "arm", "riscv64", "ppc64le", "s390x"]
KINDS = {"int", "unsigned", "fd", "mode", "flags32", "long", "size", "flags64", "id", "pointer"}


def rows(path):
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def die(text):
    sys.exit(f"tables.py: {text}")


def version(text):
    parts = [int(part) for part in text.split(".")]
    return parts[0] << 16 | parts[1]


def syscalls(folder, out):
    table = sorted(rows(folder / "syscalls.tsv"))
    ids = {row[0]: index for index, row in enumerate(table)}
    out.append(f"const size_t table_syscall_count = {len(table)};")
    out.append("const struct table_syscall table_syscalls[] = {")
    for row in table:
        numbers = ", ".join("-1" if number == "-" else number for number in row[1:1 + len(ARCHES)])
        out.append(f'\t{{ "{row[0]}", {{ {numbers} }}, {version(row[-1]):#x} }},')
    out.append("};")
    for column, arch in enumerate(ARCHES):
        numbered = sorted((int(row[1 + column]), ids[row[0]]) for row in table if row[1 + column] != "-")
        seen = {}
        for number, identity in numbered:
            seen.setdefault(number, identity)  # two names of one number (umount2, ...): the first
        out.append(f"static const struct table_number numbers_{arch}[] = {{")
        out.append("\t" + " ".join(f"{{ {number}, {identity} }}," for number, identity in seen.items()))
        out.append("};")
    out.append("const struct table_numbers table_numbers[] = {")
    for arch in ARCHES:
        out.append(f"\t{{ numbers_{arch}, sizeof numbers_{arch} / sizeof numbers_{arch}[0] }},")
    out.append("};")
    return ids


def arguments(folder, ids, families, out):
    out.append("const struct table_arguments table_arguments[] = {")
    count = 0
    for name, text in sorted(rows(folder / "arguments.tsv"), key=lambda row: ids.get(row[0], -1)):
        if name not in ids:
            die(f"arguments.tsv: {name} is not in syscalls.tsv")
        cells = []
        for argument in text.split():
            parts = argument.split(":")
            if parts[1] not in KINDS:
                die(f"arguments.tsv: {name}: {parts[1]} is not a kind")
            if len(parts) > 2 and parts[2] not in families:
                die(f"arguments.tsv: {name}: {parts[2]} is not a family of constants.tsv")
            family = f'"{parts[2]}"' if len(parts) > 2 else '""'
            cells.append(f'{{ "{parts[0]}", ARGUMENT_{parts[1].upper()}, {family} }}')
        out.append(f"\t{{ {ids[name]}, {{ {', '.join(cells)} }} }},")
        count += 1
    out.append("};")
    out.append(f"const size_t table_arguments_count = {count};")


def constants(folder, out):
    table = {}
    families = set()
    for row in rows(folder / "constants.tsv"):
        families.add(row[0])
        table.setdefault(row[1], (row[0], int(row[2], 0), int(row[3], 0) if len(row) > 3 else int(row[2], 0)))
    out.append("const struct table_constant table_constants[] = {")
    for name in sorted(table):
        family, value, arm = table[name]
        out.append(f'\t{{ "{name}", "{family}", {value:#x}u, {arm:#x}u }},')
    out.append("};")
    out.append(f"const size_t table_constant_count = {len(table)};")
    return families


def settle(groups, name, ids, path):
    if name in path:
        die("groups.json: " + " -> ".join([*path, name]))
    calls = set()
    for item in groups[name]["calls"]:
        if item.startswith("@"):
            if item[1:] not in groups:
                die(f"groups.json: @{name}: no group {item}")
            calls |= settle(groups, item[1:], ids, [*path, name])
        elif item in ids:
            calls.add(ids[item])
        else:
            die(f"groups.json: @{name}: {item} is not in syscalls.tsv")
    return calls


def group_lists(folder, ids, out):
    groups = json.loads((folder / "groups.json").read_text())["groups"]
    for name in sorted(groups):
        symbol = "group_" + name.replace("-", "_")
        numbers = ", ".join(str(i) for i in sorted(settle(groups, name, ids, [])))
        out.append(f"static const int {symbol}[] = {{ {numbers}, SYSCALL_UNKNOWN }};")
    out.append("const struct table_group table_groups[] = {")
    for name in sorted(groups):
        out.append(f'\t{{ "@{name}", group_{name.replace("-", "_")} }},')
    out.append("};")
    out.append(f"const size_t table_group_count = {len(groups)};")


def main():
    folder = pathlib.Path(sys.argv[1])
    out = ["/* Made by policy/tables.py from the tables in profiles/. */", '#include "policy/tables.h"', ""]
    ids = syscalls(folder, out)
    families = constants(folder, out)
    arguments(folder, ids, families, out)
    group_lists(folder, ids, out)
    pathlib.Path(sys.argv[2]).write_text("\n".join(out) + "\n")


main()
