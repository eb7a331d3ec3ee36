# waiting: for what is to come true, on a machine that may be busy with other things. A limit is there for what never does,
# and may be long: what works does not wait for it.

# wait_until SECONDS COMMAND...: true once the command is, false when the time is over.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# is_gone PID: it has ended; a zombie is somebody else's to reap.
is_gone() {
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	[[ "${stat##*) }" == [ZX]* ]]
}

# says FILE: somebody has written to it.
says() { [ -s "$1" ]; }
