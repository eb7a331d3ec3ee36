#!/usr/bin/env bats
# A11, A12: who the process inside is, from words that try to be root, and from groups that get lost or left over.
load attack

setup_file() {
	attack_setup_file
	local root
	root=$(evil_root users)
	{
		echo 'root:x:0:0:root:/root:/bin/sh'
		echo 'user:x:1000:1000:user:/:/bin/sh'
		echo '1000:x:0:0:digits that are a name:/:/bin/sh'
		echo '77:x:0:0:more digits:/:/bin/sh'
		echo 'dup:x:1001:1001:the first counts:/:/bin/sh'
		echo 'dup:x:0:0:the second does not:/:/bin/sh'
		echo 'wide:x:4294967296:4294967296:wraps to 0:/:/bin/sh'
		echo 'minus:x:-1:-1:is no number:/:/bin/sh'
		echo 'hex:x:0x0:0x0:is no number:/:/bin/sh'
		echo 'empty:x:::has no number:/:/bin/sh'
		echo 'short:x'
		printf 'long%s:x:0:0::/:/bin/sh\n' "$(head -c 1000000 /dev/zero | tr '\0' x)"
		echo 'last:x:1002:1002::/:/bin/sh'
	} >"$root/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: staff:x:50:user extra:x:60:user,dup 1000:x:0: >"$root/etc/group"
	echo secret >"$root/vol/negative"
	chmod 707 "$root/vol/negative"
	tar -C "$root" --exclude=./vol/negative --owner=0 --group=0 --numeric-owner -cf "$GROUND/users.tar" .
	tar -C "$root" --owner=0 --group=50 --numeric-owner -rf "$GROUND/users.tar" ./vol/negative
	"$CORDON" import "$GROUND/users.tar" users
}

teardown_file() { attack_teardown_file; }

# who WORD: "UID GID" that the container has under -u WORD, or "refused" with one clear error.
who() {
	local said result=0
	said=$("$CORDON" run --rm --network none -u "$1" users awk '/^[UG]id:/ { print $3 }' /proc/self/status 2>&1) || result=$?
	case $result in
	0) paste -sd' ' <<<"$said" ;;
	125 | 126) [[ "$said" == "cordon: "* && "$said" != *$'\n'*$'\n'* ]] && echo refused ;;
	*) echo "status $result: $said" ;;
	esac
}

@test "A11: a user by number or name is exactly that, or nobody; root only by 0, root, or nothing" {
	wrong=0
	while IFS='|' read -r word wanted; do
		got=$(who "$word")
		[ "$got" = "$wanted" ] || { echo "-u '$word': '$got', not '$wanted'"; wrong=1; }
	done <<-'END'
		0|0 0
		root|0 0
		0:0|0 0
		00|0 0
		user|1000 1000
		1000|1000 1000
		1000:50|1000 50
		user:staff|1000 50
		user:60|1000 60
		1000:1000|1000 1000
		77|77 0
		dup|1001 1001
		last|1002 1002
		12345|12345 0
		65535|65535 0
		wide|refused
		minus|refused
		hex|refused
		empty|refused
		short|refused
		nobody|refused
		ROOT|refused
		 0|refused
		 root|refused
		root |refused
		+0|refused
		-0|refused
		-1|refused
		0x0|refused
		0x3e8|refused
		1e3|refused
		1000.0|refused
		4294967295|refused
		4294967296|refused
		4294967297|refused
		18446744073709551616|refused
		99999999999999999999999|refused
		2147483648|refused
		65537:65537|refused
		:50|refused
		:0|refused
		:|refused
		user:nogroup|refused
		user:-1|refused
		user:4294967296|refused
		user:0x0|refused
		user:50:0|refused
		root:root:root|refused
		../root|refused
		user/..|refused
		root*|refused
		*|refused
		#0|refused
		$(id)|refused
		user,root|refused
		user;root|refused
		root:x|refused
		x:0|refused
		/|refused
		%00|refused
	END
	[ $wrong = 0 ]
}

@test "A11: control characters and length do not make a root either" {
	for word in $'root\n' $'user\nroot' $'\troot' $'root\r' "long$(head -c 100000 /dev/zero | tr '\0' x)"; do
		got=$(who "$word")
		[ "$got" = refused ] || { printf '%q: %s\n' "${word:0:40}" "$got"; false; }
	done
}

@test "A12: the groups are the primary one and those of /etc/group or --group-add, in run and exec" {
	while IFS='|' read -r options wanted; do
		# shellcheck disable=SC2086
		run confined $options users sh -c 'sed -n "s/^Groups://p" /proc/self/status | xargs -n 1 | sort -n | xargs'
		echo "$options: $output"
		[ "$output" = "$wanted" ]
	done <<-'END'
		-u 0|0
		-u user|50 60 1000
		-u user:staff|50
		-u 1000:1000|1000
		-u dup|60 1001
		-u 12345|0
		-u 1000:1000 --group-add 50|50 1000
		-u 1000:1000 --group-add staff --group-add 61|50 61 1000
	END
	"$CORDON" run -d --network none --name groups users sleep 600
	[ "$("$CORDON" exec -u 1000:1000 groups id -G)" = 1000 ]
	[ "$("$CORDON" exec -u user:staff groups id -G)" = 50 ]
	"$CORDON" rm -f groups
}

@test "A12: a file that denies its group denies it to whoever is in that group" {
	run confined -u 1000:1000 users cat /vol/negative
	[ "$output" = secret ]
	for options in "-u 1000:50" "-u user" "-u 1000:1000 --group-add staff"; do
		# shellcheck disable=SC2086
		run confined $options users cat /vol/negative
		echo "$options: $output"
		[ "$status" != 0 ]
		[[ "$output" == *"ermission denied"* ]]
	done
}
