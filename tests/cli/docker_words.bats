#!/usr/bin/env bats
# What people type who come from Docker or Podman: taken with its true effect, or refused with the reason and a way out,
# never "unknown", never silently ignored.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() { cordon rm -f box >/dev/null 2>&1 || true; }

# refused STATUS WORD...: the last run said in two lines what is not offered, why, and the way out.
refused() {
	[ "$status" = "$1" ] || { echo "status $status: $output"; return 1; }
	[[ "${lines[0]}" == "cordon: "*": "* ]] || { echo "$output"; return 1; }
	[[ "${lines[1]}" == "  "?* ]] || { echo "no way out: $output"; return 1; }
	[ "${#lines[@]}" = 2 ] || { echo "$output"; return 1; }
	[[ "$output" != *unknown* ]] || { echo "$output"; return 1; }
	shift
	for word in "$@"; do [[ "$output" == *"$word"* ]] || { echo "'$word' is missing: $output"; return 1; }; done
}

@test "commands that are not here say why, and what to do instead" {
	for command in build "buildx build ." "builder prune" "compose up -d" "context ls" events "generate systemd box" \
		"kube play x.yaml" "network create net" "node ls" "plugin ls" "pod create" "search nginx" "service ls" "stack ls" \
		"swarm init" "trust inspect x" "unshare id" "update --memory 1g box"; do
		# shellcheck disable=SC2086
		run cordon $command
		refused 125 "${command%% *} is not offered"
	done
}

@test "options of run and create that are not here say why, and what to do instead" {
	for option in "-a stdout" "--attach=stdin" "--blkio-weight 10" --cgroup-parent=x "-c 512" --cpu-shares=512 --cpu-period=1 \
		--cpu-quota=1 --cpuset-cpus=0 "--device-cgroup-rule a" --domainname=x "--gpus all" "--health-cmd x" --health-interval=1s \
		--health-retries=1 --health-start-period=1s --health-timeout=1s "--ip 10.0.0.2" --ip6=::2 --isolation=default --link=x:y \
		"--log-opt max-size=1m" --mac-address=02:00:00:00:00:01 --memory-reservation=1m --memory-swap=1g --memory-swappiness=1 \
		--network-alias=x --net-alias=x --oom-kill-disable --oom-score-adj=5 --pod=x --runtime=runc --storage-opt=size=1g \
		"--sysctl a=b" --volume-driver=x --volumes-from=x; do
		# shellcheck disable=SC2086
		run cordon run --network none $option base true
		refused 125 "is not offered"
	done
	for option in --blkio-weight-device=x:1 --cgroup-conf=x=y --chrootdirs=/x --conmon-pidfile=/x --cpu-rt-period=1 --cpu-rt-runtime=1 \
		--cpuset-mems=0 --device-read-bps=x:1 --device-read-iops=x:1 --device-write-bps=x:1 --device-write-iops=x:1 \
		--env-merge=A=b --gidmap=0:1:1 --health-on-failure=kill --health-start-interval=1s --hostuser=x --image-volume=tmpfs \
		--init-path=/x --kernel-memory=1m --link-local-ip=::1 --passwd=false --passwd-entry=x --personality=LINUX32 --pod-id-file=/x \
		--preserve-fds=1 --requires=x --rmi --sdnotify=ignore --seccomp-policy=image --secret=x --subgidname=x --subuidname=x \
		--systemd=always --timeout=5 --tz=local --uidmap=0:1:1 --umask=0077 --use-api-socket; do
		run cordon run --network none "$option" base true
		refused 125 "is not offered"
	done
	run cordon create --network none --link=x:y base true
	refused 125 "--link is not offered"
	# a word of the container's own is none of ours
	run -0 confined base echo --gpus
	[ "$output" = --gpus ]
}

@test "words that are so anyway are taken, and any other refused" {
	run -0 confined --pid=private --ipc private --uts=private --cgroupns=private --restart=no --log-driver json-file \
		--no-healthcheck base echo taken
	[ "$output" = taken ]
	for option in --pid=host --pid=container:x --ipc=host --ipc=shareable --uts=host --cgroupns=host --restart=always \
		--restart=on-failure:3 --restart=unless-stopped --log-driver=none --log-driver=journald --log-driver=json --pid=; do
		run confined $option base true
		refused 125 "${option%%=*}"
	done
	[ -z "$(cordon ps -aq)" ]
}

@test "env files: NAME=VALUE or NAME; blanks around the name and lines without one are mistakes" {
	printf '\xef\xbb\xbf' >"$GROUND/bom"
	printf '# words\n\nA=1\nB=two words \n  C=3\r\nGIVEN\nNOT_GIVEN\nD=\n' >"$GROUND/good"
	GIVEN="from outside" run -0 confined --env-file "$GROUND/good" base env
	for line in A=1 "B=two words " C=3 "GIVEN=from outside" D=; do grep -qxF "$line" <<<"$output" || { echo "$line"; false; }; done
	[[ "$output" != *NOT_GIVEN* ]]
	for line in "A = 1" "export A=1" "A B" "=1" "A	=1"; do
		printf 'X=1\n\n%s\n' "$line" >"$GROUND/bad"
		run confined --env-file "$GROUND/bad" base env
		[ "$status" = 125 ]
		[[ "$output" == *"$GROUND/bad:3: "* ]] || { echo "$output"; false; }
	done
	printf 'A=1\0B=2\n' >"$GROUND/bad"
	run -125 confined --env-file "$GROUND/bad" base env
	[[ "$output" == *"NUL"* ]]
	# the same reader
	cordon run -d --network none --name box base sleep 600
	echo "A = 1" >"$GROUND/bad"
	run -125 cordon exec --env-file "$GROUND/bad" box env
	run -125 confined --label-file "$GROUND/bad" base true
}

@test "several capabilities in one word; Docker's colons" {
	run -0 confined --cap-drop CHOWN,KILL --cap-drop fowner base grep CapEff /proc/self/status
	[[ "$output" == *00000000800405d2 ]]
	run -0 confined --cap-drop=all --cap-add=CAP_CHOWN,kill base grep CapEff /proc/self/status
	[[ "$output" == *0000000000000021 ]]
	run -125 confined --cap-drop CHOWN, base true
	run -0 confined --security-opt seccomp:unconfined --security-opt apparmor:unconfined --security-opt label:disable \
		--security-opt no-new-privileges:true base grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
	[ "$output" = $'NoNewPrivs:\t1\nSeccomp:\t0' ]
	run -0 confined --security-opt no-new-privileges:false base grep NoNewPrivs /proc/self/status
	[[ "$output" == *0 ]]
}

@test "short flags in one word, values glued on or apart" {
	run -0 cordon run -dit --network=none --name=box base sh
	[[ "$output" =~ ^[0-9a-f]{64}$ ]]
	[ "$(cordon inspect -f '{{.Config.Tty}} {{.Config.OpenStdin}}' box)" = "true true" ]
	cordon rm -f box
	cordon create -itp 18099:80 -p18098:81/udp --name box -eA=1 -e=B=2 -uuser -w/tmp -lkey=value base true
	[ "$(cordon inspect -f '{{json .HostConfig.PortBindings}}' box)" = \
		'{"80/tcp":[{"HostIp":"","HostPort":"18099"}],"81/udp":[{"HostIp":"","HostPort":"18098"}]}' ] ||
		[ "$(cordon inspect -f '{{(index .HostConfig.PortBindings "80/tcp" 0).HostPort}} {{(index .HostConfig.PortBindings "81/udp" 0).HostPort}}' box)" = "18099 18098" ]
	[ "$(cordon inspect -f '{{.Config.User}} {{.Config.WorkingDir}} {{.Config.Labels.key}}' box)" = "user /tmp value" ]
	[[ "$(cordon inspect -f '{{.Config.Env}}' box)" == *"A=1"*"B=2"* ]]
}

@test "restart: stopped by its signal, started anew; also what does not run; never what --rm would take" {
	cordon run -d --network none --name box base sh -c 'trap "echo stopped; exit 0" TERM; echo up; while :; do sleep 0.1; done'
	wait_until 60 sh -c "'$CORDON' logs box | grep -q up"
	before=$(cordon inspect -f '{{.State.Pid}}' box)
	run -0 cordon restart box
	[ "$output" = box ]
	after=$(cordon inspect -f '{{.State.Pid}} {{.State.Running}}' box)
	[[ "$after" == *" true" && "$after" != "$before "* ]]
	[[ "$(cordon logs box)" == *stopped* ]]
	cordon stop -t 0 box
	cordon restart -t 0 box
	[ "$(cordon inspect -f '{{.State.Running}}' box)" = true ]
	run -1 cordon restart box nosuch
	[[ "$output" == *"No such container: nosuch"* ]]
	cordon rm -f box
	cordon run -d --rm --network none --name box base sleep 600
	run -1 cordon restart box
	[[ "$output" == *"--rm"* ]]
	[ "$(cordon inspect -f '{{.State.Running}}' box)" = true ]
}

@test "rm -f: none is no error, and nothing else is swallowed" {
	run -0 cordon rm -f nosuch
	[ -z "$output" ]
	cordon create --network none --name box base true
	run -0 cordon rm -f nosuch box
	[ "$output" = box ]
	run -1 cordon rm nosuch
	[[ "$output" == *"No such container: nosuch"* ]]
}

@test "--replace: the name is taken over; a word that cannot be read costs nobody his container" {
	cordon run -d --network none --name box base sleep 600
	first=$(cordon inspect -f '{{.Id}}' box)
	run -125 cordon run -d --replace --ulimit nosuch=1 --name box base sleep 600
	run -125 cordon run -d --replace --restart always --name box base sleep 600
	[ "$(cordon inspect -f '{{.Id}} {{.State.Running}}' box)" = "$first true" ]
	cordon run -d --replace --network none --name box base sleep 600
	[ "$(cordon inspect -f '{{.Id}}' box)" != "$first" ]
	[ "$(cordon ps -aq | wc -l)" = 1 ]
	# a part of an id is no name
	cordon create --replace --network none --name "${first:0:4}" base true
	[ "$(cordon ps -aq | wc -l)" = 2 ]
	cordon rm -f "${first:0:4}"
	run -125 cordon run --replace --network none base true
	[[ "$output" == *"--name"* ]]
}

@test "exec -w: a folder that is not there is an error, and is not made" {
	cordon run -d --network none --name box base sleep 600
	run -126 cordon exec -w /no/such/folder box pwd
	[[ "$output" == *"/no/such/folder"* ]]
	run ! cordon exec box ls -d /no
	[ "$(cordon exec -w /etc box pwd)" = /etc ]
}

@test "--init: its process shows nothing of what the engine was called with" {
	run -0 confined --init -e SECRET=hunter2 -v "$GROUND:/mnt" base sh -c 'tr "\\0" " " </proc/1/cmdline; cat /proc/1/comm /proc/1/environ 2>&1; true'
	[[ "$output" == cordon-init* ]]
	[[ "$output" != *hunter2* && "$output" != *"$GROUND"* && "$output" != *run* ]]
}

@test "options of the other commands that are not here say why, too" {
	cordon run -d --network none --name box base sleep 60
	while read -r words; do
		# shellcheck disable=SC2086
		run cordon $words
		[ "$status" != 0 ]
		refused "$status" "is not offered"
	done <<-END
		exec -l true
		exec --preserve-fds 1 box true
		attach --latest
		top --latest
		port --all
		diff --latest
		inspect --latest
		inspect -s box
		logs --latest
		logs --details box
		logs --names box
		logs --color box
		ps --external
		ps --ns
		ps --pod
		ps --sort names
		ps --sync
		ps --watch 1
		rm --depend box
		rm --link box
		start --checkpoint x box
		start --checkpoint-dir x box
		cp --overwrite x box:/
		volume create -o type=tmpfs x
		volume create --opt type=tmpfs x
		volume create --scope x x
		volume inspect --all
		volume rm --all
		volume rm --time 1 x
		volume ls --cluster
	END
	[ "$(cordon ps -q | wc -l)" = 1 ]
	[ -z "$(cordon volume ls -q)" ]
}

@test "the environment: all of the caller's, proxies, what is taken away" {
	export CALLERS=yes http_proxy=http://proxy:1 PATH_BEFORE=$PATH
	run -0 confined base env
	[[ "$output" != *CALLERS* && "$output" != *proxy* ]]
	run -0 confined --http-proxy base env
	[[ "$output" == *"http_proxy=http://proxy:1"* && "$output" != *CALLERS* ]]
	run -0 confined --env-host -e CALLERS=mine base env
	grep -qx "http_proxy=http://proxy:1" <<<"$output"
	grep -qx CALLERS=mine <<<"$output"
	# beneath what the image and the engine say
	grep -qx PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin <<<"$output"
	grep -qx HOME=/root <<<"$output"
	run -0 confined --unsetenv container --unsetenv HOSTNAME --unsetenv CONT base env
	[[ "$output" != *container=* && "$output" != *HOSTNAME=* && "$output" == *PATH=* ]]
	run -0 confined --unsetenv-all -e A=1 base /bin/env
	[ "$(grep -v ^HOME= <<<"$output")" = A=1 ]
}

@test "--no-hosts, --read-only-tmpfs=false: what the engine puts there by itself is left out" {
	run -0 confined base cat /etc/hosts
	[[ "$output" == *localhost* ]]
	run confined --no-hosts base cat /etc/hosts
	[[ "$output" != *localhost* ]]
	run -125 confined --no-hosts --add-host a:192.0.2.1 base true
	[[ "$output" == *"--add-host"* ]]
	confined --read-only base sh -c 'touch /tmp/x /run/x /var/tmp/x'
	run -1 confined --read-only --read-only-tmpfs=false base touch /tmp/x
	[[ "$output" == *"Read-only file system"* ]]
	# what is asked for by name stays
	confined --read-only --read-only-tmpfs=false --tmpfs /tmp base touch /tmp/x
}

@test "cordon container lists every member once" {
	run -0 cordon container
	members=$(awk '/^  [a-z]/ { print $1 }' <<<"$output")
	[ "$(sort <<<"$members")" = "$(sort -u <<<"$members")" ]
	for member in $members; do cordon container "$member" --help >/dev/null; done
	for member in run exec ps rm inspect prune; do grep -qx $member <<<"$members"; done
}

@test "ps and volume ls without the line of names" {
	cordon create --network none --name box base true
	[ "$(cordon ps -a --noheading | wc -l)" = 1 ]
	cordon volume create -l a=b held
	[ "$(cordon volume ls --noheading | xargs)" = "local held" ]
	cordon volume rm held
}
