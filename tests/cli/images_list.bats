# images: its name, its filters, its columns; and the times that logs takes.
load helper

setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	cordon import -c 'LABEL tier=front' -c 'CMD ["true"]' "$GROUND/base.tar" docker.io/library/web:1.2 >"$GROUND/web.id"
	cordon import -c 'LABEL tier=back' "$GROUND/base.tar" quay.io/team/web:3 >/dev/null
}
teardown_file() { ground_clear; }

names() {
	run -0 --separate-stderr cordon images --format '{{.Repository}}:{{.Tag}}' "$@"
	output=$(sort <<<"$output" | tr '\n' ' ')
}

@test "NAME[:TAG] and its patterns" {
	names web
	[ "$output" = "docker.io/library/web:1.2 " ]
	names web:1.2
	[ "$output" = "docker.io/library/web:1.2 " ]
	names web:9
	[ "$output" = " " ]
	names '*/*/web'
	[ "$output" = "docker.io/library/web:1.2 quay.io/team/web:3 " ]
	names base
	[ "$output" = "localhost/base:latest " ]
	names nothing
	[ "$output" = " " ]
	run -125 cordon images a b
	run -0 cordon images -q
	[ "${#lines[@]}" -ge 3 ]
}

@test "filters: reference, label, dangling, before and since" {
	names --filter reference='web:1.*' --filter reference=base
	[ "$output" = "docker.io/library/web:1.2 localhost/base:latest " ]
	names --filter label=tier
	[ "$output" = "docker.io/library/web:1.2 quay.io/team/web:3 " ]
	names --filter label=tier=back
	[ "$output" = "quay.io/team/web:3 " ]
	names --filter label=tier=back --filter label=other
	[ "$output" = " " ]
	names --filter dangling=false web
	[ "$output" = "docker.io/library/web:1.2 " ]
	names --filter dangling=true
	[ "$output" = " " ]
	sleep 1.1
	cordon import -c 'ENV YOUNG=1' "$GROUND/base.tar" young >/dev/null
	names --filter since=quay.io/team/web:3
	[ "$output" = "localhost/young:latest " ]
	names --filter before=young web
	[ "$output" = "docker.io/library/web:1.2 " ]
	cordon rmi young >/dev/null
}

@test "what is no filter is an error, whatever there is" {
	run -1 --separate-stderr cordon images --filter colour=red nothing
	[[ "$stderr" == *"unknown filter 'colour=red'"*"reference=PATTERN"* ]]
	run -1 --separate-stderr cordon images --filter dangling=perhaps
	[[ "$stderr" == *"true or false"* ]]
	run -1 --separate-stderr cordon images --filter since=nothing
	[[ "$stderr" == *"no such image: nothing"* ]]
	run -1 --separate-stderr cordon ps --filter colour=red
	[[ "$stderr" == *"unknown filter 'colour=red'"* ]]
	run -1 --separate-stderr cordon ps --filter status=asleep
	[[ "$stderr" == *"there is no such status"* ]]
	run -1 --separate-stderr cordon ps --filter 'name=['
}

@test "-q prints an id once, --no-trunc in full, --digests the digest" {
	digits=$(sed 's/^sha256://' "$GROUND/web.id")
	# one image, two names
	cordon import -c 'LABEL tier=front' -c 'CMD ["true"]' "$GROUND/base.tar" again:1 >"$GROUND/again.id"
	run -0 --separate-stderr cordon images -q web
	[ "$output" = "${digits:0:12}" ]
	run -0 --separate-stderr cordon images -q
	[ "$(sort <<<"$output" | uniq -d)" = "" ]
	run -0 --separate-stderr cordon images -q --no-trunc web
	[ "$output" = "sha256:$digits" ]
	run -0 --separate-stderr cordon images --no-trunc --format '{{.ID}}' web
	[ "$output" = "sha256:$digits" ]
	run -0 --separate-stderr cordon images --digests web
	[[ "${lines[0]}" == "REPOSITORY "*" TAG "*" DIGEST "*" IMAGE ID "*" CREATED "*" SIZE" ]]
	[[ "${lines[1]}" == *"sha256:$(cordon image inspect -f '{{.Digest}}' web:1.2 | cut -c8-)"* ]]
	run -0 --separate-stderr cordon images -a web
	[[ "${lines[0]}" == "REPOSITORY "*" TAG "*" IMAGE ID "* && "${lines[0]}" != *DIGEST* ]]
	[ "$(cordon image inspect -f '{{index .Config.Labels "tier"}}{{.Config.ExposedPorts}}{{.Config.User}}' web:1.2)" = "frontmap[]" ]
}

@test "what Docker's templates may name is there" {
	run -0 cordon images --format '{{.VirtualSize}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}} {{.Name}}' base
	[[ "$output" == *"MB N/A N/A N/A localhost/base:latest" ]]
	run -0 cordon images --format json base
	[[ "$output" == *'"Containers":"N/A"'* ]]
}

@test "rmi -f of what is not there tells it and is no failure; without -f it is" {
	run -1 --separate-stderr cordon rmi nosuch
	[[ "$stderr" == "cordon: no such image: nosuch"* ]]
	run -0 --separate-stderr cordon rmi -f nosuch
	[[ "$stderr" == "cordon: no such image: nosuch"* && -z "$output" ]]
	cordon tag base other
	run -1 --separate-stderr cordon rmi nosuch other
	[ "$output" = "Untagged: localhost/other:latest" ]
}

@test "load -q says what was loaded, as Docker's and podman's do; search says that it is not offered" {
	cordon save -o "$BATS_TEST_TMPDIR/base.tar" base
	run -0 --separate-stderr cordon load -q -i "$BATS_TEST_TMPDIR/base.tar"
	[ "$output" = "Loaded image: localhost/base:latest" ]
	run -125 cordon search nginx
	[[ "$output" == "cordon: search is not offered: "*"cordon pull NAME" ]]
}

@test "the list is index.json's alone; of an older store, without sizes and dates there, its records'" {
	local data=$XDG_DATA_HOME/cordon listed fields="{{.Name}} {{.ID}} {{.Digest}} {{.CreatedAt}} {{.Size}}"
	listed=$(cordon images --format "$fields")
	mv "$data/records" "$data/records.away"
	run -0 cordon images --format "$fields"
	mv "$data/records.away" "$data/records"
	[ "$output" = "$listed" ]
	cp "$data/images/index.json" "$GROUND/index.json"
	python3 - "$data/images/index.json" <<-'END'
		import json, sys
		index = json.load(open(sys.argv[1]))
		for entry in index["manifests"]:
		    del entry["annotations"]["io.cordon.image.size"]
		json.dump(index, open(sys.argv[1], "w"))
	END
	run -0 cordon images --format "$fields"
	cp "$GROUND/index.json" "$data/images/index.json"
	[ "$output" = "$listed" ]
}

@test "logs --since and --until take Go's durations, seconds and dates" {
	cordon run --network none --name talk base sh -c 'echo one; echo two'
	# the first word was said forty minutes earlier: nothing hangs on how fast this machine is
	python3 - "$(cordon inspect -f '{{.LogPath}}' talk)" "$(date -u -d '-40 min' +%Y-%m-%dT%H:%M:%S)" <<-'END'
		import re, sys
		first, second = open(sys.argv[1]).readlines()
		first = re.sub(r'("time": *")[0-9T:-]*', r"\g<1>" + sys.argv[2], first)
		open(sys.argv[1], "w").writelines([first, second])
	END
	one=$(cordon logs -t talk | sed -n 's/ one$//p') two=$(cordon logs -t talk | sed -n 's/ two$//p')
	# how long ago the moment between the two is
	ago() { date +%s.%N | awk -v one="$(date -d "$one" +%s.%N)" -v two="$(date -d "$two" +%s.%N)" '{ printf "%.3fs", $1 - (one + two) / 2 }'; }
	[ "$(cordon logs --since 1h30m talk | tr '\n' ' ')" = "one two " ]
	[ "$(cordon logs --since "$(ago)" talk | tr '\n' ' ')" = "two " ]
	[ "$(cordon logs --until "$(ago)" talk | tr '\n' ' ')" = "one " ]
	[ -z "$(cordon logs --until 1h talk)" ]
	[ "$(cordon logs --since "$two" talk)" = two ]
	[ "$(cordon logs --until "$two" talk | tr '\n' ' ')" = "one two " ]
	[ "$(cordon logs --since "$(date -d "$two" +%s.%N)" talk)" = two ]
	run -1 --separate-stderr cordon logs --since 1h30 talk
	[[ "$stderr" == *"'1h30' is not a time"*"1h30m"* ]]
	cordon rm talk
}

@test "logs -f --until ends when that time comes" {
	cordon run -d --network none --name endless base sh -c 'while :; do echo again; sleep 0.1; done'
	start=$SECONDS
	run -0 cordon logs -f --until -1s endless
	[ $((SECONDS - start)) -lt 60 ]
	[[ "$output" == *again* ]]
	cordon rm -f endless
}
