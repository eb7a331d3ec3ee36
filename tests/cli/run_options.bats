# Options of run and create, each looked at from inside the container.
load helper

setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	cordon import -c 'EXPOSE 81/tcp 82/udp' -c 'EXPOSE 8000-8001' "$GROUND/base.tar" exposing >/dev/null
}
teardown_file() { ground_clear; }

# refused MESSAGE WORD...: run fails as an engine does, and says so.
refused() {
	local message=$1
	shift
	run -125 --separate-stderr cordon run --rm "$@" base true
	[[ "$stderr" == *"$message"* ]] || { echo "$stderr"; return 1; }
}

needs_network() {
	[ -c /dev/net/tun ] && command -v pasta >/dev/null || skip "a private network needs pasta and /dev/net/tun"
}

@test "--add-host: lines of /etc/hosts" {
	run -0 confined --add-host db:10.0.0.7 --add-host six=::1 base cat /etc/hosts
	[[ "$output" == *"10.0.0.7"$'\t'"db"* && "$output" == *"::1"$'\t'"six"* ]]
	refused "invalid --add-host" --add-host db
	refused "invalid --add-host" --add-host db:host
	refused "invalid --add-host" --add-host $'db\n1.1.1.1 evil:10.0.0.7'
	refused "the host is not reachable" --add-host h:host-gateway
}

@test "--dns, --dns-search, --dns-option: resolv.conf" {
	run -0 cordon run --rm --network host --dns 10.1.1.1 --dns 2001:db8::1 --dns-search corp.example --dns-option ndots:2 \
		--dns-opt timeout:1 base cat /etc/resolv.conf
	[ "$(grep ^nameserver <<<"$output")" = $'nameserver 10.1.1.1\nnameserver 2001:db8::1' ]
	[ "$(grep -E '^(search|domain)' <<<"$output")" = "search corp.example" ]
	[ "$(grep ^options <<<"$output")" = "options ndots:2 timeout:1" ]
	run -0 cordon run --rm --network host --dns-search . base cat /etc/resolv.conf
	refute grep -qE '^(search|domain)' <<<"$output"
	refused "not a numeric address" --network host --dns example.org
	refused "invalid --dns-search" --network host --dns-search $'a\nnameserver 6.6.6.6'
	refused "invalid --dns-option" --network host --dns-option 'a b'
	refused "need a network" --network none --dns 10.1.1.1
}

@test "--dns reaches the container of a private network" {
	needs_network
	run -0 cordon run --rm --dns 10.1.1.1 base cat /etc/resolv.conf
	[ "$(grep ^nameserver <<<"$output")" = "nameserver 10.1.1.1" ]
}

@test "--shm-size: the size of /dev/shm, enforced" {
	run -0 confined base df -k /dev/shm
	[[ "$output" == *" 65536 "* ]]
	run -0 confined --shm-size 2m base sh -c 'df -k /dev/shm; dd if=/dev/zero of=/dev/shm/x bs=1M count=5 2>&1 || true'
	[[ "$output" == *" 2048 "*"No space left"* ]]
	refused "invalid --shm-size" --network none --shm-size much
	refused "invalid --shm-size" --network none --shm-size 0
}

@test "-P publishes what the image exposes, and --expose, on free ports" {
	needs_network
	cordon run -d -P --expose 83 --name all exposing sh -c 'echo hello >/tmp/index.html; httpd -f -p 83 -h /tmp'
	run -0 cordon inspect -f '{{range $k, $v := .NetworkSettings.Ports}}{{$k}} {{end}}' all
	[ "$output" = "8000/tcp 8001/tcp 81/tcp 82/udp 83/tcp " ]
	port=$(cordon inspect -f '{{(index .NetworkSettings.Ports "83/tcp" 0).HostPort}}' all)
	[ "$port" -gt 1023 ]
	wait_until 60 curl -sf "http://127.0.0.1:$port/index.html"
	[ "$(curl -sf "http://127.0.0.1:$port/index.html")" = hello ]
	cordon rm -f all
	# -p has the last word for its port; without -P nothing is published
	cordon create -P -p 127.0.0.1:18081:81 --name some exposing true
	run -0 cordon inspect -f '{{len (index .NetworkSettings.Ports "81/tcp")}} {{(index .HostConfig.PortBindings "81/tcp" 0).HostPort}}' some
	[ "$output" = "1 18081" ]
	cordon rm some
	run -125 --separate-stderr cordon run --rm -P --network none exposing true
	[[ "$stderr" == *"ports cannot be published with --network none"* ]]
}

@test "--device: the host's node where the user may open it, nothing else" {
	[ -r /dev/fuse ] && [ -w /dev/fuse ] || skip "/dev/fuse is not open to this user"
	run -0 confined --device /dev/fuse --device /dev/fuse:/dev/other:rwm base sh -c \
		'stat -c "%F %t:%T" /dev/fuse /dev/other; exec 3<>/dev/other && echo opened'
	[ "$output" = $'character special file a:e5\ncharacter special file a:e5\nopened' ]
	run -0 confined base sh -c '[ -e /dev/fuse ] || echo none'
	[ "$output" = none ]
	refused "cannot be kept" --network none --device /dev/fuse:/dev/fuse:r
	refused "cannot be kept" --network none --device /dev/fuse:w
	refused "that is no device" --network none --device /etc/passwd
	refused "No such file" --network none --device /dev/no-such-thing
	refused "both places are absolute" --network none --device fuse
	refused "permissions are of" --network none --device /dev/fuse:/dev/x:q
	shut=$(find /dev -maxdepth 1 -type c ! -readable 2>/dev/null | head -1)
	[ -z "$shut" ] || refused "you may not open it yourself" --network none --device "$shut"
}

@test "--workdir: made where it is missing" {
	run -0 confined -w /new/deep/folder base sh -c 'pwd; touch here && stat -c %a .'
	[ "$output" = $'/new/deep/folder\n755' ]
	run -0 confined --read-only -w /new base sh -c 'pwd; touch x 2>&1 || true'
	[[ "$output" == /new*"Read-only file system" ]]
}

@test "-e NAME takes the caller's value, NAME= an empty one" {
	export GIVEN="from outside"
	run -0 confined -e GIVEN -e EMPTY= -e NOT_THERE base env
	grep -qx "GIVEN=from outside" <<<"$output"
	grep -qx "EMPTY=" <<<"$output"
	refute grep -q NOT_THERE <<<"$output"
}

@test "--label-file, --label, --annotation: kept, the command line last" {
	printf '# words\ntier=front\nempty\n\nowner=file\n' >"$GROUND/labels"
	cordon create --network none --name kept --label-file "$GROUND/labels" -l owner=me --annotation run.example=x base true
	[ "$(cordon inspect -f '{{json .Config.Labels}}' kept)" = '{"tier":"front","empty":"","owner":"me"}' ]
	[ "$(cordon inspect -f '{{index .HostConfig.Annotations "run.example"}}' kept)" = x ]
	[ "$(cordon ps -aq --filter label=owner=me | wc -l)" = 1 ]
	cordon rm kept
	# the image's labels are the container's, unless it has its own
	cordon import -c 'LABEL tier=image' -c 'LABEL from=image' "$GROUND/base.tar" labelled >/dev/null
	cordon create --network none --name kept -l tier=mine labelled true
	[ "$(cordon inspect -f '{{index .Config.Labels "tier"}} {{index .Config.Labels "from"}}' kept)" = "mine image" ]
	[ "$(cordon ps -a --filter label=from=image --format '{{.Names}} {{.Label "tier"}}')" = "kept mine" ]
	cordon rm kept
	refused "it has no name" --network none -l =x
	refused "it has no name" --network none --annotation ""
	refused "cannot open the label file" --network none --label-file "$GROUND/none"
}

@test "--pidfile and --cidfile" {
	cd "$GROUND"
	cordon run -d --network none --name pids --pidfile pid --cidfile cid base sleep 600
	[ "$(cat pid)" = "$(cordon inspect -f '{{.State.Pid}}' pids)" ]
	[ "$(cat cid)" = "$(cordon inspect -f '{{.Id}}' pids)" ]
	cordon stop -t 0 pids
	rm pid
	cordon start pids
	[ "$(cat pid)" = "$(cordon inspect -f '{{.State.Pid}}' pids)" ]
	cordon rm -f pids
	run -0 confined --pidfile "$GROUND/pid" base true
	[[ "$(cat pid)" =~ ^[0-9]+$ ]]
	refused "cannot write the pid" --network none --pidfile "$GROUND/no/such/folder"
	[ -z "$(cordon ps -aq)" ]
}

@test "--stop-timeout: how long stop waits, unless it is told" {
	cordon run -d --network none --name stubborn --stop-timeout 1 base sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
	wait_until 60 sh -c "'$CORDON' logs stubborn | grep -q ready"
	start=$(date +%s%N)
	cordon stop stubborn
	took=$((($(date +%s%N) - start) / 1000000))
	[ "$took" -ge 900 ] && [ "$took" -lt 10000 ] # it would be ten seconds
	[ "$(cordon inspect -f '{{.State.ExitCode}} {{.Config.StopTimeout}}' stubborn)" = "137 1" ]
	cordon rm stubborn
	cordon run -d --network none --name stubborn --stop-timeout 300 base sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	SECONDS=0
	cordon stop -t 0 stubborn
	[ "$SECONDS" -lt 60 ]
	cordon rm stubborn
	refused "--stop-timeout takes" --network none --stop-timeout soon
}

@test "--sig-proxy: signals go to the container, or they do not" {
	for proxy in true false; do
		rm -f "$GROUND/shared/got"
		mkdir -p "$GROUND/shared" && chmod 777 "$GROUND/shared"
		"$CORDON" run --rm --network none --sig-proxy=$proxy -v "$GROUND/shared:/s" base \
			sh -c 'trap "touch /s/got; exit 7" TERM; touch /s/ready; while :; do sleep 0.1; done' &
		caller=$!
		wait_until 60 test -e "$GROUND/shared/ready"
		kill -TERM $caller
		status=0
		wait $caller || status=$?
		rm -f "$GROUND/shared/ready"
		if $proxy; then
			[ "$status" = 7 ] && [ -e "$GROUND/shared/got" ]
		else
			[ "$status" = 143 ] && [ ! -e "$GROUND/shared/got" ]
		fi
	done
	ground_is_quiet
}

@test "--ulimit: limits are the command's, not those of the steps that start it" {
	local name value
	# what every name of docker's does with nothing, next to nothing, and no limit at all: the command runs, or ends by a
	# signal of the kernel's, or the limit is above the user's own and is said so
	for name in core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack; do
		for value in 0 1 -1; do
			run confined --ulimit "$name=$value" base sh -c 'echo in'
			case $status in
			0) [ "$output" = in ] ;;
			137 | 139) [[ "$name" =~ ^(cpu|data|stack)$ && "$value" != -1 ]] ;;
			125) [[ "$output" == *"cannot set the limit $name to "*"Operation not permitted"*"ask for less"* ]] ;;
			*) false ;;
			esac || { echo "$name=$value: $status: $output"; false; }
		done
	done
	run -0 confined --ulimit nofile=10 --user user:staff base sh -c 'ulimit -n; id -un'
	[ "$output" = $'10\nuser' ]
	run -0 confined --init --ulimit nofile=3 --ulimit nproc=0 --ulimit fsize=0 base sh -c 'ulimit -n'
	[ "$output" = 3 ]
	# too low for what the command does: its own word
	run -1 confined --ulimit nofile=3 base cat /etc/passwd
	[[ "$output" == *"cat: can't open '/etc/passwd': Too many open files"* || "$output" == *"cat: /etc/passwd: Too many open files"* ]] || { echo "$output"; false; }
	run -125 confined --ulimit nofile=-1 base true
	[[ "$output" == *"cannot set the limit nofile to unlimited:unlimited"* ]]
	# exec has them, too
	cordon run -d --name low --network none --ulimit nofile=4 base sleep 600
	run -0 cordon exec low sh -c 'ulimit -n'
	[ "$output" = 4 ]
	run -0 cordon exec --user user low sh -c 'ulimit -n'
	cordon rm -f low
}
