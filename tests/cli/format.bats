# --format, as Docker's scripts write it, on a container and an image that are there; and errors
# before anything is printed, also where there is nothing to print.
load helper

setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	mkdir "$GROUND/shared"
	cordon create --network none --name box -l tier=front -l "org.example.a.b=dotted" -e A=b \
		-v "$GROUND/shared:/data:ro" base sh -c 'sleep 5' >"$GROUND/box.id"
}
teardown_file() { ground_clear; }

# shows OBJECT TEMPLATE EXPECTED
shows() {
	run -0 --separate-stderr cordon inspect --format "$2" "$1"
	[ "$output" = "$3" ] || { echo "$2: '$output', not '$3'"; return 1; }
}

@test "inspect: the templates of Docker's documentation" {
	shows box '{{range .Mounts}}{{.Source}}:{{.Destination}} {{end}}' "$GROUND/shared:/data "
	shows box '{{index .Config.Labels "org.example.a.b"}}' dotted
	shows box '{{index .Config.Labels "none"}}' ""
	shows box '{{.State.Status | upper}}' CREATED
	shows box '{{if eq .State.Running true}}up{{else}}down{{end}}' down
	shows box '{{join .Args " "}}' "-c sleep 5"
	shows box '{{len .Mounts}}' 1
	shows box '{{printf "%.12s %q %d" .Id .Name .State.ExitCode}}' "$(cut -c1-12 "$GROUND/box.id") \"/box\" 0"
	shows box '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}' "org.example.a.b=dotted tier=front "
	shows box '{{with .State}}{{.Status}}{{end}}{{- /* nothing */ -}}' created
	shows box '{{json .Config.Labels}}' '{"tier":"front","org.example.a.b":"dotted"}'
	shows box '{{range .Config.Env}}{{if eq . "A=b"}}{{.}}{{break}}{{end}}{{end}}' A=b
	shows base '{{json .RepoTags}}' '["localhost/base:latest"]'
	run -0 --separate-stderr cordon inspect --format json box base
	[ "$(python3 -c 'import json, sys; print([x.get("Name") for x in json.load(sys.stdin)])' <<<"$output")" = "['/box', None]" ]
}

@test "ps and images: templates, tables with titles, json a line" {
	run -0 --separate-stderr cordon ps -a --format 'table {{.Names}}\t{{upper .State}}\t{{.Label "tier"}}'
	[ "${lines[0]}" = "NAMES   STATE     tier" ]
	[ "${lines[1]}" = "box     CREATED   front" ]
	run -0 --separate-stderr cordon ps -a --format '{{.ID}}\t{{.Labels}}'
	[ "$output" = "$(cut -c1-12 "$GROUND/box.id")"$'\ttier=front,org.example.a.b=dotted' ]
	run -0 --separate-stderr cordon ps -a --format json
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["Names"])' <<<"$output")" = box ]
	run -0 --separate-stderr cordon ps -a --format '{{json .}}'
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["Names"])' <<<"$output")" = box ]
	run -0 --separate-stderr cordon images --format '{{.Repository}}:{{.Tag}}{{if eq .Tag "latest"}} newest{{end}}'
	[ "$output" = "localhost/base:latest newest" ]
	run -0 --separate-stderr cordon version --format '{{range $k, $v := .Client}}{{if eq $k "Os"}}{{$v}}{{end}}{{end}}'
	[ "$output" = linux ]
	[ "$(cordon version --format '{{.Server.Version}}')" = "$(cordon version --format '{{.Client.Version}}')" ]
	[ "$(cordon info --format '{{.OSType}} {{.Architecture}} {{.NCPU}}')" = "linux $(uname -m) $(getconf _NPROCESSORS_ONLN)" ]
	[ "$(cordon info --format '{{range .SecurityOptions}}{{println .}}{{end}}' | grep -c name=rootless)" = 1 ]
	run -0 --separate-stderr cordon info --format '{{if gt .LandlockABI 0}}{{.Version | len | lt 2}}{{end}}'
	[ "$output" = true ]
}

# refused EXPECTED COMMAND...
refused() {
	local expected=$1
	shift
	run -1 --separate-stderr cordon "$@"
	[ -z "$output" ]
	[[ "$stderr" == *"$expected"* ]] || { echo "$stderr, not $expected"; return 1; }
}

@test "ps --size: what was written, and with the image; only where it is asked for" {
	cordon run --name written --network none base sh -c 'dd if=/dev/zero of=/file bs=1000 count=2000 2>/dev/null'
	run -0 cordon ps -a -s --filter name=written
	[[ "${lines[0]}" == *NAMES*SIZE && "${lines[1]}" =~ written\ +2(\.[0-9]+)?MB\ \(virtual\ [0-9.]+MB\)$ ]] || { echo "$output"; false; }
	run -0 cordon ps -a --filter name=written
	[[ "$output" != *SIZE* && "$output" != *virtual* ]]
	[[ "$(cordon ps -a --filter name=written --format '{{.Size}}')" == 2*MB\ \(virtual\ *MB\) ]]
	cordon create --name later --network none base true
	[ "$(cordon ps --last 1 --format '{{.Names}}')" = later ]
	[ "$(cordon ps -n 2 --format '{{.Names}}' | head -2 | tr '\n' ' ')" = "later written " ]
	[ "$(cordon ps -l --filter name=written --format '{{.Names}}')" = written ]
	run -1 cordon ps -n many
	[[ "$output" == *"--last takes a number, not 'many'"* ]]
	cordon rm written later
}

@test "what is wrong names its column, and nothing is printed" {
	refused "column 3: there is no field .Nmaes" ps -a --format '{{.Nmaes}}'
	refused "column 3: there is no field .Nmaes" ps --filter name=none --format 'table {{.Nmaes}}'
	refused "column 9: there is no function 'frob'" ps --filter name=none --format '{{.ID | frob}}'
	refused "column 11: there is no function 'frob'" inspect --format '{{.Name | frob}}' box
	refused "did you mean .Status?" inspect --format '{{.State.Statsu}}' box
	refused "has no {{end}}" inspect --format '{{if .Name}}x' box
	refused "template is not supported" inspect --format '{{template "x"}}' no-such-container
	refused "there is no field .Nope" images --format '{{.ID}}{{.Nope}}'
	refused "there is no field .Nope" version --format '{{.Nope}}'
}
