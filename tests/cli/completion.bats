#!/usr/bin/env bats
# What zsh and fish offer by the scripts that are made from the tables. (bash: start.bats.)
load helper

setup_file() {
	ground_make
	export HOME=$GROUND/home
	mkdir "$HOME"
	cordon create --network none --name mybox base true >/dev/null
	cordon volume create held >/dev/null
}
teardown_file() { ground_clear; }

# fish WORDS: what fish offers for the last word of the line, without the meanings, sorted.
fish_offers() {
	# shellcheck disable=SC2016
	PATH="$(dirname "$CORDON"):$PATH" timeout 60 fish --no-config -c 'cordon completion fish | source; complete -C "$argv[1]"' -- "$1" |
		cut -f1 | LC_ALL=C sort
}

# zsh_makes LINE...: each line as it is after zsh was asked to complete it, in a terminal.
zsh_makes() {
	PATH="$(dirname "$CORDON"):$PATH" timeout 120 python3 - "$GROUND/typed" "$@" <<-'END'
		import os, pty, select, sys, time
		answers, lines = sys.argv[1], sys.argv[2:]
		child, terminal = pty.fork()
		if child == 0:
		    os.execvp("zsh", ["zsh", "-f", "-i"])
		def drain():
		    while select.select([terminal], [], [], 0.05)[0]:
		        os.read(terminal, 65536)
		def lines_there(count):
		    end = time.monotonic() + 30
		    while time.monotonic() < end:
		        drain()
		        if os.path.exists(answers) and open(answers).read().count("\n") >= count:
		            return
		    sys.exit("zsh did not answer")
		open(answers, "w").close()
		os.write(terminal, f"""autoload -Uz compinit; compinit -D -u; source <(cordon completion zsh)
		tell() {{ print -r -- "$BUFFER" >>{answers}; BUFFER= }}; zle -N tell; bindkey '^T' tell; unsetopt automenu; setopt nobeep
		print ready >>{answers}
		""".replace("\n\t\t", "\n").encode())
		lines_there(1)
		for number, line in enumerate(lines):
		    os.write(terminal, line.encode() + b"\t\x14")
		    lines_there(number + 2)
		os.close(terminal)
		print("".join(open(answers).readlines()[1:]), end="")
	END
}

@test "fish: commands, families and their members, options, names of what there is" {
	[ -n "$(command -v fish)" ] || skip "no fish"
	[ "$(fish_offers 'cordon vol')" = volume ]
	[ "$(fish_offers 'cordon volume ' | xargs)" = "create inspect list ls prune remove rm" ]
	[ "$(fish_offers 'cordon stop --sig')" = --signal ]
	[ "$(fish_offers 'cordon run --cap-')" = $'--cap-add\n--cap-drop' ]
	for words in rm stop logs "container wait" exec inspect; do
		[ "$(fish_offers "cordon $words myb")" = mybox ] || { echo "$words"; false; }
	done
	[ "$(fish_offers 'cordon volume rm he')" = held ]
	[ "$(fish_offers 'cordon run localhost/b')" = localhost/base:latest ]
	[ "$(fish_offers 'cordon completion ' | xargs)" = "bash fish zsh" ]
	# a file where the table says FILE, and none of it elsewhere
	touch "$GROUND/only-here"
	[ "$(fish_offers "cordon run --cidfile $GROUND/only-h")" = "$GROUND/only-here" ]
	[ -z "$(fish_offers "cordon rm $GROUND/only-h")" ]
	# with what they mean
	PATH="$(dirname "$CORDON"):$PATH" run -0 fish --no-config -c 'cordon completion fish | source; complete -C "cordon paus"'
	[ "$output" = $'pause\tMake all processes of containers stand still' ]
}

@test "zsh: commands, families and their members, options, names of what there is" {
	[ -n "$(command -v zsh)" ] || skip "no zsh"
	run -0 zsh_makes "cordon vol" "cordon volume ins" "cordon stop --sig" "cordon run --cap-a" "cordon rm myb" \
		"cordon container wait myb" "cordon exec myb" "cordon volume rm he" "cordon run localhost/b" "cordon completion zs" \
		"cordon --vers" "cordon cp $GROUND/bas" "cordon policy expl"
	[ "${lines[0]}" = "cordon volume " ]
	[ "${lines[1]}" = "cordon volume inspect " ]
	[ "${lines[2]}" = "cordon stop --signal " ]
	[ "${lines[3]}" = "cordon run --cap-add " ]
	[ "${lines[4]}" = "cordon rm mybox " ]
	[ "${lines[5]}" = "cordon container wait mybox " ]
	[ "${lines[6]}" = "cordon exec mybox " ]
	[ "${lines[7]}" = "cordon volume rm held " ]
	[ "${lines[8]}" = "cordon run localhost/base:latest " ]
	[ "${lines[9]}" = "cordon completion zsh " ]
	[ "${lines[10]}" = "cordon --version " ]
	[[ "${lines[11]}" = "cordon cp $GROUND/base."* ]]
	[ "${lines[12]}" = "cordon policy explain " ]
}

@test "each script is one of its shell, and installed where that looks" {
	local shell
	for shell in bash zsh fish; do
		cordon completion "$shell" >"$GROUND/script"
		[ -z "$(command -v "$shell")" ] || "$shell" -n "$GROUND/script"
	done
	cd "$(dirname "$CORDON")/../share"
	cordon completion bash | cmp - bash-completion/completions/cordon
	cordon completion zsh | cmp - zsh/site-functions/_cordon
	cordon completion fish | cmp - fish/vendor_completions.d/cordon.fish
	run -1 cordon completion tcsh
	[[ "$output" == *"no completion for 'tcsh'"*"bash, zsh and fish"* ]]
}
