#!/bin/bash
# denied PROFILE USER CORDON WORD...: what a container was denied. As root, because strace(1) must follow
# setuid programs: `cordon run WORD...` as that user, every call that failed kept, and of those the ones
# that the profile answers, always or by argument, counted. What the kernel itself refuses and the
# profile allows is left out; a call answered by argument may be either.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "denied: run this as root" >&2; exit 1; }
profile=$1 user=$2 cordon=$3
shift 3
trace=$(mktemp)
trap 'rm -f "$trace"' EXIT

strace -f -qq -Z -e signal=none -u "$user" -o "$trace" "$cordon" run "$@" >&2 || echo "ended with $?" >&2
runuser -u "$user" -- "$cordon" policy compile "$profile" --arch x86_64 --format json | python3 -c '
import collections, json, re, sys
answers = json.load(sys.stdin)["calls"]
counted = collections.Counter()
for line in open(sys.argv[1], errors="replace"):
    call = re.match(r"\d+ +(?:<\.\.\. )?(\w+)(?:\((.*?)\)?| resumed>.*) += -1 (EPERM|ENOSYS|EPROTONOSUPPORT|ENOPROTOOPT|EOPNOTSUPP|ENOPKG) ", line)
    if call and answers.get(call[1], "errno") != "allow":
        words = "" if call[1] == "clone3" else re.sub(r"0x[0-9a-f]+|\b\d\d+\b", "N", call[2] or "")
        counted[call[1], words, call[3]] += 1
for (name, words, answer), count in sorted(counted.items()):
    print(f"{count:6} {name}({words}) {answer}")' "$trace"
