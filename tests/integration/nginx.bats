#!/usr/bin/env bats
# The first lines of every Docker tutorial, with Debian's nginx behind its own profile.
load ground

setup_file() {
	ground_make
	# as Docker's own image does it: logs are links to the standard streams
	image_make nginx 'CMD ["sh", "-c", "ln -sf /dev/stdout /var/log/nginx/access.log; ln -sf /dev/stderr /var/log/nginx/error.log; exec nginx -g \"daemon off;\""]' \
		'STOPSIGNAL SIGQUIT' 'EXPOSE 80/tcp'
	export PORT
	PORT=$(free_port)
}

teardown_file() { ground_clear; }

# CHOWN DAC_OVERRIDE SETGID SETUID NET_BIND_SERVICE
NGINX_SET=00000000000004c3

@test "cordon run -d -p PORT:80 --name web nginx" {
	run -0 cordon run -d -p "127.0.0.1:$PORT:80" --name web nginx
	[[ "$output" =~ ^[0-9a-f]{64}$ ]]
}

@test "curl 127.0.0.1:PORT" {
	wait_until 60 curl -sf "127.0.0.1:$PORT"
	run -0 curl -sS "127.0.0.1:$PORT"
	[[ "$output" == *"Welcome to nginx"* ]]
	# many at once, and a path that is not there
	seq 40 | xargs -P 8 -I{} curl -sf -o /dev/null "127.0.0.1:$PORT/?{}"
	run -22 curl -sSf "127.0.0.1:$PORT/none"
}

@test "cordon ps" {
	run -0 cordon ps
	[[ "$output" == *web* && "$output" == *nginx* && "$output" == *"127.0.0.1:$PORT->80/tcp"* ]]
	run -0 cordon ps -q --filter name=web
	[ "${#lines[@]}" = 1 ]
}

@test "its own profile was taken, and the kernel agrees on every wall" {
	run -0 cordon inspect --format '{{.Cordon.Profile}}' web
	[ "$output" = nginx ]
	pid=$(pid_of web)
	[ "$pid" -gt 1 ]
	walls_of "$pid" $NGINX_SET
}

@test "the workers have the same filter and no capability" {
	pid=$(pid_of web)
	workers=$(children_of "$pid")
	[ -n "$workers" ]
	for worker in $workers; do
		expect "/proc/$worker/status" Seccomp 2
		expect "/proc/$worker/status" NoNewPrivs 1
		expect "/proc/$worker/status" "CapInh CapPrm CapEff CapAmb" 0000000000000000
		# www-data inside is a subordinate id outside
		[ "$(stat -c %u "/proc/$worker")" != "$(id -u)" ]
	done
}

@test "cordon logs web" {
	curl -sf -o /dev/null "127.0.0.1:$PORT/?logged"
	wait_until 60 bash -c '"$CORDON" logs web | grep -q "GET /?logged"'
	run -0 cordon logs --tail 1 -t web
	[[ "$output" =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T ]]
}

@test "cordon exec web" {
	run -0 cordon exec web sh -c 'cat /proc/1/comm'
	[ "$output" = nginx ]
	run -0 cordon exec web nginx -t
}

@test "a reload keeps serving" {
	cordon exec web nginx -s reload
	wait_until 60 curl -sf -o /dev/null "127.0.0.1:$PORT"
	walls_of "$(pid_of web)" $NGINX_SET
}

# knock CONTAINER ADDRESS PORT: true if somebody opens.
knock() {
	cordon exec "$1" perl -MIO::Socket::INET -e \
		'exit(IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 10) ? 0 : 1)' "$2" "$3"
}

@test "the host's own loopback services cannot be reached from inside" {
	secret=$(free_port)
	mkdir -p "$GROUND/www" && echo "only for the host" >"$GROUND/www/index.html"
	(cd "$GROUND/www" && exec python3 -m http.server --bind 127.0.0.1 "$secret" >/dev/null 2>&1 3>&-) &
	server=$!
	wait_until 60 curl -sf -o /dev/null "127.0.0.1:$secret"
	gateway=$(cordon exec web sh -c 'cat /proc/net/route' | awk '$2 == "00000000" { print $3; exit }')
	gateway=$(printf '%d.%d.%d.%d' "0x${gateway:6:2}" "0x${gateway:4:2}" "0x${gateway:2:2}" "0x${gateway:0:2}")
	reached=
	knock web 127.0.0.1 80 # nginx itself: the knocking works
	for address in 127.0.0.1 "$gateway"; do
		knock web "$address" "$secret" && reached+=" $address"
	done
	kill "$server"
	[ -z "$reached" ] || { echo "reached by$reached"; false; }
}

@test "cordon stop web: by the image's signal, in good order" {
	run -0 cordon inspect --format '{{.Config.StopSignal}}' web
	[ "$output" = SIGQUIT ]
	before=$SECONDS
	CORDON_TEST_SECONDS=200 run -0 cordon stop -t 100 web
	[ $((SECONDS - before)) -lt 60 ]
	# nginx answers QUIT with an orderly end; KILL would be 137
	run -0 cordon inspect --format '{{.State.Status}} {{.State.ExitCode}}' web
	[ "$output" = "exited 0" ]
	run ! curl -sf "127.0.0.1:$PORT"
}

@test "cordon rm web" {
	run -0 cordon rm web
	[ "$output" = web ]
	run -0 cordon ps -aq
	[ -z "$output" ]
	ground_is_quiet
}
