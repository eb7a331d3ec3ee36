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
	refused type=bind,source=/a:b,target=/in "a path with a colon"
	refused type=tmpfs,target=/t,readonly "cannot be read-only"
	refused type=volume,target=/v,readonly "cannot be read-only"
	refused type=bind,source=/tmp,target=/in,readonly=TRUE "readonly is true or false"
	refused type=bind,source=/tmp "no target"
	refused type=ext4,source=/tmp,target=/in "type is bind, volume or tmpfs"
	refused type=bind,source=/tmp,target=/in,colour=red "unknown key 'colour'"
	[ ! -e "$XDG_DATA_HOME/cordon/volumes/shared" ]
}
