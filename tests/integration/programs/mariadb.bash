# mariadb: a new cluster, tables of InnoDB and Aria, many clients at once, a dump and its return, kill -9 and
# recovery, an orderly end. The server leaves root as the image's entrypoint makes it do.
set -eu
say() { printf '%s: %s\n' "$1" "$2"; }
ask() { mariadb -S /tmp/sock -NB -e "$1" work; }

start() {
	mariadbd --no-defaults --user=mysql --datadir=/tmp/db --socket=/tmp/sock --port=3306 --bind-address=127.0.0.1 \
		--log-bin=/tmp/db/binary --server-id=1 --innodb-buffer-pool-size=64M --log-error=/tmp/log &
	server=$!
	for _ in $(seq 600); do
		mariadb-admin -S /tmp/sock ping >/dev/null 2>&1 && return
		sleep 0.1
	done
	cat /tmp/log
	return 1
}

mariadb-install-db --no-defaults --user=mysql --datadir=/tmp/db --auth-root-authentication-method=normal \
	--skip-test-db >/tmp/install 2>&1 || { cat /tmp/install; exit 1; }
start
mariadb -S /tmp/sock -e 'create database work; create user t@"127.0.0.1" identified by "t"; grant all on work.* to t@"127.0.0.1"'
ask 'create table n (n int primary key, word varchar(20)) engine=innodb;
	insert into n select seq, concat("word ", seq) from seq_1_to_10000;
	create table a engine=aria as select * from n; create index w on a (word)'
say sum "$(ask 'select sum(n) from n')"
say join "$(ask 'select count(*) from n join a using (word)')"
say tcp "$(mariadb -h 127.0.0.1 -u t -pt -NB -e 'select count(*) from work.n where n % 7 = 0')"
ask 'start transaction; delete from n; rollback'
say rolled "$(ask 'select count(*) from n')"
mariadb-slap -S /tmp/sock --concurrency=16 --number-of-queries=2000 --auto-generate-sql --silent >/dev/null
say slap $?
mariadb-dump -S /tmp/sock work >/tmp/dump && ask 'drop table n; drop table a' && mariadb -S /tmp/sock work </tmp/dump
say restored "$(ask 'select count(*), sum(n) from a' | tr '\t' ' ')"
say user "$(stat -c %U /proc/$server /tmp/db/work/n.ibd | tr '\n' ' ')"
say walls "$(grep -E '^(Seccomp|NoNewPrivs|CapEff):' /proc/$server/status | tr -d '\n\t')"
say threads "$(($(grep -s ^Threads: /proc/$server/status | tr -dc 0-9) > 6))"

ask 'insert into n values (20000, "last")'
kill -9 $server
wait $server || say killed $?
start
say recovered "$(ask 'select word from n where n = 20000')"
say check "$(mariadb-check -S /tmp/sock work | grep -c OK)"
mariadb-admin -S /tmp/sock shutdown
wait $server
say ended $?
