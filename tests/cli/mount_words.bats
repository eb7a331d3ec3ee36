#!/usr/bin/env bats
# --mount as it is typed, and what it must not be taken for.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }

@test "--mount: a bind, a volume, a tmpfs" {
	mkdir -p "$GROUND/shared" && echo here >"$GROUND/shared/file"
	run confined --mount "type=bind,source=$GROUND/shared,target=/in,readonly" base sh -c 'cat /in/file; touch /in/x'
	[[ "$output" == *here*"Read-only file system"* ]]
	confined --mount type=volume,source=kept,target=/v base sh -c 'echo kept >/v/file'
	run -0 confined --mount type=volume,src=kept,dst=/v base cat /v/file
	[ "$output" = kept ]
	run -0 confined --mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700 base sh -c 'stat -c %a /t; df -k /t | tail -1'
	[[ "$output" == 700*1024* ]]
}

@test "--mount: paths with a colon and a comma, and what is new and read-only" {
	mkdir -p "$GROUND/a:b,c" && echo odd >"$GROUND/a:b,c/file"
	run -0 confined --mount "type=bind,\"source=$GROUND/a:b,c\",\"target=/in:x,y\",readonly" base \
		sh -c 'cat "/in:x,y/file"; touch "/in:x,y/new" 2>&1 || true'
	[[ "$output" == odd*"Read-only file system"* ]]
	run -0 confined --mount type=tmpfs,target=/t:t,readonly base sh -c 'touch /t:t/x 2>&1 || true; ls -A /t:t'
	[[ "$output" == *"Read-only file system" ]]
	run -0 confined --mount type=volume,target=/v,readonly base sh -c 'touch /v/x 2>&1 || true'
	[[ "$output" == *"Read-only file system" ]]
	cordon create --network none --name mounted --mount "type=bind,source=$GROUND/a:b,c,target=/in" base true 2>/dev/null &&
		false
	cordon create --network none --name mounted --mount "type=bind,\"source=$GROUND/a:b,c\",target=/in" base true
	[ "$(cordon inspect -f '{{range .Mounts}}{{.Source}} {{.Destination}} {{.RW}}{{end}}' mounted)" = "$GROUND/a:b,c /in true" ]
	[ "$(cordon inspect -f '{{range .HostConfig.Mounts}}{{.Type}} {{.Target}}{{end}}' mounted)" = "bind /in" ]
	cordon rm mounted
}

# refused WORDS MESSAGE
refused() {
	run -125 confined --mount "$1" base true
	[[ "$output" == *"$2"* ]] || { echo "$output"; false; }
}

@test "--mount: what cannot be meant is said, and nothing is made of it" {
	cd "$GROUND"
	refused type=bind,source=shared,target=/in "is not an absolute path"
	refused type=bind,target=/in "a bind has a source"
	refused type=volume,source=/shared,target=/in "is not the name of a volume"
	refused type=tmpfs,target=/t,tmpfs-size "tmpfs-size has no value"
	refused type=tmpfs,target=/t,tmpfs-size= "tmpfs-size has no value"
	refused type=tmpfs,source=/tmp,target=/t "a tmpfs has no source"
	refused type=volume,target=/v,tmpfs-size=1m "are for type=tmpfs"
	refused 'type=bind,"source=/tmp,target=/in' "a quote is not closed"
	refused type=bind,source=/tmp,target=in "must be an absolute path"
	run -125 confined -v "$GROUND:/a:b:c" base true
	[[ "$output" == *"too many colons"*"--mount"* ]]
	refused type=bind,source=/tmp,target=/in,readonly=TRUE "readonly is true or false"
	refused type=bind,source=/tmp "no target"
	refused type=ext4,source=/tmp,target=/in "type is bind, volume or tmpfs"
	refused type=bind,source=/tmp,target=/in,colour=red "unknown key 'colour'"
	[ ! -e "$XDG_DATA_HOME/cordon/volumes/shared" ]
}
