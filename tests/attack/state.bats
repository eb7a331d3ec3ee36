#!/usr/bin/env bats
# B13 (CVE-2024-5154, CVE-2015-1331, kubelet's /var/log): the engine's own files, log, lock, record, state, socket,
# replaced by symlinks that somebody with a hand in its folders placed, or a container they are mounted into.
# Takes about 50 s.
load attack

setup_file() { attack_setup_file; }
teardown_file() { attack_teardown_file; }

setup() {
	canary_make
	mkdir -p -m 700 "$GROUND/run"
	export XDG_RUNTIME_DIR=$GROUND/run
}

teardown() { canary_check; }

# ends STATUS...: the last run ended with one of these, said nothing of the canary's, and left it alone.
ends() {
	echo "status $status: ${output:0:300}"
	[[ " $* " == *" $status "* ]] || return 1
	[[ "$output" != *"canary sings"* ]] || return 1
	canary_check
}

# Those that the engine itself reads and writes. (The upper folder and the files for /etc are mounted: who could turn
# those could as well rewrite the plan beside them, which names every mount.)
FILES="log lock plan record.json state.json"

@test "B13: a file of the container's folder that is a symlink between create and start is not followed" {
	"$CORDON" create --network none --name first attack sh -c 'echo hello; echo more >&2'
	"$CORDON" start first && "$CORDON" wait first
	for file in $FILES; do
		[ "$file" = lock ] || [ -f "$XDG_DATA_HOME/cordon/containers/$("$CORDON" inspect -f '{{.Id}}' first)/$file" ]
	done
	"$CORDON" rm first
	for file in $FILES; do
		for target in "$GROUND/canary/file" "$GROUND/canary/folder" "$GROUND/canary/new"; do
			id=$("$CORDON" create --network none --name linked attack sh -c 'echo hello; echo more >&2')
			folder=$XDG_DATA_HOME/cordon/containers/$id
			[ ! -e "$folder/$file" ] || mv "$folder/$file" "$folder/$file.was"
			ln -s "$target" "$folder/$file"
			echo "== $file -> $target"
			run timeout 60 "$CORDON" start -a linked
			ends 0 1 125
			for command in "logs linked" "inspect linked" "ps -a" "top linked" "stop linked"; do
				# shellcheck disable=SC2086
				run timeout 60 "$CORDON" $command
				ends 0 1 125
			done
			run timeout 60 "$CORDON" rm -f linked
			ends 0 1 125
			rm -rf "$folder" "$XDG_DATA_HOME/cordon/names/linked" # what damage kept rm from
			"$CORDON" ps -aq
			[ -z "$("$CORDON" ps -aq)" ]
		done
	done
}

@test "B13: nor one that is swapped while the container runs, by the container itself" {
	for round in $(seq 1 "$ROUNDS"); do
		# where it is faster than the writing down of what it is, there is no container
		run timeout 60 "$CORDON" run -d --network none --name inside -v "$XDG_DATA_HOME/cordon/containers:/state" attack sh -c '
			cd /state/*/ || exit 1
			while :; do
				for file in log state.json record.json plan lock; do
					[ -L $file ] || mv $file $file.was
					ln -sfn '"$GROUND"'/canary/file $file
					echo "a line for $file"
				done
			done'
		ends 0 125
		for command in "logs inside" "logs --tail 3 inside" "inspect inside" "ps -a" "exec inside true"; do
			# shellcheck disable=SC2086
			run timeout 60 "$CORDON" $command
			ends 0 1 125
		done
		run timeout 60 "$CORDON" rm -f inside
		ends 0 1 125
		for process in $(pgrep -u "$(id -u)" -f "$GROUND/[c]anary/file"); do kill -9 "$process"; done
		rm -rf "${XDG_DATA_HOME:?}/cordon/containers"/* "$XDG_DATA_HOME/cordon/names"/*
	done
}

@test "B13: the attach socket's place being a symlink does not make a socket elsewhere" {
	for target in "$GROUND/canary/folder" "$GROUND/canary/new"; do
		id=$("$CORDON" create --network none --name socket attack sleep 600)
		mkdir -p -m 700 "$XDG_RUNTIME_DIR/cordon"
		rm -rf "${XDG_RUNTIME_DIR:?}/cordon/$id"
		ln -s "$target" "$XDG_RUNTIME_DIR/cordon/$id"
		run timeout 60 "$CORDON" start socket
		ends 0 125
		run timeout 60 "$CORDON" rm -f socket
		ends 0
		rm -f "$XDG_RUNTIME_DIR/cordon/$id"
	done
}

@test "B13: the folders themselves being symlinks are refused" {
	for folder in containers names layers records; do
		[ -e "$XDG_DATA_HOME/cordon/$folder" ] || continue
		mv "$XDG_DATA_HOME/cordon/$folder" "$XDG_DATA_HOME/cordon/$folder.was"
		ln -s "$GROUND/canary/folder" "$XDG_DATA_HOME/cordon/$folder"
		run timeout 60 "$CORDON" run --network none --name astray attack true
		rm "$XDG_DATA_HOME/cordon/$folder"
		mv "$XDG_DATA_HOME/cordon/$folder.was" "$XDG_DATA_HOME/cordon/$folder"
		echo "$folder"
		ends 125
		"$CORDON" rm -f astray 2>/dev/null || true
	done
}
