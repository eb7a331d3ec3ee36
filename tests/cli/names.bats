# names: of images (tag, untag, history, image tree), of containers (rename, port).
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() {
	local name
	for name in box other taken; do cordon rm -f $name >/dev/null 2>&1 || true; done
}

names_of() { cordon image inspect --format '{{join .RepoTags " "}}' "$1"; }

@test "tag: further names, of a registry and of none; a name moves; the store stays clean" {
	cordon tag base second third:1 quay.io/team/app:2
	[ "$(names_of base | tr ' ' '\n' | sort | tr '\n' ' ')" = "localhost/base:latest localhost/second:latest localhost/third:1 quay.io/team/app:2 " ]
	cordon image tag "$(cut -c8-19 "$GROUND/base.id")" quay.io/team/app:3
	[ "$(cordon image inspect --format '{{.Id}}' quay.io/team/app:3)" = "$(cat "$GROUND/base.id")" ]
	cordon import -c 'ENV X=1' "$GROUND/base.tar" changed >/dev/null
	cordon tag changed third:1
	[ "$(cordon image inspect --format '{{.Id}}' third:1)" = "$(cordon image inspect --format '{{.Id}}' changed)" ]
	[[ "$(names_of base)" != *third* ]]
	# given again, it is the same name once
	cordon tag changed third:1
	[ "$(grep -o 'localhost/third:1' "$XDG_DATA_HOME/cordon/images/index.json" | wc -l)" = 1 ]
	cordon rmi -f changed third:1 >/dev/null
	run -1 --separate-stderr cordon tag nothing name
	[[ "$stderr" == *"no such image: nothing"* ]]
	run -1 --separate-stderr cordon tag base UPPER
	run -1 --separate-stderr cordon tag base "x@sha256:$(printf '%064d' 0)"
	[[ "$stderr" == *"cannot hold a digest"* ]]
}

@test "untag: the names given, all of them; the image stays" {
	cordon tag base second third:1
	cordon untag base second
	[[ "$(names_of base)" != *second* && "$(names_of base)" == *third:1* ]]
	cordon import -c 'ENV X=2' "$GROUND/base.tar" changed >"$GROUND/changed.id"
	run -1 --separate-stderr cordon untag changed base
	[[ "$stderr" == *"'base' is no name of the image"* ]]
	cordon untag changed
	run -0 cordon images --filter dangling=true -q --no-trunc
	[ "$output" = "$(cat "$GROUND/changed.id")" ]
	cordon run --rm --network none "$(cut -c8-30 "$GROUND/changed.id")" true
	cordon rmi "$(cut -c8- "$GROUND/changed.id")" >/dev/null
	run -1 cordon untag nothing
}

@test "history: Docker's columns, ids, times and sizes" {
	run -0 cordon history base
	[[ "${lines[0]}" =~ ^IMAGE\ +CREATED\ +CREATED\ BY\ +SIZE\ +COMMENT$ ]]
	[[ "${lines[1]}" == "$(cut -c8-19 "$GROUND/base.id")"*" ago "*"cordon import"*MB* ]]
	run -0 cordon history -q --no-trunc base
	[ "$output" = "$(cat "$GROUND/base.id")" ]
	run -0 cordon history --human=false base
	[[ "${lines[0]}" == *"CREATED AT"* ]]
	[[ "${lines[1]}" =~ [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]{5})\ +cordon\ import\ +[0-9]{6,} ]]
	[ "$(cordon history --format '{{.ID}} {{.Size}}' -H=false base)" = "$(cut -c8-19 "$GROUND/base.id") $(cordon image inspect --format '{{.Size}}' base)" ]
	run -1 cordon history nothing
}

@test "history: steps without a layer, long commands, layers nobody speaks of" {
	mkdir -p "$BATS_TEST_TMPDIR/image/blobs/sha256" && cd "$BATS_TEST_TMPDIR/image"
	mkdir a b && echo one >a/one && echo two >b/two
	tar -C a -cf a.tar one && tar -C b -cf b.tar two
	long=$(printf 'x%.0s' $(seq 60))
	cat >config.json <<-END
		{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:$(sha256sum <a.tar | cut -c-64)","sha256:$(sha256sum <b.tar | cut -c-64)"]},
		"history":[{"created":"2020-01-02T03:04:05Z","created_by":"first\tstep","comment":"said"},{"created_by":"$long","empty_layer":true}]}
	END
	echo '[{"Config":"config.json","RepoTags":["steps:1"],"Layers":["a.tar","b.tar"]}]' >manifest.json
	tar -cf ../steps.tar config.json manifest.json a.tar b.tar
	cordon load -qi ../steps.tar
	run -0 cordon history --format '{{.ID}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}|{{.CreatedSince}}' steps:1
	id=$(cordon images -q steps:1)
	[ "${lines[0]}" = "$id||4B||N/A" ]
	[ "${lines[1]}" = "<missing>|${long:0:44}…|0B||N/A" ]
	[[ "${lines[2]}" == "<missing>|first step|4B|said|"*" years ago" ]]
	run -0 cordon history --no-trunc --format '{{.CreatedBy}}' steps:1
	[ "${lines[0]}" = "$long" ]
	cordon rmi steps:1 >/dev/null
}

@test "image tree: layers, sizes, and which images end with them" {
	run -0 cordon image tree base
	[[ "${lines[0]}" == "Image ID: $(cut -c8-19 "$GROUND/base.id")" ]]
	[[ "${lines[1]}" == "Tags:     ["*"localhost/base:latest"*"]" ]]
	[ "${lines[3]}" = "Image Layers" ]
	[[ "${lines[4]}" =~ ^└──\ ID:\ [0-9a-f]{12}\ Size:\ [0-9.]+MB\ Top\ Layer\ of:\ \[.*localhost/base:latest.*\]$ ]]
	run -0 cordon image tree --no-trunc base
	[[ "${lines[4]}" == *"ID: $(cordon image inspect --format '{{index .RootFS.Layers 0}}' base | cut -c8-) "* ]]
}

@test "rename: of one that ran, one that runs in the background, and one in the foreground" {
	cordon run --name box --network none base true
	cordon rename box other
	run -1 cordon inspect box
	[ "$(cordon inspect --format '{{.Name}}' other)" = /other ]
	cordon start other && [ "$(cordon wait other)" = 0 ]
	[ "$(cordon ps -a --format '{{.Names}}')" = other ]
	cordon run -d --name box --network none base sleep 600 >/dev/null
	run -1 --separate-stderr cordon rename box other
	[[ "$stderr" == *"Conflict"*'"/other" is already in use'* ]]
	run -1 --separate-stderr cordon rename box box
	run -1 --separate-stderr cordon rename box 'a/b'
	cordon rename box taken
	[ "$(cordon exec taken echo in)" = in ]
	# the old name is free
	cordon run --rm --name box --network none base true
	cordon stop -t 0 taken
	[ "$(cordon inspect --format '{{.State.Status}} {{.Name}}' taken)" = "exited /taken" ]
	cordon rm taken other
	"$CORDON" run --name box --network none base sh -c 'until [ -e /go ]; do sleep 0.05; done; exit 7' &
	wait_until 60 "$CORDON" exec box true
	cordon rename box other
	cordon exec other touch /go
	[ "$(cordon wait other)" = 7 ]
	wait $! || [ $? = 7 ]
	[ "$(cordon inspect --format '{{.State.ExitCode}} {{.Name}}' other)" = "7 /other" ]
	run -1 cordon inspect box
	cordon rm other
	[ -z "$(ls "$XDG_DATA_HOME/cordon/names")" ]
}

@test "rename of a container of --rm: nothing is left of either name" {
	"$CORDON" run --rm --name box --network none base sh -c 'until [ -e /go ]; do sleep 0.05; done' &
	wait_until 60 "$CORDON" exec box true
	cordon rename box other
	cordon exec other touch /go
	wait $!
	[ -z "$(cordon ps -aq)" ]
	[ -z "$(ls "$XDG_DATA_HOME/cordon/names")" ]
}

@test "rename, over and over, while it is stopped and started: one name, one claim" {
	cordon run -d --name box --network none base sleep 600 >/dev/null
	(for _ in $(seq 12); do cordon stop -t 0 other; cordon start other; done >/dev/null 2>&1 || true) &
	current=box
	for _ in $(seq 20); do
		next=$([ $current = box ] && echo other || echo box)
		cordon rename $current $next 2>/dev/null && current=$next
	done
	wait
	[ "$(ls "$XDG_DATA_HOME/cordon/names")" = $current ]
	[ "$(cordon ps -a --format '{{.Names}}')" = $current ]
	[[ "$(cordon inspect --format '{{.State.ExitCode}}' $current)" == 0 || "$(cordon inspect --format '{{.State.ExitCode}}' $current)" == 137 ]]
	cordon rm -f $current >/dev/null
}

@test "port: where the ports are, one of them, and the one that is not there" {
	local tcp udp
	{ command -v pasta && [ -w /dev/net/tun ]; } >/dev/null || skip "no private network here"
	tcp=$(free_port) udp=$(free_port)
	cordon run -d --name box -p "127.0.0.1:$tcp:80" -p "127.0.0.1:$udp:53/udp" base sleep 600 >/dev/null
	run -0 cordon port box
	[ "$output" = "80/tcp -> 127.0.0.1:$tcp"$'\n'"53/udp -> 127.0.0.1:$udp" ]
	[ "$(cordon port box 80)" = "127.0.0.1:$tcp" ]
	[ "$(cordon port box 80/tcp)" = "127.0.0.1:$tcp" ]
	[ "$(cordon container port box 53/udp)" = "127.0.0.1:$udp" ]
	run -1 --separate-stderr cordon port box 53
	[[ "$stderr" == *"No public port '53/tcp' published for box"* ]]
	run -1 --separate-stderr cordon port box 80/icmp
	cordon stop -t 0 box
	[ -z "$(cordon port box)" ]
	run -1 cordon port nothing
}
