#!/usr/bin/env bats
# A: the runtime's binary, descriptors, and processes that enter a container.
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
	[[ "$output" != *"Version"* ]]
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

@test "A1, A4: hunting for the runtime's executable during exec finds nothing" {
	before=$(sha256sum <"$CORDON")
	"$CORDON" run -d --network none --name hunted attack exehunt 36000
	for i in $(seq 1 "$ROUNDS"); do "$CORDON" exec hunted true; done
	sleep 0.5
	"$CORDON" kill -s TERM hunted
	"$CORDON" wait hunted
	"$CORDON" logs hunted >"$GROUND/hunt.log"
	cat "$GROUND/hunt.log"
	grep -q ready "$GROUND/hunt.log"
	grep -q done "$GROUND/hunt.log"
	! grep -E 'write|foreign-exe|attach|outside' "$GROUND/hunt.log"
	"$CORDON" rm hunted
	[ "$before" = "$(sha256sum <"$CORDON")" ]
}

@test "A1: the same with the runtime's binary mounted into the container for writing" {
	cp "$CORDON" "$GROUND/cordon-copy"
	CORDON_PROFILES=$("$CORDON" info -f '{{.ProfileDir}}')
	CORDON_LIBEXEC=$("$CORDON" info -f '{{.LibexecDir}}')
	export CORDON_PROFILES CORDON_LIBEXEC
	"$GROUND/cordon-copy" run -d --network none --name mounted -v "$GROUND/cordon-copy:/x" attack exehunt 36000
	for i in $(seq 1 "$ROUNDS"); do "$GROUND/cordon-copy" exec mounted true; done
	sleep 0.5
	"$CORDON" kill -s TERM mounted
	"$CORDON" wait mounted
	run "$CORDON" logs mounted
	"$CORDON" rm mounted
	[[ "$output" == *ready* && "$output" == *done* ]]
	[[ "$output" != *foreign-exe* && "$output" != *write* && "$output" != *attach* ]]
}

@test "A2: a working directory of /proc/self/fd/N never leads outside" {
	for n in $(seq 0 40); do
		run confined -w "/proc/self/fd/$n" attack fdprobe
		if [ "$status" = 0 ]; then
			[[ "$output" == *"cwd /"*" same-device"* ]] || { echo "fd $n: $output"; false; }
		fi
	done
}

# with_descriptors COMMAND...: runs it with host folders open on descriptors that are not close-on-exec
# (not 3 and 4, which are bats' own).
with_descriptors() {
	(
		exec 7</ 12</etc 20</tmp
		"$@"
	)
}

@test "A2: nor with descriptors of host folders open in the caller, for run and exec" {
	"$CORDON" run -d --network none --name cwd attack sleep 100
	for n in 3 7 12 20; do
		run with_descriptors confined -w "/proc/self/fd/$n" attack fdprobe
		[ "$status" != 0 ] || [[ "$output" == *same-device* ]]
		run with_descriptors "$CORDON" exec -w "/proc/self/fd/$n/etc" cwd fdprobe
		[ "$status" != 0 ] || [[ "$output" == *same-device* ]]
	done
	"$CORDON" rm -f cwd
}

@test "A3: run and exec hand over exactly the descriptors 0, 1 and 2" {
	run with_descriptors confined attack fdprobe
	[ "$status" = 0 ]
	[ "$(grep '^fd' <<<"$output" | awk '{print $2}' | sort -n | paste -sd' ')" = "0 1 2" ]
	"$CORDON" run -d --network none --name fds attack sleep 100
	run with_descriptors "$CORDON" exec fds fdprobe
	[ "$(grep '^fd' <<<"$output" | awk '{print $2}' | sort -n | paste -sd' ')" = "0 1 2" ]
	"$CORDON" rm -f fds
}

@test "A8: inheritable and ambient sets are empty, for root, a user, and with --cap-add" {
	for options in "" "-u 1000" "--cap-add SYS_PTRACE" "-u 1000 --cap-add SYS_PTRACE"; do
		run confined $options attack grep Cap /proc/self/status
		[ "$status" = 0 ]
		[[ "$output" == *"CapInh:	0000000000000000"* ]] || { echo "$options: $output"; false; }
		[[ "$output" == *"CapAmb:	0000000000000000"* ]] || { echo "$options: $output"; false; }
	done
}

@test "A9: a process that is not root holds no capability, in run and exec" {
	run confined -u 1000 attack grep -E 'Cap(Eff|Prm|Amb)' /proc/self/status
	[ "$status" = 0 ]
	[ "$(grep -c '	0000000000000000$' <<<"$output")" = 3 ]
	"$CORDON" run -d --network none --name nocaps attack sleep 100
	run "$CORDON" exec -u 1000 nocaps grep -E 'Cap(Eff|Prm|Amb)' /proc/self/status
	[ "$(grep -c '	0000000000000000$' <<<"$output")" = 3 ]
	"$CORDON" rm -f nocaps
}

@test "A10: run and exec are the same wall by wall, for every profile" {
	for profile in default strict nginx redis postgres python; do
		"$CORDON" run -d --network none --profile $profile --name walls attack \
			sh -c 'cat /proc/self/status /proc/self/limits /proc/self/cgroup; cat /proc/self/uid_map /proc/self/gid_map; sleep 100' ||
			{ echo "profile $profile does not run busybox"; false; }
		sleep 0.3
		wall='^(Uid|Gid|Groups|NoNewPrivs|Seccomp|Seccomp_filters|Cap...|Max|[0-9]+:| +[0-9])'
		"$CORDON" logs walls | grep -E "$wall" >"$GROUND/walls.run"
		"$CORDON" exec walls sh -c 'cat /proc/self/status /proc/self/limits /proc/self/cgroup; cat /proc/self/uid_map /proc/self/gid_map' |
			grep -E "$wall" >"$GROUND/walls.exec"
		"$CORDON" rm -f walls
		echo "profile $profile"
		[ -s "$GROUND/walls.run" ]
		diff "$GROUND/walls.run" "$GROUND/walls.exec"
	done
}

@test "A10: Landlock confines run and exec alike: nothing outside the root, even through a descriptor" {
	probe='exec 5</proc/1/root/etc; cat /proc/self/fd/5/passwd >/dev/null && echo inside-ok; ls /proc/1/cwd/ >/dev/null 2>&1; true'
	run confined attack sh -c "$probe"
	[[ "$output" == *inside-ok* ]]
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
	sleep 0.3
	run "$CORDON" logs looks
	echo "$output"
	[ "$output" = $'from a child\n1' ]
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
	local said
	for _ in $(seq 50); do
		said=$("$CORDON" logs "$1")
		[ "$said" != "$2" ] || return 0
		sleep 0.1
	done
	echo "the log of $1 says: $said"
	return 1
}

@test "A10: the way out: the first process's children, the host's user, or a profile without Landlock" {
	"$CORDON" run -d --network none --profile "$(no_landlock_profile)" --name open attack sleep 100
	"$CORDON" exec open sh -c 'echo from exec >/proc/1/fd/1'
	logged open "from exec"
	"$CORDON" rm -f open
	"$CORDON" run -d --network none --name shut attack sleep 100
	echo "from the host" >"/proc/$("$CORDON" inspect -f '{{.State.Pid}}' shut)/fd/1"
	logged shut "from the host"
	"$CORDON" rm -f shut
}

@test "A1: without Landlock the runtime goes on from a sealed copy, if its file could be written" {
	cp "$CORDON" "$GROUND/cordon-copy2"
	CORDON_PROFILES=$("$CORDON" info -f '{{.ProfileDir}}')
	CORDON_LIBEXEC=$("$CORDON" info -f '{{.LibexecDir}}')
	export CORDON_PROFILES CORDON_LIBEXEC
	"$GROUND/cordon-copy2" run -d --network none --profile "$(no_landlock_profile)" --name sealed attack sleep 100
	monitor=$("$CORDON" inspect -f '{{.State.ConmonPid}}' sealed)
	run readlink "/proc/$monitor/exe"
	"$CORDON" rm -f sealed
	[[ "$output" == "/memfd:cordon"* ]] || { echo "the monitor runs $output"; false; }
	"$GROUND/cordon-copy2" run -d --network none --name plain attack sleep 100
	monitor=$("$CORDON" inspect -f '{{.State.ConmonPid}}' plain)
	run readlink "/proc/$monitor/exe"
	"$CORDON" rm -f plain
	[ "$output" = "$GROUND/cordon-copy2" ]
}

@test "A13: TIOCSTI and TIOCLINUX fail on every descriptor, whatever the high bits" {
	run confined attack ttyinject
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" != *SUCCEEDED* ]]
}

@test "A13: with the caller's terminal as standard input no byte is pushed into it" {
	command -v script >/dev/null || skip "script(1) (package bsdutils) is not installed"
	run script -qec "$CORDON run --rm --network none -i attack ttyinject; $CORDON run --rm --network none -t attack ttyinject" /dev/null
	echo "$output"
	[[ "$output" == *TIOCSTI* ]]
	[[ "$output" != *SUCCEEDED* ]]
	[[ "$output" != *XX* ]]
}
