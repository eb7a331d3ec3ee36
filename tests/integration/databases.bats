#!/usr/bin/env bats
# redis and postgres of Debian, each behind its own profile, doing what they are for.
load ground

setup_file() { ground_make; }
teardown_file() { ground_clear; }

@test "redis: serves, saves, and ends in order" {
	image_make redis 'CMD ["redis-server", "--save", "60 1", "--dir", "/var/lib/redis", "--protected-mode", "no"]' \
		'USER redis' 'EXPOSE 6379/tcp'
	port=$(free_port)
	cordon run -d --name cache -p "127.0.0.1:$port:6379" redis
	wait_until 60 cordon exec cache redis-cli ping
	run -0 cordon inspect --format '{{.Cordon.Profile}}' cache
	[ "$output" = redis ]
	status=/proc/$(pid_of cache)/status
	expect "$status" Seccomp 2
	expect "$status" NoNewPrivs 1
	expect "$status" "CapInh CapPrm CapEff CapAmb" 0000000000000000
	run -0 cordon exec cache redis-cli set where inside
	run -0 cordon exec cache redis-cli get where
	[ "$output" = inside ]
	# from the host, in redis's own words
	run -0 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET where\r\nQUIT\r\n' >&3; timeout 60 cat <&3"
	[[ "$output" == *inside* ]]
	# a background save forks
	run -0 cordon exec cache redis-cli bgsave
	wait_until 60 bash -c '"$CORDON" exec cache redis-cli info persistence | grep -q "rdb_last_bgsave_status:ok"'
	run -0 cordon stop cache
	run -0 cordon inspect --format '{{.State.ExitCode}}' cache
	[ "$output" = 0 ]
	cordon rm cache
}

@test "postgres: makes a cluster, answers, survives a restart on a named volume" {
	image_make postgres 'USER postgres' 'ENV PGDATA=/data/db' 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin'
	cordon run --rm --network none -u 0 -v pg:/data postgres chown postgres:postgres /data
	cordon run --rm --network none -v pg:/data postgres initdb -U postgres --auth=trust >"$GROUND/initdb" 2>&1 ||
		{ cat "$GROUND/initdb"; false; }
	for round in 1 2; do
		cordon run -d --name db --network none -v pg:/data --stop-signal INT postgres postgres -k /tmp
		wait_until 60 cordon exec db pg_isready -h /tmp
		[ $round = 2 ] || cordon exec db psql -h /tmp -U postgres -c \
			"create table t as select generate_series(1, 10000) as n"
		run -0 cordon exec db psql -h /tmp -U postgres -Atc 'select sum(n) from t'
		[ "$output" = 50005000 ]
		status=/proc/$(pid_of db)/status
		expect "$status" Seccomp 2
		expect "$status" "CapInh CapPrm CapEff CapAmb" 0000000000000000
		cordon stop db
		cordon rm db
	done
}
