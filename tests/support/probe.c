/*
 * probe: says from inside a container what a process there is and may do. A static program.
 *
 *	probe status            credentials, the five capability sets, NoNewPrivs, Seccomp,
 *securebits probe fds               open descriptors and what they are probe env               the
 *environment, as it came probe limits            every rlimit, soft and hard probe landlock the
 *kernel's Landlock ABI as seen from here probe calls             names of the system calls it knows
 *	probe call NAME [ARG]...  makes the call and prints "NAME: ok", the errno's name, or the
 *signal; NAME may be "all", a number, i386:NUMBER or x32:NUMBER probe open PATH...      "PATH
 *read=... write=..." by opening, without reading or writing
 *
 * Every system call is made in a child, so a filter that kills kills only that.
 */
#include "tests/support/probe_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The system call, with the kernel's own answer: -errno. */
static long enter_kernel(const struct probe_call *call)
{
	const long *a = call->arguments;
	long result = -ENOSYS;

#if defined(__x86_64__)
	if (call->entry == ENTRY_I386) {
		/* The 32-bit entry, open to 64-bit code as well; it clobbers r8 to r11. */
		__asm__ volatile("int $0x80"
		                 : "=a"(result)
		                 : "a"(call->number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]),
		                   "D"(a[4])
		                 : "memory", "r8", "r9", "r10", "r11");
		return (int)result;
	}
#endif
	result = syscall(call->number | (call->entry == ENTRY_X32 ? 0x40000000 : 0), a[0], a[1],
	                 a[2], a[3], a[4], a[5]);
	return result == -1 ? -errno : result;
}

/* In the child: makes the call and hands the answer on. */
static void answer(const struct probe_call *call, int pipe_end)
{
	pid_t self = getpid();
	long result = enter_kernel(call);

	/* A clone that worked: the child of the child only ends. */
	if (getpid() != self || (call->number == SYS_clone && result == 0))
		_exit(0);
	if (write(pipe_end, &result, sizeof result) != sizeof result)
		_exit(1);
	_exit(0);
}

static void print_answer(const char *name, long result, bool answered, int status)
{
	const char *error = answered && result < 0 ? strerrorname_np((int)-result) : NULL;

	if (!answered && WIFSIGNALED(status))
		printf("%s: signal %d\n", name, WTERMSIG(status));
	else if (!answered)
		printf("%s: no answer\n", name);
	else if (result >= 0)
		printf("%s: ok\n", name);
	else if (error != NULL)
		printf("%s: %s\n", name, error);
	else
		printf("%s: errno %ld\n", name, -result);
}

static int make_call(const struct probe_call *call)
{
	int ends[2], status = 0;
	long result = 0;
	bool answered;
	pid_t child;

	fflush(stdout);
	if (pipe(ends) < 0)
		return 1;
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0)
		answer(call, ends[1]);
	close(ends[1]);
	answered = read(ends[0], &result, sizeof result) == sizeof result;
	close(ends[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	print_answer(call->name, result, answered, status);
	return 0;
}

/* A call by number: "165", "i386:21", "x32:520". */
static bool parse_number(struct probe_call *ret, const char *name)
{
	char *end;

	*ret = (struct probe_call){ .name = name };
	if (strncmp(name, "i386:", 5) == 0) {
		ret->entry = ENTRY_I386;
		name += 5;
	} else if (strncmp(name, "x32:", 4) == 0) {
		ret->entry = ENTRY_X32;
		name += 4;
	}
	ret->number = strtol(name, &end, 0);
	return end != name && *end == '\0';
}

static int probe_call(int count, char **words)
{
	struct probe_call call;
	bool found = false;

	if (count == 0)
		return 2;
	if (strcmp(words[0], "all") == 0) {
		for (size_t i = 0; i < COUNT(probe_calls); i++)
			if (make_call(&probe_calls[i]) != 0)
				return 1;
		return 0;
	}
	for (size_t i = 0; i < COUNT(probe_calls) && !found; i++) {
		found = strcmp(probe_calls[i].name, words[0]) == 0;
		call = probe_calls[i];
	}
	if (!found && !parse_number(&call, words[0])) {
		fprintf(stderr, "probe: no call named %s\n", words[0]);
		return 2;
	}
	for (int i = 1; i < count && i <= 6; i++)
		call.arguments[i - 1] = (long)strtoull(words[i], NULL, 0);
	return make_call(&call);
}

static int probe_calls_list(int count, char **words)
{
	(void)count, (void)words;
	for (size_t i = 0; i < COUNT(probe_calls); i++)
		puts(probe_calls[i].name);
	return 0;
}

static int probe_status(int count, char **words)
{
	static const char *const wanted[] = { "Uid:",    "Gid:",    "Groups:", "CapInh:",
		                              "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:",
		                              "Seccomp", "NoNew",   "NSpid:" };
	FILE *file = fopen("/proc/self/status", "re");
	char line[4096];

	(void)count, (void)words;
	if (file == NULL)
		return 1;
	while (fgets(line, sizeof line, file) != NULL)
		for (size_t i = 0; i < COUNT(wanted); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				fputs(line, stdout);
	fclose(file);
	printf("Securebits:\t%d\nDumpable:\t%d\n", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0),
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	return 0;
}

static int probe_fds(int count, char **words)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[4096];

	(void)count, (void)words;
	if (folder == NULL)
		return 1;
	while ((entry = readdir(folder)) != NULL) {
		ssize_t length;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder))
			continue;
		length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
		target[length < 0 ? 0 : length] = '\0';
		printf("%s %s\n", entry->d_name, target);
	}
	closedir(folder);
	return 0;
}

static int probe_env(int count, char **words)
{
	(void)count, (void)words;
	for (char **variable = environ; *variable != NULL; variable++)
		puts(*variable);
	return 0;
}

static int probe_limits(int count, char **words)
{
	static const char *const names[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
		[RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
		[RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
		[RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
		[RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
		[RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
		[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
		[RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
	};
	struct rlimit limit;

	(void)count, (void)words;
	for (size_t i = 0; i < COUNT(names); i++)
		if (getrlimit((int)i, &limit) == 0)
			printf("%s %lld %lld\n", names[i], (long long)limit.rlim_cur,
			       (long long)limit.rlim_max);
	return 0;
}

static int probe_landlock(int count, char **words)
{
	long abi = syscall(444, NULL, 0, 1);

	(void)count, (void)words;
	if (abi < 0)
		printf("none %s\n", strerrorname_np(errno));
	else
		printf("%ld\n", abi);
	return 0;
}

static const char *try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return strerrorname_np(errno);
	close(fd);
	return "ok";
}

static int probe_open(int count, char **words)
{
	for (int i = 0; i < count; i++)
		printf("%s read=%s write=%s\n", words[i], try_open(words[i], O_RDONLY),
		       try_open(words[i], O_WRONLY));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int count, char **words);
} commands[] = {
	{ "status", probe_status }, { "fds", probe_fds },           { "env", probe_env },
	{ "limits", probe_limits }, { "landlock", probe_landlock }, { "calls", probe_calls_list },
	{ "call", probe_call },     { "open", probe_open },
};

int main(int count, char **words)
{
	for (size_t i = 0; count > 1 && i < COUNT(commands); i++)
		if (strcmp(words[1], commands[i].name) == 0)
			return commands[i].run(count - 2, words + 2);
	fprintf(stderr, "usage: probe status|fds|env|limits|landlock|calls|call NAME|open PATH\n");
	return 2;
}
