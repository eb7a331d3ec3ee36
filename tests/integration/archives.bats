#!/usr/bin/env bats
# Archives of xz and bzip2, as most distributions publish their roots; what is seen of load, save,
# import, export and cp on a terminal; and what is left where they are interrupted: nothing.
load ground

setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	command -v xz >/dev/null && command -v bzip2 >/dev/null || export GROUND_SKIP="xz and bzip2 are not installed"
	[ -z "${GROUND_SKIP:-}" ] || return 0
	cd "$GROUND" || return 1
	xz -k base.tar && bzip2 -k base.tar
	head -c 60M /dev/urandom >random && tar -cf large.tar random && cordon import large.tar large >/dev/null && rm random
	cordon create --name large large x >/dev/null
}
teardown_file() { ground_clear; }

store() { echo "$XDG_DATA_HOME/cordon"; }

# runs NAME: a container of the image says so.
runs() {
	run -0 cordon run --rm --network none "$1" sh -c 'echo it runs'
	[ "$output" = "it runs" ]
}

# layer_of NAME: the first layer of an image, as its manifest has it: TYPE HEX.
layer_of() {
	cordon manifest inspect "localhost/$1" | python3 -c 'import json, sys; l = json.load(sys.stdin)["layers"][0]; print(l["mediaType"], l["digest"][7:])'
}

left_over() { ls -A "$(store)/tmp"; }

@test "import: xz, its largest preset, several streams, bzip2; the store has a layer that others take" {
	cd "$BATS_TEST_TMPDIR"
	xz -9 -c "$GROUND/base.tar" >nine.tar.xz
	(head -c 100000 "$GROUND/base.tar" | xz -C sha256; head -c 4 /dev/zero; tail -c +100001 "$GROUND/base.tar" | xz -C crc32 --x86 --lzma2) >parts.tar.xz
	(head -c 100000 "$GROUND/base.tar" | bzip2; tail -c +100001 "$GROUND/base.tar" | bzip2 -1) >parts.tar.bz2
	for archive in "$GROUND"/base.tar.{xz,bz2} nine.tar.xz parts.tar.{xz,bz2}; do
		run -0 cordon import "$archive" packed
		[[ "$output" == sha256:* ]]
		runs packed
		read -r type hex < <(layer_of packed)
		[ "$type" = application/vnd.oci.image.layer.v1.tar+gzip ]
		gunzip <"$(store)/images/blobs/sha256/$hex" | cmp - "$GROUND/base.tar"
		cordon rmi packed >/dev/null
	done
	# by standard input, too
	cordon import - packed <"$GROUND/base.tar.xz" >/dev/null && runs packed
	cordon system check
}

@test "load: archives of xz and bzip2, and layers in them" {
	cd "$BATS_TEST_TMPDIR"
	cordon save -o base.tar base && id=$(cordon images -q base)
	xz -k base.tar && bzip2 -k base.tar
	for archive in base.tar.xz base.tar.bz2; do
		cordon rmi base >/dev/null
		run -0 cordon load -i $archive
		[ "$output" = "Loaded image: localhost/base:latest" ]
		[ "$(cordon images -q base)" = "$id" ]
	done
	for packed in xz bz2; do
		mkdir $packed && cp "$GROUND/base.tar.$packed" $packed/layer
		cat >$packed/config.json <<-END
			{"architecture":"amd64","os":"linux","config":{"Cmd":["echo","packed with $packed"]},"rootfs":{"type":"layers","diff_ids":["sha256:$(sha256sum <"$GROUND/base.tar" | cut -c-64)"]}}
		END
		echo "[{\"Config\":\"config.json\",\"RepoTags\":[\"localhost/$packed:1\"],\"Layers\":[\"layer\"]}]" >$packed/manifest.json
		tar -C $packed -c config.json manifest.json layer | cordon load >/dev/null
		[ "$(cordon run --rm --network none $packed:1)" = "packed with $packed" ]
		read -r type _ < <(layer_of $packed:1)
		[ "$type" = application/vnd.oci.image.layer.v1.tar+gzip ]
	done
	cordon system check
}

@test "pull: a layer of an OCI layout that is xz or bzip2 stays as it came, and runs" {
	for packed in xz bz2; do
		python3 - "$GROUND/base.tar" "$GROUND/base.tar.$packed" "$BATS_TEST_TMPDIR/$packed" <<-'PYTHON'
			import hashlib, json, pathlib, sys
			plain, packed, layout = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
			(layout / "blobs/sha256").mkdir(parents=True)
			(layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
			def blob(data, kind):
			    data = data if isinstance(data, bytes) else json.dumps(data).encode()
			    hex = hashlib.sha256(data).hexdigest()
			    (layout / "blobs/sha256" / hex).write_bytes(data)
			    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{hex}", "size": len(data)}
			config = blob({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(plain.read_bytes()).hexdigest()]}}, "config.v1+json")
			made = blob({"schemaVersion": 2, "config": config, "layers": [blob(packed.read_bytes(), "layer.v1.tar")]}, "manifest.v1+json")
			(layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [made | {"annotations": {"org.opencontainers.image.ref.name": packed.suffix[1:]}}]}))
		PYTHON
		cordon pull -q "oci:$BATS_TEST_TMPDIR/$packed:$packed"
		runs $packed
		read -r _ hex < <(layer_of $packed)
		cmp "$(store)/images/blobs/sha256/$hex" "$GROUND/base.tar.$packed"
	done
	cordon system check
}

@test "what is cut, has something behind it, or wants too much memory: one line, and nothing is left" {
	cd "$BATS_TEST_TMPDIR"
	for packed in xz bz2; do
		whole=$(stat -c %s "$GROUND/base.tar.$packed")
		for bytes in 6 40 1000 $((whole / 2)) $((whole - 1)); do
			head -c $bytes "$GROUND/base.tar.$packed" >cut
			run -1 cordon import cut cut
			[[ "$output" == "cordon: cut: the compressed data are truncated" ]]
			run -1 cordon load -i cut
			[[ "${#lines[@]}" = 1 && "$output" == "cordon: cut: the archive: "*"the compressed data are truncated" ]]
		done
		{ cat "$GROUND/base.tar.$packed"; echo something that is no archive; } >behind
		run -1 cordon import behind behind
		[ "$output" = "cordon: behind: the ${packed/bz2/bzip2} data are damaged: no ${packed/bz2/bzip2} header" ]
		python3 -c 'import sys; b = bytearray(open(sys.argv[1], "rb").read()); b[len(b) // 2] ^= 1; open("turned", "wb").write(b)' "$GROUND/base.tar.$packed"
		run -1 cordon import turned turned
		[ "$output" = "cordon: turned: the ${packed/bz2/bzip2} data are damaged: incorrect data check" ]
	done
	xz -0 --lzma2=preset=0,dict=65MiB -c "$GROUND/base.tar" >much.tar.xz
	run -1 cordon import much.tar.xz much
	[ "${lines[0]}" = "cordon: much.tar.xz: the xz data want 96 MiB of memory" ]
	[[ "${lines[1]}" == *"64 MiB"*"xz -9"* ]]
	printf 'LZIP\1more' >other
	run -1 cordon import other other
	[ "${lines[0]}" = "cordon: other: this is lzip data, which cordon does not unpack" ]
	[[ "${lines[1]}" == *tar.xz*tar.bz2* ]]
	[ -z "$(left_over)" ]
	cordon system check
}

# on_terminal [-t TERM] SECONDS COMMAND...: what the command says on its terminal, whose input is a
# pipe that stays open for so long before it ends.
on_terminal() {
	python3 - "$@" <<-'PYTHON'
		import os, pty, subprocess, sys, threading, time
		words, kind = sys.argv[1:], "xterm"
		if words[0] == "-t":
		    kind, words = words[1], words[2:]
		wait, words = float(words[0]), words[1:]
		master, slave = pty.openpty()
		environment = dict(os.environ, TERM=kind)
		process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=slave, env=environment)
		os.close(slave)
		def feed():
		    data = open(os.environ["FED"], "rb").read() if "FED" in os.environ else b""
		    try:
		        process.stdin.write(data[:len(data) // 2]); process.stdin.flush()
		        time.sleep(wait)
		        process.stdin.write(data[len(data) // 2:]); process.stdin.close()
		    except BrokenPipeError:
		        pass
		threading.Thread(target=feed).start()
		try:
		    while piece := os.read(master, 4096):
		        sys.stdout.write(piece.decode())
		except OSError:
		    pass
		sys.exit(process.wait())
	PYTHON
}

@test "a terminal sees how far what lasts is, and nothing of it at the end; nobody else sees anything" {
	export FED=$GROUND/base.tar
	run -0 on_terminal 0.8 "$CORDON" import - seen
	[[ "$output" == *"archive:      Reading "* ]]
	[[ "$output" =~ $'\033['[12]A$'\r\033[J'$ ]]
	for words in "import - seen" "load"; do
		[ "$words" = load ] && cordon save -o "$BATS_TEST_TMPDIR/base.tar" base && export FED=$BATS_TEST_TMPDIR/base.tar
		run -0 on_terminal 0.8 "$CORDON" ${words/ / -q }
		[ -z "$output" ] || [ "$words" = load ]
		run -0 on_terminal -t dumb 0.8 "$CORDON" $words
		[ -z "$output" ]
	done
	run -0 on_terminal 0.8 "$CORDON" load -q
	[ -z "$output" ]
	run -0 on_terminal 0.8 "$CORDON" load
	[[ "$output" == *"archive:      Reading "* ]]
	(head -c 100000 "$FED"; sleep 0.8; tail -c +100001 "$FED") | cordon load >/dev/null 2>"$BATS_TEST_TMPDIR/said"
	[ ! -s "$BATS_TEST_TMPDIR/said" ]
}

@test "cp of an archive that comes slowly is seen; what goes into a pipe is not" {
	cordon create --name seen base sh >/dev/null
	export FED=$GROUND/base.tar
	run -0 on_terminal 0.8 "$CORDON" cp - seen:/tmp
	[[ "$output" == *"files:        Copying "* ]]
	run -0 on_terminal 0.8 "$CORDON" cp -q - seen:/tmp
	[ -z "$output" ]
	# whoever reads the pipe is slow, and may write to the terminal
	for words in "export seen" "save base" "cp -q seen:/ -"; do
		# shellcheck disable=SC2016
		run -0 on_terminal 0 sh -c '"$CORDON" '"$words"' | { sleep 1; cat; } >/dev/null'
		[ -z "$output" ]
	done
	cordon rm seen >/dev/null
}

# until_there PATTERN: a file of that name.
until_there() {
	for ((i = 0; i < 500; i++)); do
		compgen -G "$1" >/dev/null && return 0
		sleep 0.01
	done
	return 1
}

@test "interrupted: no half of an archive, no half of an image, and the signal is the end" {
	cd "$BATS_TEST_TMPDIR"
	cordon save -o large.tar large
	mkfifo slow
	for signal in TERM HUP INT; do
		for words in "load" "import - half"; do
			# a shell lets what is in the background not hear of SIGINT
			python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])' \
				"$CORDON" $words <slow 2>said &
			pid=$!
			exec 8>slow
			head -c 1000000 large.tar >&8
			until_there "$(store)/tmp/load-*/blobs/incoming"
			kill -$signal $pid
			status=0 && wait $pid || status=$?
			exec 8>&-
			[ "$status" = $((128 + $(kill -l $signal))) ]
			[ ! -s said ]
			[ -z "$(left_over)" ]
		done
	done
	for words in "save -o out large" "export -o out large"; do
		"$CORDON" $words 2>said &
		pid=$!
		until_there "out.*"
		kill $pid
		status=0 && wait $pid || status=$?
		[ "$status" = 143 ]
		[ ! -s said ] && [ ! -e out ]
		run -1 compgen -G "out.*"
	done
	# nohup: what is not listened to does not count
	(trap '' TERM && exec "$CORDON" save -o out large) &
	pid=$!
	until_there "out.*"
	kill $pid
	wait $pid
	tar -tf out >/dev/null
	cordon system check
}

@test "cp that is interrupted takes back what it has begun" {
	cd "$BATS_TEST_TMPDIR"
	mkdir out
	"$CORDON" cp large:/random out/ 2>said &
	pid=$!
	until_there "out/.cordon-cp-*"
	kill $pid
	status=0 && wait $pid || status=$?
	[ "$status" = 143 ]
	[ -z "$(ls -A out)" ]
}

@test "no room for what is written: the reason, and nothing half" {
	cd "$BATS_TEST_TMPDIR"
	for words in "save -o out large" "export -o out large"; do
		run -1 bash -c "ulimit -f 10000; \"\$CORDON\" $words"
		[[ "$output" == *"cannot write the archive: File too large" ]]
		run -1 compgen -G "out*"
	done
	run -1 cordon save -o /dev/full large
	[[ "$output" == *"No space left on device" ]]
}
