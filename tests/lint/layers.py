#!/usr/bin/env python3
"""The layering law: who may include whom, and one door per library.

    runtime --> policy --> sandbox --> base        cli -> container -> image, network, profile -> store; image -> registry

A file may include its own part and the parts named behind it here. Policy sees of the sandbox only
the plan it compiles to and the host it compiles for, because it is pure: text in, plan out.
"""

import re
import sys

import tree

BASE, SANDBOX, POLICY = "sandbox/base", "sandbox", "policy"
STORE, IMAGE, NETWORK = "runtime/store", "runtime/image", "runtime/network"
REGISTRY = "runtime/registry"
PROFILE, CONTAINER, CLI = "runtime/profile", "runtime/container", "runtime/cli"
LOWER = {BASE, SANDBOX, POLICY}

MAY_INCLUDE = {
    BASE: set(),
    SANDBOX: {BASE},
    POLICY: {BASE},
    STORE: LOWER,
    REGISTRY: LOWER | {STORE},
    IMAGE: LOWER | {STORE, REGISTRY},
    NETWORK: LOWER | {STORE},
    PROFILE: LOWER | {STORE},
    CONTAINER: LOWER | {STORE, IMAGE, NETWORK, PROFILE},
    CLI: LOWER | {STORE, REGISTRY, IMAGE, NETWORK, PROFILE, CONTAINER},
}

# Headers that a part may include beyond the above: plain data.
ALSO = {POLICY: {"sandbox/plan.h", "sandbox/host.h"}}

# The whole unpacker of hostile bytes is a program of its own: runtime/image/layer*.
DOORS = {
    "jansson.h": r"policy/(decode|encode)\.c",
    "archive.h": r"runtime/image/layer/[a-z_]+\.c",
    "archive_entry.h": r"runtime/image/layer/[a-z_]+\.c",
    "openssl/ssl.h": r"runtime/registry/client/tls\.c",  # what libcurl does not tell of a handshake
    "openssl/": r"runtime/image/layer/[a-z_]+\.c",
    "sys/apparmor.h": r"sandbox/apparmor\.c",
    "cap-ng.h": r"sandbox/capability\.c",
    "seccomp.h": r"tests/.*\.c",
    "yaml.h": r"runtime/registry/yaml_decode\.c",
    "curl/curl.h": r"runtime/registry/client/http\.c",  # transfers
    "curl/urlapi.h": r"runtime/registry/client/url\.c",  # addresses
    "zstd.h": r"runtime/image/layer/[a-z_]+\.c",
    "lzma.h": r"runtime/image/layer/[a-z_]+\.c",
    "bzlib.h": r"runtime/image/layer/bzip2\.c",
    "isa-l/igzip_lib.h": r"runtime/image/layer/[a-z_]+\.c",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def part_of(name):
    """The part a file belongs to, None for tests and others."""
    return max((part for part in MAY_INCLUDE if name.startswith(part + "/")), key=len, default=None)


def layer_breach(name, included):
    here, there = part_of(name), part_of(included)
    if here is None or there is None or here == there:
        return None
    if there in MAY_INCLUDE[here] or included in ALSO.get(here, ()):
        return None
    return f"{here} may not include {there}"


def door_breaches(name, included, users):
    fitting = [library for library in DOORS if included == library or (library.endswith("/") and included.startswith(library))]
    for library in sorted(fitting, key=len)[-1:]:
        users.setdefault(library, set()).add(name)
        if not re.fullmatch(DOORS[library], name):
            yield f"<{included}> is for {DOORS[library]} only"


def check(sources):
    """sources: (name, text) pairs. Returns the breaches as lines."""
    breaches, users = [], {}
    for name, text in sources:
        for match in INCLUDE.finditer(text):
            where = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
            if match[1] == '"':
                breach = layer_breach(name, match[2])
                found = [breach] if breach else []
            else:
                found = list(door_breaches(name, match[2], users))
            breaches += [f"{where}: {words}" for words in found]
    # One door: a pattern above names a folder where the file's name is its owner's business.
    for library, names in sorted(users.items()):
        inside = sorted(n for n in names if not n.startswith("tests/"))
        if len(inside) > 1 and library not in ("jansson.h", "archive_entry.h"):
            breaches.append(f"<{library}> has {len(inside)} doors: {', '.join(inside)}")
    return breaches


def self_test():
    """The law finds what it is for."""
    bad = [
        ("sandbox/x.c", '#include "policy/policy.h"\n'),
        ("sandbox/base/x.c", '#include "sandbox/plan.h"\n'),
        ("policy/x.c", '#include "sandbox/spawn.h"\n'),
        ("policy/x.c", '#include "runtime/store/paths.h"\n'),
        ("runtime/image/x.c", '#include "runtime/network/network.h"\n'),
        ("runtime/container/x.c", '#include "runtime/cli/main.h"\n'),
        ("runtime/container/x.c", "#include <jansson.h>\n"),
        ("sandbox/x.c", "#include <cap-ng.h>\n"),
    ]
    good = [
        ("policy/x.c", '#include "sandbox/plan.h"\n#include "sandbox/base/text.h"\n'),
        ("runtime/cli/x.c", '#include "runtime/container/container.h"\n'),
        ("policy/decode.c", "#include <jansson.h>\n"),
    ]
    missed = [source for source in bad if not check([source])]
    wrong = check(good)
    if missed or wrong:
        sys.exit(f"layers.py does not do its work: missed {missed}, wrong {wrong}")


if __name__ == "__main__":
    self_test()
    tree.report("layers", check((name, tree.text(name)) for name in tree.files(".c", ".h")))
