# prune and df: what nobody needs goes, what somebody needs stays, and the sums are right.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() {
	local name
	for name in $(cordon ps -aq); do cordon rm -f "$name" >/dev/null 2>&1 || true; done
	cordon volume prune -af >/dev/null 2>&1 || true
	cordon image prune -f >/dev/null 2>&1 || true
}

# dangling: an image without a name; its id.
dangling() {
	cordon import -c "ENV N=$1" "$GROUND/base.tar" gone | cut -c8-
	cordon untag gone
}

@test "asks first, as Docker does; without an answer nothing happens" {
	cordon create --name box --network none base true >/dev/null
	run -1 --separate-stderr cordon container prune </dev/null
	[[ "$output" == "WARNING! This will remove all stopped containers."*"Are you sure you want to continue? [y/N] "* ]]
	[[ "$stderr" == *"container prune has been cancelled"* ]]
	run -1 cordon container prune <<<"n"
	run -1 cordon container prune <<<"yes"
	[ "$(cordon ps -a --format '{{.Names}}')" = box ]
	run -0 cordon container prune <<<"y"
	[[ "$output" == *"Deleted Containers:"*"Total reclaimed space: 0B" ]]
	[ -z "$(cordon ps -aq)" ]
	run -1 cordon image prune </dev/null
	[[ "$output" == *"all dangling images."* ]]
	run -1 cordon image prune -a </dev/null
	[[ "$output" == *"without at least one container associated"* ]]
	run -1 cordon volume prune </dev/null
	[[ "$output" == *"anonymous local volumes"* ]]
	run -1 cordon system prune --volumes </dev/null
	[[ "$output" == *"- all stopped containers"*"- all anonymous volumes"*"- all dangling images"* ]]
}

@test "container prune: not those that run; filters; the room they took" {
	cordon run -d --name runs --network none base sleep 600 >/dev/null
	cordon run --name ended --network none base sh -c 'head -c 100000 /dev/zero >/file; mkdir -m 700 /secret; head -c 23456 /dev/zero >/secret/file; chown -R 1000 /secret'
	cordon create --name kept --label keep --network none base true >/dev/null
	run -0 cordon container prune -f --filter until=1h
	[ "$output" = "Total reclaimed space: 0B" ]
	run -0 cordon container prune -f --filter label=nothing
	[ "$output" = "Total reclaimed space: 0B" ]
	id=$(cordon inspect --format '{{.Id}}' ended)
	run -0 cordon container prune -f --filter 'label!=keep'
	[ "$output" = $'Deleted Containers:\n'"$id"$'\n\nTotal reclaimed space: 123kB' ]
	[ "$(cordon ps -a --format '{{.Names}}' | sort | tr '\n' ' ')" = "kept runs " ]
	run -1 cordon container prune -f --filter colour=red
	run -1 cordon container prune -f --filter until=whenever
}

@test "image prune: nameless ones; -a also named ones; never what a container was made from" {
	first=$(dangling 1)
	second=$(dangling 2)
	cordon create --name box --network none "$second" true >/dev/null
	run -0 cordon image prune -f --filter until=1h
	[[ "$output" == "Total reclaimed space: 0B" ]]
	run -0 cordon image prune -f
	[[ "$output" == *"deleted: sha256:$first"*"Total reclaimed space: "* && "$output" != *"$second"* ]]
	# its layer is base's, too: only a config and a manifest went
	[[ "${lines[-1]}" =~ :\ [0-9.]+k?B$ ]]
	cordon run --rm --network none base true
	cordon import -c 'ENV N=3' -c 'LABEL keep=yes' "$GROUND/base.tar" labelled >/dev/null
	run -0 cordon image prune -af --filter 'label!=keep=yes'
	[[ "$output" == *"untagged: localhost/base:latest"* ]]
	[ "$(cordon images --format '{{.Repository}}')" = $'localhost/labelled\n<none>' ]
	[ "$(cordon start -a box; echo $?)" = 0 ]
	run -0 cordon system prune -af
	[[ "$output" == *"Deleted Containers:"*"Deleted Images:"*"untagged: localhost/labelled:latest"*"Total reclaimed space: "*MB ]]
	[ -z "$(cordon images -q)" ]
	[ -z "$(ls "$XDG_DATA_HOME/cordon/layers" "$XDG_DATA_HOME/cordon/images/blobs/sha256" "$XDG_DATA_HOME/cordon/records" | grep -v :)" ]
	cordon import "$GROUND/base.tar" base >/dev/null
}

@test "what a pull has left half: a week later it goes, and with image prune at once" {
	local partial=$XDG_DATA_HOME/cordon/partial old young
	old=$(printf %064d 1) young=$(printf %064d 2)
	mkdir -p "$partial"
	head -c 5000 /dev/zero >"$partial/$old"
	: >"$partial/$old.lock"
	touch -d '8 days ago' "$partial/$old" "$partial/$old.lock"
	ln -s /etc/passwd "$partial/link"
	head -c 7000 /dev/zero >"$partial/$young"
	cordon import -q "$GROUND/base.tar" swept:1 >/dev/null 2>&1 || cordon import "$GROUND/base.tar" swept:1 >/dev/null
	[ ! -e "$partial/$old" ] && [ ! -e "$partial/$old.lock" ]
	[ -e "$partial/$young" ] && [ -L "$partial/link" ] && [ -e /etc/passwd ]
	run -0 cordon image prune -f
	[[ "$output" == *"7kB"* ]]
	[ ! -e "$partial/$young" ]
	rm "$partial/link"
	cordon rmi swept:1 >/dev/null
	cordon system check
}

@test "volume prune: anonymous ones; -a all; never those of a container" {
	cordon volume create named >/dev/null
	cordon volume create --label keep kept >/dev/null
	cordon volume create >"$BATS_TEST_TMPDIR/anonymous"
	cordon create --name box --network none -v /data -v used:/used base true >/dev/null
	run -0 cordon volume prune -f
	[ "$output" = $'Deleted Volumes:\n'"$(cat "$BATS_TEST_TMPDIR/anonymous")"$'\n\nTotal reclaimed space: 0B' ]
	run -0 cordon system prune -f
	[[ "$output" != *Volumes* ]]
	[ "$(cordon volume ls -q | wc -l)" = 4 ]
	cordon create --name box --network none -v used:/used base true >/dev/null
	run -0 cordon volume prune -af --filter 'label!=keep'
	[[ "$output" == *named* && "$output" != *kept* && "$output" != *used* ]]
	[ "$(cordon volume ls -q | tr '\n' ' ')" = "kept used " ]
	run -0 cordon system prune -f --volumes
	[ "$(cordon volume ls -q | tr '\n' ' ')" = "kept used " ]
}

@test "system df: counts, sizes, what could be free" {
	dangling 4
	cordon run --name ended --network none -v data:/data base sh -c 'head -c 100000 /dev/zero >/file; ln /file /again; truncate -s 1G /sparse; head -c 50000 /dev/zero >/data/file'
	cordon volume create other >/dev/null
	run -0 cordon system df
	[[ "${lines[0]}" =~ ^TYPE\ +TOTAL\ +ACTIVE\ +SIZE\ +RECLAIMABLE$ ]]
	[[ "${lines[1]}" =~ ^Images\ +2\ +1\ +[0-9.]+MB\ +[0-9.]+k?B\ \(0%\)$ ]]
	[[ "${lines[2]}" =~ ^Containers\ +1\ +0\ +100kB\ +100kB\ \(100%\)$ ]]
	[[ "${lines[3]}" =~ ^Local\ Volumes\ +2\ +1\ +50(\.0)?kB\ +0B\ \(0%\)$ ]]
	[[ "${lines[4]}" =~ ^Build\ Cache\ +0\ +0\ +0B\ +0B$ ]]
	[ "$(cordon system df --format '{{.Type}}={{.TotalCount}}' | tr '\n' ' ')" = "Images=2 Containers=1 Local Volumes=2 Build Cache=0 " ]
	run -0 cordon system df -v
	[[ "$output" == "Images space usage:"*"UNIQUE SIZE"*"Containers space usage:"*"LOCAL VOLUMES"*"Local Volumes space usage:"*"LINKS"* ]]
	[[ "$(cordon system df -v | grep ' ended$')" =~ base:latest\ .*\ 1\ +100kB\ .*Exited ]]
	[[ "$(cordon system df -v | grep '^data ')" =~ ^data\ +1\ +50(\.0)?kB ]]
	run -1 cordon system df -v --format json
}
