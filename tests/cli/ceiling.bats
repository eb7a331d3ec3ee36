#!/usr/bin/env bats
# A ceiling of the administrator's that comes after a container was made: no start and no exec is wider than it.
#
# /etc/cordon/policy.d is root's. The rows are in a mount namespace in which a folder of their own lies over /etc; there
# only one id is mapped.
load helper

setup_file() {
	ground_make
	mkdir -p "$GROUND/etc/upper/cordon/policy.d" "$GROUND/etc/work"
	# shellcheck disable=SC2016
	timeout 900 unshare -Um --map-current-user --keep-caps bash -c '
		mount -t overlay overlay -o "userxattr,lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc && touch "$1/ready"
		exec 3>&- && exec sleep 900' bash "$GROUND/etc" 3>&- &
	echo $! >"$GROUND/keeper"
	wait_until 20 test -e "$GROUND/etc/ready" || give_up "no user namespace with mounts of its own"
}
teardown_file() {
	kill "$(cat "$GROUND/keeper")"
	ground_clear
}

# under CEILING WORD...: cordon under a ceiling, which is the rest of a profile; "" for none.
under() {
	local ceiling=$1 keeper file=/etc/cordon/policy.d/low.json
	shift
	keeper=$(pgrep -P "$(cat "$GROUND/keeper")")
	[ -z "$ceiling" ] || ceiling="{\"schema\": 1, \"name\": \"low\", $ceiling}"
	# shellcheck disable=SC2016
	timeout --foreground -k 10 "${CORDON_TEST_SECONDS:-60}" nsenter -t "$keeper" -U -m --preserve-credentials bash -c '
		rm -f "$1" && if [ -n "$2" ]; then echo "$2" >"$1"; fi
		shift 2
		exec setpriv --ambient-caps -all --inh-caps -all "$@"' bash "$file" "$ceiling" "$CORDON" "$@"
}

# made NAME [WORD...]: a container that is to say what walls it has, each time it is started.
made() {
	local name=$1
	shift
	under "" create --name "$name" --userns single --network none "$@" base sh -c \
		'grep -E "^(CapBnd|NoNewPrivs|Seccomp)" /proc/self/status; touch /here && echo writable; exec sleep 60' >/dev/null
}

cap() { cordon inspect -f "{{json .Cordon.Enforced.$2}}" "$1"; }

@test "a start gives up what the ceiling takes, says so, and gets it back when that is lifted" {
	made caps --cap-add SYS_PTRACE
	run -0 --separate-stderr under "" start caps
	[ -z "$stderr" ]
	[[ "$(cap caps CapBnd)" == *SYS_PTRACE* ]]
	cordon kill caps >/dev/null
	cordon wait caps >/dev/null
	run -0 --separate-stderr under '"capabilities": ["CHOWN", "KILL"]' start caps
	[[ "$stderr" == *"warning: the ceiling 'low' takes the capability SYS_PTRACE"* ]]
	[ "$(cap caps CapBnd)" = '["CHOWN","KILL"]' ]
	[[ "$(cordon inspect -f '{{json .Cordon.LeftOut}}' caps)" == *"takes the capability SYS_PTRACE"* ]]
	# without the ceiling: what runs stays as it is, and exec is no wider than what runs
	run -0 under "" exec caps grep CapBnd /proc/self/status
	[ "${output##*[[:space:]]}" = 0000000000000021 ]
	cordon kill caps >/dev/null
	cordon wait caps >/dev/null
	run -0 under "" restart caps
	[[ "$(cap caps CapBnd)" == *SYS_PTRACE* ]]
	[[ "$(cordon inspect -f '{{json .Cordon.LeftOut}}' caps)" != *"takes the capability SYS_PTRACE"* ]]
	# a second time from the cache, and by restart
	run -0 --separate-stderr under '"capabilities": ["CHOWN", "KILL"]' restart -t 0 caps
	[[ "$stderr" == *"takes the capability SYS_PTRACE"* ]]
	[ "$(cap caps CapBnd)" = '["CHOWN","KILL"]' ]
	cordon rm -f caps
}

@test "system calls: one that the ceiling denies is denied to what is started, and to exec" {
	local deny='"syscalls": {"default": "allow", "deny": [{"call": ["mkdir", "mkdirat"], "decision": {"errno": "EXDEV"}}]}'
	made calls
	under "" start calls
	run -0 under "" exec calls mkdir /tmp/before
	# a process that is new obeys the ceiling of now, also in a container that was started before
	run -1 under "$deny" exec calls mkdir /tmp/after
	[[ "$output" == *"ross-device"* || "$output" == *"cross-device"* || "$output" == *"Invalid cross"* ]]
	cordon kill calls >/dev/null
	cordon wait calls >/dev/null
	run -0 --separate-stderr under "$deny" start calls
	[[ "$stderr" == *"the ceiling takes system calls, mkdir"* ]]
	run -1 under "" exec calls mkdir /tmp/after
	cordon rm -f calls
}

@test "seccomp unconfined and no_new_privileges=false end at the ceiling" {
	made open --security-opt seccomp=unconfined --security-opt no-new-privileges=false
	under "" start open
	[ "$(cap open Seccomp) $(cap open NoNewPrivs)" = "0 0" ]
	cordon kill open >/dev/null
	cordon wait open >/dev/null
	run -0 under '"no_new_privileges": true, "syscalls": {"default": "allow", "deny": ["ptrace"]}' start open
	[ "$(cap open Seccomp) $(cap open NoNewPrivs)" = "2 1" ]
	cordon rm -f open
}

@test "a root that has become read-only keeps /tmp and /run writable" {
	made root
	run -0 under "" start -a root --sig-proxy=false & local started=$!
	until_log root writable
	under "" exec root touch /one
	cordon kill root >/dev/null
	wait "$started" || true
	cordon wait root >/dev/null
	run -0 --separate-stderr under '"filesystem": {"root": "read-only"}' start root
	[[ "$stderr" == *"takes the writable root"* ]]
	run -1 under "" exec root touch /two
	run -0 under "" exec root sh -c 'touch /tmp/it /run/it /var/tmp/it && test -e /one'
	cordon rm -f root
}

# until_log NAME WORD
until_log() { wait_until 20 logged "$1" "$2"; }
logged() { cordon logs "$1" 2>&1 | grep -q "$2"; }

@test "what a container cannot become any more keeps it from starting, with the way out" {
	made maps
	run -125 under '"idmap": {"mode": "range"}' start maps
	[[ "$output" == *"cannot start container maps: the administrator's ceiling wants another id map"* ]]
	[[ "$output" == *"run it anew"* ]]
	run -125 under '"image_profile": "require"' start maps
	[[ "$output" == *"requires a profile that comes with the image"* ]]
	run -0 under '"image_profile": "accept"' start maps
	cordon rm -f maps
}

@test "a ceiling that cannot be read keeps every start and exec from happening" {
	made broken
	under "" start broken
	run -125 under '"capabilitys": []' exec broken true
	[[ "$output" == *"the administrator's ceiling"*"capabilitys"* ]]
	cordon kill broken >/dev/null
	cordon wait broken >/dev/null
	run -125 under '"capabilitys": []' start broken
	[[ "$output" == *"cannot start container broken: the administrator's ceiling"*"capabilitys"* ]]
	cordon rm -f broken
}
