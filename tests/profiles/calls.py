#!/usr/bin/env python3
"""calls TRACE HEAD: the calls of a strace -f, one line each: NAME, and for some the constants that were given.

Only what happened after the second execve counts: the first two are chroot and env.
"""
import re
import sys

# The arguments a profile can look at: the place of each, and what is left of its words.
SHOWN = {"socket": (0, 1, 2), "socketpair": (0, 1, 2), "ioctl": (1,), "prctl": (0,), "personality": (0,),
         "setsockopt": (1, 2), "clone": None}
FLAG = re.compile(r"\bCLONE_[A-Z_]+|\bSIGCHLD")


def arguments(text):
    """Splits at the commas of the first level."""
    depth, parts, part = 0, [], ""
    for letter in text:
        depth += letter in "({["
        depth -= letter in ")}]"
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return parts + [part.strip()]


def shown(name, text):
    if name not in SHOWN:
        return ""
    if SHOWN[name] is None:
        return " " + "|".join(sorted(set(FLAG.findall(text))))
    parts = arguments(text)
    words = [re.sub(r"\|?SOCK_(CLOEXEC|NONBLOCK)", "", parts[i]) for i in SHOWN[name] if i < len(parts)]
    return " " + " ".join(word.split(" ")[0] for word in words)


def main():
    seen, programs = set(), 0
    line_of = re.compile(r"^(\d+)\s+(?:<\.\.\. )?([a-z0-9_]+)(?:\((.*)| resumed.*)$")
    for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
        match = line_of.match(line.rstrip("\n"))
        if not match:
            continue
        name, text = match.group(2), match.group(3)
        programs += name == "execve" and text is not None
        if programs < 3 or text is None:
            continue
        text = re.sub(r"\)?\s+=\s.*$|<unfinished.*$", "", text)
        seen.add(name + shown(name, text))
    print(f"# {sys.argv[2]}")
    for row in sorted(seen):
        print(row)


if __name__ == "__main__":
    main()
