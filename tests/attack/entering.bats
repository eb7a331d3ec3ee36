#!/usr/bin/env bats
# A: the runtime's binary, descriptors, and processes that enter a container.
# Takes about 50 s.
load attack

setup_file() { attack_setup_file; }
teardown_file() { attack_teardown_file; }

@test "A1: an entrypoint that is a symlink to /proc/self/exe is refused" {
	root=$(evil_root exe-link)
	ln -s /proc/self/exe "$root/bin/evil"
	import_root "$root" exe-link
	before=$(sha256sum <"$CORDON")
	run confined exe-link /bin/evil version
	[ "$status" = 126 ] || [ "$status" = 127 ]
	[[ "$output" != *"ersion"* ]]
	# as the image's own entrypoint, and brought into a container that runs
	"$CORDON" import -c 'ENTRYPOINT ["/bin/evil"]' -c 'CMD ["version"]' "$GROUND/exe-link.tar" exe-entry
	run confined exe-entry
	[ "$status" = 126 ] || [ "$status" = 127 ]
	[[ "$output" != *"ersion"* ]]
	"$CORDON" run -d --network none --name evil exe-link sleep 600
	run "$CORDON" exec evil /bin/evil version
	[ "$status" = 126 ] || [ "$status" = 127 ]
	[[ "$output" != *"ersion"* ]]
	"$CORDON" rm -f evil
	[ "$before" = "$(sha256sum <"$CORDON")" ]
}

@test "A1: a script whose interpreter is /proc/self/exe does not run the runtime" {
	root=$(evil_root exe-script)
	printf '#!/proc/self/exe\n' >"$root/bin/evil"
	chmod 755 "$root/bin/evil"
	import_root "$root" exe-script
	run confined exe-script /bin/evil
	[ "$status" = 126 ] || [ "$status" = 127 ]
}

# hunt CORDON [OPTION...] -- WORD...: a container that hunts, and an exec into it a round; nothing is caught, and the hunt
# met some of those that came.
hunt() {
	local cordon=$1 options=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	"$cordon" run -d --network none --name hunted "${options[@]}" attack exehunt 36000 "$@"
	wait_until 60 sh -c '"$1" logs hunted | grep -q ready' sh "$cordon"
	for _ in $(seq 1 "$ROUNDS"); do "$cordon" exec hunted true; done
	sleep 0.5
	"$cordon" kill -s TERM hunted
	"$cordon" wait hunted
	"$cordon" logs hunted >"$GROUND/hunt.log"
	"$cordon" rm hunted
	cat "$GROUND/hunt.log"
	grep -q ready "$GROUND/hunt.log"
	grep -Eq 'done: met [1-9]' "$GROUND/hunt.log"
	refute grep -E 'write|foreign-exe|attach|memory|dumpable|outside' "$GROUND/hunt.log"
}

@test "A1, A4: hunting for the runtime's executable during exec finds nothing" {
	before=$(sha256sum <"$CORDON")
	hunt "$CORDON" --
	[ "$before" = "$(sha256sum <"$CORDON")" ]
}

@test "A4: nor do those who may trace, without Landlock: what joins is not dumpable before all its walls stand" {
	before=$(sha256sum <"$CORDON")
	hunt "$CORDON" --cap-add SYS_PTRACE --profile "$(no_landlock_profile)" --
	# they are allowed to, and do: those that came were seized, with their filters
	grep -Eq 'seized [1-9]' "$GROUND/hunt.log"
	[ "$before" = "$(sha256sum <"$CORDON")" ]
}

@test "A1: the same with the runtime's binary mounted into the container for writing" {
	cp "$CORDON" "$GROUND/cordon-copy"
	CORDON_PROFILES=$("$CORDON" info -f '{{.ProfileDir}}')
	CORDON_LIBEXEC=$("$CORDON" info -f '{{.LibexecDir}}')
	export CORDON_PROFILES CORDON_LIBEXEC
	before=$(sha256sum <"$GROUND/cordon-copy")
	# its device is one of the container's then: the hunter is told which file it is after
	hunt "$GROUND/cordon-copy" -v "$GROUND/cordon-copy:/x" -- /x
	hunt "$GROUND/cordon-copy" -v "$GROUND/cordon-copy:/x" --cap-add SYS_PTRACE --profile "$(no_landlock_profile)" -- /x
	[ "$before" = "$(sha256sum <"$GROUND/cordon-copy")" ]
}

# with_descriptors COMMAND...: runs it with host folders open on the descriptors 5 to 20, which are not close-on-exec
# (3 and 4 are bats' own, and stay open as well).
with_descriptors() {
	(
		exec 5</ 6</etc 7</ 8</tmp 9</proc 10</usr 11</ 12</etc 13</ 14</tmp 15</ 16</etc 17</ 18</tmp 19</ 20</tmp
		"$@"
	)
}

# in_the_container WHAT: the last run was refused, in words that name the folder, or is where it should be.
in_the_container() {
	case $status in
	0) [[ "$output" == *"cwd /"*" same-device"* ]] ;;
	125 | 126) [[ "$output" == "cordon: "*"/proc/self/fd/"* ]] ;;
	*) false ;;
	esac || { echo "$1: status $status: $output"; return 1; }
}

@test "A2: a working directory of /proc/self/fd/N never leads outside, in run and exec, whatever the caller has open" {
	"$CORDON" run -d --network none --name cwd attack sleep 1000
	for n in $(seq 0 64); do
		for tail in "" /etc; do
			[ -z "$tail" ] || [[ " 5 7 12 20 " == *" $n "* ]] || continue
			run with_descriptors confined -w "/proc/self/fd/$n$tail" attack fdprobe
			in_the_container "run, fd $n$tail"
			run with_descriptors "$CORDON" exec -w "/proc/self/fd/$n$tail" cwd fdprobe
			in_the_container "exec, fd $n$tail"
		done
	done
	"$CORDON" rm -f cwd
}

@test "A2: nor does the image's own" {
	for n in 3 5 7 12 20 64; do
		"$CORDON" import -c "WORKDIR /proc/self/fd/$n" "$GROUND/attack.tar" elsewhere
		run with_descriptors confined elsewhere fdprobe
		in_the_container "WORKDIR, fd $n"
		"$CORDON" rmi elsewhere
	done
}

@test "A3: run and exec hand over exactly the descriptors 0, 1 and 2" {
	run with_descriptors confined attack fdprobe
	[ "$status" = 0 ]
	[ "$(grep '^fd' <<<"$output" | awk '{print $2}' | sort -n | paste -sd' ')" = "0 1 2" ]
	"$CORDON" run -d --network none --name fds attack sleep 600
	run with_descriptors "$CORDON" exec fds fdprobe
	[ "$(grep '^fd' <<<"$output" | awk '{print $2}' | sort -n | paste -sd' ')" = "0 1 2" ]
	"$CORDON" rm -f fds
	# made by one command and started by another, with a terminal, with its standard input
	for options in "" -t -i --init; do
		# shellcheck disable=SC2086
		with_descriptors "$CORDON" create $options --network none --name fds attack fdprobe
		run with_descriptors "$CORDON" start -a fds
		"$CORDON" rm fds
		[ "$(tr -d '\r' <<<"$output" | grep '^fd' | awk '{print $2}' | sort -n | paste -sd' ')" = "0 1 2" ] ||
			{ echo "$options: $output"; false; }
	done
}

@test "A8: inheritable and ambient sets are empty, for root, a user, and with --cap-add, in run and exec" {
	for options in "" "-u 1000" "--cap-add SYS_PTRACE" "-u 1000 --cap-add SYS_PTRACE"; do
		"$CORDON" run -d --network none --name sets $options attack sleep 600
		for how in "confined $options attack" "$CORDON exec sets" "$CORDON exec -u 1000 sets" "$CORDON exec -u 0 sets"; do
			run $how grep Cap /proc/self/status
			[ "$status" = 0 ]
			[[ "$output" == *"CapInh:	0000000000000000"* ]] || { echo "$how ($options): $output"; false; }
			[[ "$output" == *"CapAmb:	0000000000000000"* ]] || { echo "$how ($options): $output"; false; }
		done
		"$CORDON" rm -f sets
	done
}

@test "A8: capabilities that a file of the image brings along gain nothing" {
	cp "$GROUND/attack.tar" "$GROUND/file-caps.tar"
	# version 2, effective: CHOWN, permitted and inheritable
	python3 - "$BATS_TEST_DIRNAME/../support" "$GROUND/file-caps.tar" "$GROUND/root/bin/busybox" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		import rawtar as t
		busybox = open(sys.argv[3], "rb").read()
		chown = b"\x01\0\0\x02" + b"\x01\0\0\0" * 2 + bytes(8)
		archive = open(sys.argv[2], "rb").read()
		with open(sys.argv[2], "wb") as file:
		    file.write(t.folder("caps") + t.pax([("SCHILY.xattr.security.capability", chown)]) +
		               t.entry("caps/grep", data=busybox, mode=0o755) + archive)
	END
	"$CORDON" import "$GROUND/file-caps.tar" file-caps
	# the attribute is there: where new privileges are asked for, it gives what it says
	"$CORDON" run --rm --network none --security-opt no-new-privileges=false -u 1000 file-caps /caps/grep CapPrm /proc/self/status >"$GROUND/gained" || true
	for options in "-u 1000" "-u 0 --cap-drop ALL" "-u 1000 --cap-drop ALL --security-opt no-new-privileges=false"; do
		run confined $options file-caps /caps/grep -E 'Cap(Eff|Prm|Inh|Amb)' /proc/self/status
		echo "$options: $status $output"
		[ "$status" != 0 ] || [ "$(grep -c '	0000000000000000$' <<<"$output")" = 4 ]
	done
	cat "$GROUND/gained"
	grep -q '	0000000000000001$' "$GROUND/gained"
}

@test "A9: a process that is not root holds no capability, in run and exec" {
	run confined -u 1000 attack grep -E 'Cap(Eff|Prm|Amb)' /proc/self/status
	[ "$status" = 0 ]
	[ "$(grep -c '	0000000000000000$' <<<"$output")" = 3 ]
	"$CORDON" run -d --network none --name nocaps attack sleep 600
	run "$CORDON" exec -u 1000 nocaps grep -E 'Cap(Eff|Prm|Amb)' /proc/self/status
	[ "$(grep -c '	0000000000000000$' <<<"$output")" = 3 ]
	# there is no way to ask for all at once, for either
	run confined --privileged -u 1000 attack true
	[ "$status" = 125 ]
	[[ "$output" == *"--privileged is not offered"* ]]
	run "$CORDON" exec --privileged -u 1000 nocaps true
	[ "$status" = 125 ]
	[[ "$output" == *"--privileged is not offered"* ]]
	"$CORDON" rm -f nocaps
}

@test "A10: run and exec are the same wall by wall, for every profile" {
	for profile in default strict nginx redis postgres python; do
		# what is of one process alone is left out: its name, ids, memory, switches
		look='grep -E "^(Umask|Uid|Gid|Groups|Kthread|NoNewPrivs|Seccomp|Seccomp_filters|Cap...|Speculation.*|THP_enabled|untag_mask|SigBlk|SigIgn|SigCgt|ShdPnd|SigPnd|CoreDumping|Cpus_allowed|Mems_allowed):" /proc/self/status
			cat /proc/self/limits /proc/self/cgroup /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
			cat /proc/self/mountinfo /proc/self/oom_score_adj /proc/self/coredump_filter
			for name in cgroup ipc mnt net pid pid_for_children time time_for_children user uts; do readlink /proc/self/ns/$name; done
			cat /proc/self/attr/current /proc/self/attr/apparmor/current 2>/dev/null
			readlink /proc/self/root; readlink /proc/self/cwd; pwd; env | grep -vE "^(SHLVL|PWD|OLDPWD)=" | sort
			ulimit -a; umask; echo end'
		"$CORDON" run -d --network none --profile $profile --name walls attack sh -c "$look; sleep 100" ||
			{ echo "profile $profile does not run busybox"; false; }
		wait_until 60 sh -c '"$CORDON" logs walls | grep -qx end'
		"$CORDON" logs walls >"$GROUND/walls.run"
		"$CORDON" exec walls sh -c "$look" >"$GROUND/walls.exec"
		"$CORDON" rm -f walls
		echo "profile $profile"
		grep -qx end "$GROUND/walls.run"
		[ "$(grep -cE '^(NoNewPrivs|Seccomp|CapEff|Max open files)' "$GROUND/walls.run")" = 5 ]
		diff "$GROUND/walls.run" "$GROUND/walls.exec"
	done
}

@test "A10: Landlock confines run and exec alike: who may mount by all other walls, may not; nor leave by a descriptor" {
	cat >"$GROUND/walled.json" <<-END
		{"schema": 1, "name": "walled", "extends": ["default"], "syscalls": {"allow": ["@mount"]},
		 "capabilities": {"add": ["SYS_ADMIN"]}}
	END
	sed 's/]}}$/]}, "filesystem": {"landlock": false}}/' "$GROUND/walled.json" >"$GROUND/unwalled.json"
	for profile in walled unwalled; do
		"$CORDON" run -d --network none --profile "$GROUND/$profile.json" --name locked attack sleep 600
		for how in "confined --profile $GROUND/$profile.json attack" "$CORDON exec locked"; do
			run $how sh -c 'mount -t tmpfs none /tmp && umount /tmp'
			echo "$how: $status $output"
			if [ $profile = walled ]; then [ "$status" != 0 ]; else [ "$status" = 0 ]; fi
			run $how sh -c 'exec 5</proc/self/root/etc; cat /proc/self/fd/5/passwd >/dev/null && echo inside-ok'
			[ "$output" = inside-ok ]
		done
		"$CORDON" rm -f locked
	done
}

# A profile without Landlock: the program's file then has no wall but its permissions.
no_landlock_profile() {
	echo '{"schema": 1, "name": "no-landlock", "extends": ["default"], "filesystem": {"landlock": false}}' \
		>"$GROUND/no-landlock.json"
	echo "$GROUND/no-landlock.json"
}

# docs/architecture.md, "What exec cannot see": a process that joins is in a Landlock domain of its own.
@test "A10: an exec'd process may not look into the container's, which may look into one another" {
	"$CORDON" run -d --network none --name looks attack \
		sh -c 'sh -c "echo from a child >/proc/1/fd/1; tr \\\\0 \\\\n </proc/1/environ | grep -c ^PATH="; sleep 100'
	logged looks $'from a child\n1'
	for file in fd/1 environ exe cwd/etc root/etc; do
		run "$CORDON" exec looks sh -c "ls /proc/1/$file && cat /proc/1/$file"
		[ "$status" != 0 ]
		[[ "$output" == *"ermission denied"* ]] || { echo "$file: $output"; false; }
	done
	run "$CORDON" exec looks sh -c 'echo own >/dev/stdout; echo own >/proc/self/fd/1; kill -0 1 && tr -d "\\0" </proc/1/cmdline'
	[ "$status" = 0 ]
	[[ "$output" == $'own\nown\n'*sleep* ]]
	"$CORDON" rm -f looks
	# the reaper of --init is the engine's: nobody looks into it
	run confined --init attack sh -c 'ls /proc/1/fd/1'
	[[ "$output" == *"ermission denied"* ]]
}

# logged NAME TEXT: the log says so, in time: the relay reads the pipe when it gets to it.
logged() {
	wait_until 60 log_is "$@" || { echo "the log of $1 says: $("$CORDON" logs "$1")"; return 1; }
}
log_is() { [ "$("$CORDON" logs "$1")" = "$2" ]; }

@test "A10: the way out: the first process's children, the host's user, or a profile without Landlock" {
	"$CORDON" run -d --network none --profile "$(no_landlock_profile)" --name open attack sleep 600
	"$CORDON" exec open sh -c 'echo from exec >/proc/1/fd/1'
	logged open "from exec"
	"$CORDON" rm -f open
	"$CORDON" run -d --network none --name shut attack sleep 600
	echo "from the host" >"/proc/$("$CORDON" inspect -f '{{.State.Pid}}' shut)/fd/1"
	logged shut "from the host"
	"$CORDON" rm -f shut
}

@test "A1: without Landlock the runtime goes on from a sealed copy, if its file could be written" {
	cp "$CORDON" "$GROUND/cordon-copy2"
	CORDON_PROFILES=$("$CORDON" info -f '{{.ProfileDir}}')
	CORDON_LIBEXEC=$("$CORDON" info -f '{{.LibexecDir}}')
	export CORDON_PROFILES CORDON_LIBEXEC
	"$GROUND/cordon-copy2" run -d --network none --profile "$(no_landlock_profile)" --name sealed attack sleep 600
	monitor=$("$CORDON" inspect -f '{{.State.ConmonPid}}' sealed)
	run readlink "/proc/$monitor/exe"
	# F_GET_SEALS: neither written to, nor grown, nor shrunk, nor unsealed
	seals=$(python3 -c 'import fcntl, sys; print(fcntl.fcntl(open(sys.argv[1], "rb"), 1034))' "/proc/$monitor/exe")
	"$CORDON" rm -f sealed
	[[ "$output" == "/memfd:cordon"* ]] || { echo "the monitor runs $output"; false; }
	[ "$seals" = 15 ] || { echo "its seals are $seals"; false; }
	"$GROUND/cordon-copy2" run -d --network none --name plain attack sleep 600
	monitor=$("$CORDON" inspect -f '{{.State.ConmonPid}}' plain)
	run readlink "/proc/$monitor/exe"
	"$CORDON" rm -f plain
	[ "$output" = "$GROUND/cordon-copy2" ]
}

@test "A13: TIOCSTI and TIOCLINUX fail on every descriptor, whatever the high bits" {
	run confined attack ttyinject
	all_refused
}

# all_refused: 25 tries, and to each of them the filter said no. That it fails is not enough: the kernel's own setting may
# be what refuses, and on another kernel does not.
all_refused() {
	echo "$output"
	[ "$(tr -d '\r' <<<"$output" | grep -cE '^TIOC.*: (Operation not permitted|Inappropriate ioctl for device)$')" = "${1:-25}" ] || return 1
	[[ "$output" != *SUCCEEDED* ]] || return 1
}

@test "A13: with the caller's terminal as standard input no byte is pushed into it" {
	command -v script >/dev/null || skip "script(1) (package bsdutils) is not installed"
	run script -qec "$CORDON run --rm --network none attack ttyinject; $CORDON run --rm --network none -i attack ttyinject; $CORDON run --rm --network none -t attack ttyinject" /dev/null
	all_refused 75
	[[ "$output" != *XX* ]]
	# nor by one that is brought in
	"$CORDON" run -d --network none --name typed attack sleep 600
	run script -qec "$CORDON exec typed ttyinject; $CORDON exec -i typed ttyinject; $CORDON exec -t typed ttyinject" /dev/null
	"$CORDON" rm -f typed
	all_refused 75
	[[ "$output" != *XX* ]]
}
