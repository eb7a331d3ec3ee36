# gcc: programs compiled, linked in every way, run, and made by two jobs at once; what a debugger would ask for.
set -eu
say() { printf '%s: %s\n' "$1" "$2"; }
mkdir -p /tmp/c
cd /tmp/c
for n in $(seq 8); do
	printf '#include <math.h>\nlong part%d(long n) { long s = 0; for (long i = 1; i <= n; i++) s += i %% %d; return s; }\n' "$n" "$n" >"part$n.c"
done
cat >main.c <<'C'
#include <pthread.h>
#include <stdio.h>
#define PARTS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#define DECLARE(n) long part##n(long);
#define NAME(n) part##n,
PARTS(DECLARE)
static long (*const parts[])(long) = {PARTS(NAME)};
static long results[8];
static void *work(void *place)
{
	results[(long)place] = parts[(long)place](100000);
	return NULL;
}
int main(void)
{
	pthread_t threads[8];
	long sum = 0;
	for (long i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (long i = 0; i < 8; i++)
		pthread_join(threads[i], NULL), sum += results[i];
	printf("%ld\n", sum);
	return sum != 1400000;
}
C
cat >Makefile <<'M'
objects = $(patsubst %,part%.o,1 2 3 4 5 6 7 8) main.o
all: dynamic static shared lto
%.o: %.c ; gcc -O2 -fPIC -c -o $@ $<
dynamic: $(objects) ; gcc -o $@ $^ -pthread
static: $(objects) ; gcc -static -o $@ $^ -pthread
libparts.so: $(filter part%,$(objects)) ; gcc -shared -o $@ $^
shared: libparts.so main.o ; gcc -o $@ main.o -L. -lparts -Wl,-rpath,/tmp/c -pthread
lto: main.c ; gcc -flto=2 -O2 -o $@ main.c part*.c -pthread
M
make -s -j2
for kind in dynamic static shared lto; do say "$kind" "$(./$kind)"; done
say again "$(make -q && echo "nothing to do")"
echo 'int main(void) { return undeclared; }' >bad.c
gcc bad.c 2>bad.log && status=0 || status=$?
say error "$status $(grep -c undeclared bad.log)"
printf '#include <stdlib.h>\nint main(void) { abort(); }\n' | gcc -xc -o ends - && ./ends 2>/dev/null && status=0 || status=$?
say abort "$status"

# AddressSanitizer finds what it is for; its leak check traces its own process, which ptrace(2) would do.
printf '#include <stdlib.h>\nint main(int n, char **v) { char *p = malloc(8); free(p); return n > 1 ? p[0] : 0; }\n' >san.c
gcc -g -fsanitize=address,undefined -o san san.c
ASAN_OPTIONS=detect_leaks=0 ./san && say sanitized $?
ASAN_OPTIONS=detect_leaks=0 ./san x 2>san.log && status=0 || status=$?
say found "$status $(grep -c 'ERROR: AddressSanitizer: heap-use-after-free' san.log)"
./san >leak.log 2>&1 && status=0 || status=$?
say leaks "$status $(grep -oE 'does not work under ptrace|fatal error' leak.log | head -1)"
gcc -g -fsanitize=thread -pthread -o tsan main.c part*.c
say tsan "$(./tsan 2>&1)"
cat >trace.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>
int main(void)
{
	long word;
	struct iovec place = {&word, sizeof word};
	long seen = process_vm_readv(getpid(), &place, 1, &(struct iovec){&place, 8}, 1, 0);
	printf("readv: %s\n", seen < 0 ? strerror(errno) : "done");
	long traced = ptrace(PTRACE_TRACEME, 0, 0, 0);
	printf("traceme: %s\n", traced ? strerror(errno) : "done");
}
C
gcc -o trace trace.c && ./trace
