#!/usr/bin/env python3
"""Turns the tables of profiles/ into C arrays (build time): syscalls.tsv, arguments.tsv, constants.tsv, groups.json.

usage: tables.py PROFILES-FOLDER OUTPUT.c

Every array is sorted, those of names beside an index of hashes: a binary search through names touches a page a step,
and in a new process every page is touched for the first time. A name that one table uses and another does not have is
an error: the data is checked each time it is built.
"""
import json
import pathlib
import sys

ARCHES = ["x86_64", "i386", "x32", "aarch64", "arm", "riscv64", "ppc64le", "s390x"]
KINDS = {"int", "unsigned", "fd", "mode", "flags32", "long", "size", "flags64", "id", "id16", "pointer"}
# Bytes of a name with its NUL, as in policy/tables.h and policy/syscall.h.
ROOM = {"syscalls.tsv": 32, "constants.tsv": 56, "groups.json": 24, "arguments.tsv": 20, "family": 16}


def rows(path):
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def die(text):
    sys.exit(f"tables.py: {text}")


def fit(name, table):
    if len(name) >= ROOM[table]:
        die(f"{table}: the name {name} is longer than {ROOM[table] - 1} letters")
    return name


def arches_of(text, where):
    names = text.split(",")
    for name in names:
        if name not in ARCHES:
            die(f"{where}: {name} is not an architecture")
    return sum(1 << ARCHES.index(name) for name in names)


def fnv(name):
    """FNV-1a of 32 bits, as policy/syscall.c has it"""
    number = 0x811C9DC5
    for byte in name.encode():
        number = (number ^ byte) * 0x01000193 & 0xFFFFFFFF
    return number


def index(table, names, out):
    """Open addressing: the place of a name's row and one; 0 ends a search."""
    slots = [0] * (1 << (2 * len(names) - 1).bit_length())
    for place, name in enumerate(names, 1):
        slot = fnv(name) % len(slots)
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = place
    out.append(f"static const uint16_t {table}_slots[] = {{")
    out.append("\t" + " ".join(f"{slot}," for slot in slots))
    out.append("};")
    out.append(f"const struct table_index {table}_index = {{ {table}_slots, {len(slots) - 1} }};")


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
        out.append(f'\t{{ "{fit(row[0], "syscalls.tsv")}", {{ {numbers} }}, {version(row[-1]):#x} }},')
    out.append("};")
    index("table_syscall", [row[0] for row in table], out)
    for column, arch in enumerate(ARCHES):
        numbered = sorted((int(row[1 + column]), ids[row[0]]) for row in table if row[1 + column] != "-")
        seen = {}
        for number, identity in numbered:
            if seen.setdefault(number, identity) != identity:
                die(f"syscalls.tsv: {arch} has two calls of number {number}")
        out.append(f"static const struct table_number numbers_{arch}[] = {{")
        out.append("\t" + " ".join(f"{{ {number}, {identity} }}," for number, identity in seen.items()))
        out.append("};")
    out.append("const struct table_numbers table_numbers[] = {")
    for arch in ARCHES:
        out.append(f"\t{{ numbers_{arch}, sizeof numbers_{arch} / sizeof numbers_{arch}[0] }},")
    out.append("};")
    return ids


def argument_row(name, text, families):
    cells = []
    for argument in text.split():
        parts = argument.split(":")
        if len(parts) < 2 or parts[1] not in KINDS:
            die(f"arguments.tsv: {name}: {argument} has no kind")
        if len(parts) > 2 and parts[2] not in families:
            die(f"arguments.tsv: {name}: {parts[2]} is not a family of constants.tsv")
        family = parts[2] if len(parts) > 2 else ""
        cells.append(f'{{ "{fit(parts[0], "arguments.tsv")}", "{fit(family, "family")}", ARGUMENT_{parts[1].upper()} }}')
    if len(cells) > 6:
        die(f"arguments.tsv: {name} has more than six arguments")
    return ", ".join(cells)


def arguments(folder, ids, families, out):
    table = {}
    for name, text in rows(folder / "arguments.tsv"):
        call, _, arches = name.partition("@")
        if call not in ids:
            die(f"arguments.tsv: {call} is not in syscalls.tsv")
        key = ids[call], arches_of(arches, f"arguments.tsv: {call}") if arches else 0
        if key in table:
            die(f"arguments.tsv: {name} is there twice")
        table[key] = argument_row(name, text, families)
    out.append("const struct table_arguments table_arguments[] = {")
    first = {}
    for place, ((identity, arches), cells) in enumerate(sorted(table.items())):
        first.setdefault(identity, place)
        out.append(f"\t{{ {identity}, {arches:#x}, {{ {cells} }} }},")
    out.append("};")
    out.append(f"const size_t table_arguments_count = {len(table)};")
    out.append("const uint16_t table_arguments_first[] = {")
    out.append("\t" + " ".join(f"{first.get(identity, len(table))}," for identity in range(len(ids))))
    out.append("};")


def others_of(name, text):
    """"aarch64,arm=0x10000 s390x=-": {arch: value or None}"""
    others = {}
    for cell in text.split():
        arches, _, value = cell.partition("=")
        arches_of(arches, f"constants.tsv: {name}")
        for arch in arches.split(","):
            others[ARCHES.index(arch)] = None if value == "-" else int(value, 0)
    return others


def constants(folder, out):
    table, others, lines = {}, [], []
    for row in rows(folder / "constants.tsv"):
        if row[1] in table:
            die(f"constants.tsv: {row[1]} is there twice")
        table[row[1]] = row
    for name in sorted(table):
        row = table[name]
        differing = others_of(name, row[3] if len(row) > 3 else "")
        own = sum(1 << arch for arch in range(len(ARCHES)) if differing.get(arch, 0) is not None)
        values = [(arch, value) for arch, value in sorted(differing.items()) if value is not None]
        lines.append(f'\t{{ "{fit(name, "constants.tsv")}", "{fit(row[0], "family")}", {own:#x}, {len(others)}, {len(values)}, {int(row[2], 0):#x}u }},')
        others += values
    out.append("const struct table_constant table_constants[] = {")
    out += [*lines, "};", f"const size_t table_constant_count = {len(table)};"]
    index("table_constant", sorted(table), out)
    out.append("const struct table_constant_other table_constant_others[] = {")
    out += [f"\t{{ {value:#x}u, {arch} }}," for arch, value in others]
    out.append("};")
    return {row[0] for row in table.values()}


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
    calls, lines = [], []
    for name in sorted(groups):
        lines.append(f'\t{{ "@{fit(name, "groups.json")}", {len(calls)} }},')
        calls += [*map(str, sorted(settle(groups, name, ids, []))), "SYSCALL_UNKNOWN"]
    out.append("const struct table_group table_groups[] = {")
    out += [*lines, "};", f"const size_t table_group_count = {len(groups)};"]
    out += ["const int table_group_calls[] = {", "\t" + ", ".join(calls), "};"]


def main():
    folder = pathlib.Path(sys.argv[1])
    out = ["/* Made by policy/tables.py from the tables in profiles/. */", '#include "policy/tables.h"', ""]
    ids = syscalls(folder, out)
    families = constants(folder, out)
    arguments(folder, ids, families, out)
    group_lists(folder, ids, out)
    pathlib.Path(sys.argv[2]).write_text("\n".join(out) + "\n")


main()
