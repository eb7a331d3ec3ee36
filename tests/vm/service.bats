#!/usr/bin/env bats
# Limits in a system service of an ordinary user: there is no session, but systemd delegated the
# service's own cgroup and says so on it (user.delegate); the containers are below.
#
# systemd-run: -p Delegate=yes
load machine

setup_file() { machine_make; }
teardown_file() { machine_clear; }

own() {
	sed -n 's,^0::,/sys/fs/cgroup,p' /proc/self/cgroup
}

@test "two containers side by side below the service, this process in a leaf" {
	service=$(own)
	[[ "$service" == */system.slice/*.service ]]
	for name in one two; do
		cordon run -d --network none --memory 64m --pids-limit 20 --cpus 1.5 --name $name base sleep 300
		run -0 cordon inspect --format '{{.HostConfig.CgroupParent}}' $name
		[[ "$output" == "$service"/cordon-* ]]
		run -0 cordon inspect --format \
			'{{.Cordon.Enforced.MemoryMax}} {{.Cordon.Enforced.PidsMax}} {{.Cordon.Enforced.CpuMax}}' $name
		[ "$output" = "67108864 20 150000 100000" ]
		run -0 cordon exec $name cat /sys/fs/cgroup/pids.max
		[ "$output" = 20 ]
	done
	[ "$(own)" = "$service/cordon-callers" ]
	cordon rm -f one two
	[ "$(find "$service" -mindepth 1 -type d)" = "$service/cordon-callers" ]
}

@test "each kind of limit alone" {
	for limit in "--memory 64m" "--pids-limit 20" "--cpus 0.5"; do
		# shellcheck disable=SC2086
		run -0 cordon run --rm --network none $limit base echo ran
		[ "$output" = ran ]
	done
}

@test "kill -9 of the monitor: the next command removes the cgroup" {
	cordon run -d --network none --memory 64m --name orphan base sleep 300
	run -0 cordon inspect --format '{{.HostConfig.CgroupParent}}' orphan
	folder=$output
	kill -9 "$(pgrep -f 'cordon run -d .* orphan')"
	run -0 cordon ps -a --filter name=orphan --format '{{.Status}}'
	[[ "$output" == Exited* ]]
	[ ! -e "$folder" ]
	cordon rm orphan
}

@test "the same for one that says nothing and is to go with its end" {
	"$CORDON" run --rm --network none --memory 64m base sleep 302 &
	wait_until 60 pgrep -f '^sleep 302'
	[ -n "$(machine_left)" ]
	kill -9 $!
	wait_until 60 clean
}

# With the help of the next command.
clean() {
	cordon ps -aq && machine_is_quiet
}
