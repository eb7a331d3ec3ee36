#!/bin/bash
# work NAME [OPTION...]: the workload of an image profile (NAME.work) in a container of the image of
# that name, as root inside and without a network; the options are those of `cordon run`. True only
# if every step of it did what it should and no process died of the filter. CORDON is the binary.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1
shift

said=$(timeout -k 10 "${CORDON_WORK_SECONDS:-180}" "$CORDON" run --rm --network none --profile "$name" "$@" \
	-v "$here/$name.work:/work:ro" "$name" \
	/usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
	/bin/bash -c 'bash /work; status=$?; cat /var/log/nginx/error.log /tmp/r/log /tmp/s/log /tmp/out /data/db/log/* 2>/dev/null
		exit $status' 2>&1 </dev/null) && status=0 || status=$?
printf '%s\n' "$said"
[ "$status" = 0 ] || exit "$status"
grep -q '^done$' <<<"$said" || { echo "work: $name did not come to its end" >&2; exit 1; }
! grep -aE 'Bad system call|signal 31|SIGSYS|Operation not permitted|\[(alert|emerg)\]' <<<"$said" >&2
