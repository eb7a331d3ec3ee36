# works: what each program of the default profile's world is asked to do, in a container of the image
# "programs" with this folder at /programs; programs.bats checks the answers, and
# tests/profiles/denied.bash what the filter denied meanwhile.

# built SCRIPT: for a program that is compiled first.
built() {
	printf 'cd /tmp && export HOME=/tmp && %s' "$1"
}

collectors="for gc in Serial Parallel G1 Z Shenandoah; do
	java -Xmx128m -XX:+UseNUMA -XX:+Use\${gc}GC Work; echo \"status \$gc: \$?\"; done"

# shellcheck disable=SC2034 # read by who loads this; bats does so in a function
declare -gA works=(
	[apt]="exec bash /programs/apt.bash"
	[mariadb]="exec bash /programs/mariadb.bash"
	[node]="exec node /programs/work.js"
	[java]=$(built "ecj -17 -proc:none -d . /programs/Work.java && $collectors")
	[go]=$(built "go build -o work /programs/work.go && exec ./work")
	[rust]=$(built "rustc -O -o work /programs/work.rs && exec ./work")
	[git]="exec bash /programs/git.bash"
	[gcc]="exec bash /programs/gcc.bash"
	[busybox]="exec busybox sh /programs/busybox.bash"
)
