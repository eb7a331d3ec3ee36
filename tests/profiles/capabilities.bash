#!/bin/bash
# capabilities NAME...: which capabilities the program of an image profile cannot do its work
# without. As an ordinary user; CORDON is the binary to run.
#
# The workload (NAME.work) runs behind the profile's own filter as root inside, with all that the
# default profile keeps but one: what it fails without is needed. At the end it runs with the needed
# ones alone, which shows that no two stand in for each other. measured/NAME.capabilities is the
# result, and profiles/derive.py puts it into the profile.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${CORDON:?the cordon binary}"

work=$(mktemp -d "${TMPDIR:-/tmp}/cordon-capabilities.XXXXXX")
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
export XDG_DATA_HOME=$work/data XDG_CACHE_HOME=$work/cache
mapfile -t all < <("$CORDON" policy show default |
	python3 -c 'import json, sys; print(*sorted(json.load(sys.stdin)["capabilities"]), sep="\n")')

# runs NAME CAPABILITY...: the workload with these and no others.
runs() {
	local name=$1 flags=(--cap-drop ALL) capability
	shift
	for capability; do flags+=(--cap-add "$capability"); done
	"$here/work.bash" "$name" "${flags[@]}" >"$work/said" 2>&1
}

[ $# -gt 0 ] || set -- nginx redis postgres python
for name; do
	tar=$("$here/../integration/images.bash" "$name")
	"$CORDON" import "$tar" "$name" >/dev/null
	runs "$name" "${all[@]}" || { tail -5 "$work/said" >&2; exit 1; }
	needed=()
	for without in "${all[@]}"; do
		kept=()
		for capability in "${all[@]}"; do
			[ "$capability" = "$without" ] || kept+=("$capability")
		done
		runs "$name" "${kept[@]}" || needed+=("$without")
	done
	runs "$name" "${needed[@]}" || { echo "$name: not with ${needed[*]} alone" >&2; exit 1; }
	{
		echo "# $name.work behind the profile's filter: fails without any of these, works with them alone. Linux $(uname -r | cut -d. -f1,2), $(date -I)"
		printf '%s\n' "${needed[@]}"
	} >"$here/measured/$name.capabilities"
	echo "$name: ${needed[*]}"
	"$CORDON" rmi -f "$name" >/dev/null
done
