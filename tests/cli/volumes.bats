# volumes: made by name and by run, listed, inspected, removed; never from under a container.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() {
	local name
	for name in box other; do cordon rm -f $name >/dev/null 2>&1 || true; done
	for name in $(cordon volume ls -q); do cordon volume rm "$name" >/dev/null 2>&1 || true; done
}

@test "create, ls, inspect, rm" {
	[ "$(cordon volume create --label tier=front --label bare data)" = data ]
	run -0 cordon volume create
	[[ "$output" =~ ^[0-9a-f]{64}$ ]]
	run -0 cordon volume ls
	[[ "${lines[0]}" =~ ^DRIVER\ +VOLUME\ NAME$ ]]
	# by name: the other one's may come before or behind
	grep -qE '^local +data$' <<<"$output"
	[ "$(cordon volume inspect --format '{{.Name}} {{.Driver}} {{.Labels.tier}} {{.Anonymous}}' data)" = "data local front false" ]
	[ -d "$(cordon volume inspect --format '{{.Mountpoint}}' data)" ]
	[[ "$(cordon volume inspect data)" == '['*'"CreatedAt": "20'*'"Scope": "local"'*']' ]]
	# made again, it is the same, labels and all
	cordon volume create data
	[ "$(cordon volume inspect --format '{{.Labels.tier}}' data)" = front ]
	cordon volume rm data
	run -1 --separate-stderr cordon volume inspect data
	[[ "$stderr" == *"no such volume: data"* ]]
	run -1 --separate-stderr cordon volume rm data
	run -0 cordon volume rm -f data
	[ -z "$output" ]
	run -1 cordon volume create -- -x
	run -1 cordon volume create a/b
	run -1 --separate-stderr cordon volume create --driver nfs x
	[[ "$stderr" == *"no volume driver 'nfs'"* ]]
}

@test "ls: filters, format, quiet" {
	cordon volume create --label tier=front data >/dev/null
	cordon volume create other >/dev/null
	cordon create --name box --network none -v data:/d base true >/dev/null
	[ "$(cordon volume ls -q --filter dangling=true)" = other ]
	[ "$(cordon volume ls -q --filter dangling=false)" = data ]
	[ "$(cordon volume ls -q --filter label=tier)" = data ]
	[ -z "$(cordon volume ls -q --filter label=tier=back)" ]
	[ "$(cordon volume ls -q --filter name=oth)" = other ]
	[ "$(cordon volume ls --format '{{.Name}}:{{.Labels}}:{{.Links}}' -f name=data)" = data:tier=front:1 ]
	run -1 cordon volume ls --filter colour=red
	run -1 cordon volume ls --filter dangling=perhaps
}

@test "a container that names a volume keeps it, running or not; rm -v takes anonymous ones" {
	cordon run -d --name box --network none -v data:/d -v /anonymous base sh -c 'echo kept >/d/file; sleep 60' >/dev/null
	run -1 --separate-stderr cordon volume rm data
	[[ "$stderr" == *"in use"* ]]
	cordon stop -t 0 box
	run -1 --separate-stderr cordon volume rm data
	[[ "$stderr" == *"in use by container"* ]]
	[ "$(cordon volume ls -q | wc -l)" = 2 ]
	cordon rm -v box >/dev/null
	[ "$(cordon volume ls -q)" = data ]
	[ "$(cordon run --rm --network none -v data:/d base cat /d/file)" = kept ]
	cordon volume rm data
	[ -z "$(find "$XDG_DATA_HOME/cordon/volumes" -mindepth 1)" ]
}

@test "files of subordinate ids go with their volume" {
	cordon run --rm --network none -v data:/d base sh -c 'mkdir -m 700 /d/deep && touch /d/deep/file && chown -R 1000 /d/deep'
	cordon volume rm data
	[ -z "$(find "$XDG_DATA_HOME/cordon/volumes" -mindepth 1)" ]
}

@test "what a killed removal left goes with the next one" {
	mkdir -p "$XDG_DATA_HOME/cordon/volumes/.gone-x/_data"
	cordon volume create data >/dev/null
	[ "$(cordon volume ls -q)" = data ]
	cordon volume rm data
	[ -z "$(find "$XDG_DATA_HOME/cordon/volumes" -mindepth 1)" ]
}

@test "made and removed at the same time: a container has its volume, or there was none to have" {
	for _ in $(seq "${CORDON_ROUNDS:-8}"); do
		(for _ in 1 2 3 4 5 6; do cordon volume rm -f data >/dev/null 2>&1; done) &
		cordon run --name box --network none -v data:/d base sh -c 'echo kept >/d/file'
		wait $! || true
		[ "$(cat "$(cordon volume inspect --format '{{.Mountpoint}}' data)/file")" = kept ]
		cordon rm box >/dev/null
	done
}
