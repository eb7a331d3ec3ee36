#!/bin/busybox sh
# busybox: its shell and its programs, each asked for something that has one answer.
set -eu
mkdir -p /tmp/bb/bin /tmp/bb/www
busybox --install -s /tmp/bb/bin
export PATH=/tmp/bb/bin
cd /tmp/bb
say() { printf '%s: %s\n' "$1" "$2"; }
say applets "$(($(ls bin | wc -l) > 200))"
seq 1000 >numbers
say awk "$(awk '{ s += $1 } END { print s }' numbers)"
say text "$(sort -rn numbers | head -n 3 | tr '\n' ' ' | sed 's/ *$//' | cut -d' ' -f2 | rev)"
say sums "$(md5sum numbers | cut -c1-8) $(sha256sum numbers | cut -c1-8)"
tar -czf all.tgz numbers && mkdir out && tar -xzf all.tgz -C out && cmp numbers out/numbers
say tar $?
for pack in gzip bzip2 lzop; do
	$pack -c <numbers | $pack -dc | cmp - numbers && say "$pack" 0 || say "$pack" 1
done
echo numbers | cpio -o -H newc 2>/dev/null | (cd out && rm numbers && cpio -i 2>/dev/null) && cmp numbers out/numbers
say cpio $?
dd if=/dev/zero of=zeros bs=64k count=16 2>/dev/null && truncate -s 4M zeros
say sizes "$(stat -c %s zeros) $(du -k zeros | cut -f1)"
mkfifo pipe && (cat pipe >copy &) && echo through >pipe && sleep 0.2
say fifo "$(cat copy)"
ln -s numbers soft && ln numbers hard && chmod 640 hard && chown 1:2 hard
say links "$(readlink soft) $(stat -c '%h %a %u:%g' numbers)"
say find "$(find . -type f -name 'n*' | sort | xargs -n 1 basename | tr '\n' ' ')"
say jobs "$( (for n in 1 2 3 4; do (sleep 0.1; echo $n) & done; wait) | sort | tr -d '\n')"
trap 'say trap USR1' USR1 && kill -USR1 $$ && trap - USR1
timeout 1 sleep 5 && status=0 || status=$?
say timeout "$status"
say arithmetic "$((6 * 7)) $(expr 6 \* 7) $(echo 6 7 '*' p | dc) $(echo '6*7' | bc)"
echo 'hello from httpd' >www/index.html
printf '#!/tmp/bb/bin/sh\nprintf "Content-type: text/plain\\r\\n\\r\\n"; echo "cgi $REQUEST_METHOD"\n' >run.cgi
mkdir -p www/cgi-bin && mv run.cgi www/cgi-bin/run && chmod 755 www/cgi-bin/run
httpd -p 127.0.0.1:8000 -h www
say httpd "$(wget -qO- http://127.0.0.1:8000/), $(wget -qO- http://127.0.0.1:8000/cgi-bin/run)"
(nc -l -p 9000 >heard & sleep 0.3; echo knock | nc -w 1 127.0.0.1 9000; sleep 0.1) || true
say nc "$(cat heard)"
say setuidgid "$(start-stop-daemon -S -c www-data -x /usr/bin/id -- -un)"
(chroot / /bin/busybox id -un) >whom
say chroot "$(cat whom)"
say ps "$(ps -o pid,comm | grep -c 'httpd')"
syslogd -O /tmp/bb/messages && sleep 0.2 && logger -t here 'a line' && sleep 0.2
say syslog "$(grep -c 'here: a line' messages)"
say memory "$(($(free | awk '/^Mem/ { print $2 }') > 1000)) $(df -P / | wc -l) $(uname -s) $(nproc | grep -c '[0-9]')"
say ionice "$(ionice -c 3 ionice)"
say hexdump "$(hexdump -C numbers | head -n 1 | cut -c11-21)"
denied() { "$@" >denied.log 2>&1 && echo "done" || sed -n '$s/.*: //p' denied.log; }
say mount "$(denied mount -t tmpfs none /tmp/bb/out)"
say unshare "$(denied unshare -r true)"
say ping "$(denied ping -c 1 127.0.0.1)"
say date "$(denied date -s 2020-01-01) $(($(date +%Y) > 2020))"
say hostname "$(denied hostname other)"
say dmesg "$(denied dmesg)"
say mknod "$(denied mknod disk b 8 0)"
