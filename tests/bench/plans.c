/*
 * plans: what the profile of a launch costs: compiled, and from the plan cache.
 *
 *	plans PROFILES [ROUNDS]
 *
 * PROFILES is the folder of cordon's own profiles. A round asks for each of these in turn; what is
 * printed are medians of processor time. "In a new process" is what a launch sees: the program
 *starts itself and asks once, when nothing of it was touched before.
 */
#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/bench/anew.h"
#include "tests/bench/clock.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ROUNDS = 40, ROUNDS_MAX = 1000, AGAIN = 20 };

struct row {
	const char *name, *given, *reference;
	bool cached, anew; /* anew: in a new process */
	double most;       /* goal in microseconds, 0: none */
};

static const struct row rows[] = {
	{ "default by name, compiled and proven", "default", NULL, false, false, 5000 },
	{ "default by name, from the cache", "default", NULL, true, false, 20 },
	{ "an image without a profile of its own", NULL, "localhost/app:1", true, false, 20 },
	{ "an image with one (nginx)", NULL, "docker.io/library/nginx:1", true, false, 20 },
	{ "default by name, in a new process", "default", NULL, true, true, 0 },
	{ "... compiled and proven there", "default", NULL, false, true, 5000 },
	{ "an image without one, in a new process", NULL, "localhost/app:1", true, true, 0 },
};

static char folder[] = "/tmp/cordon-plans-XXXXXX";

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "plans: %s\n", what);
	exit(1);
}

/* What the kernel takes for the questions of a row, with nothing done about the answers: the entry,
 * two folders and a ceiling that are not there, the profile; by image, the others of the folder and
 * itself. */
static double ask_bare(const char *profiles, const struct row *row)
{
	static char bytes[1 << 14];
	char file[4096];
	int files = row->reference == NULL ? 1 : 7;
	struct stat status;
	uint64_t start;
	int sum = 0, fd;

	snprintf(file, sizeof file, "%s/default.json", profiles);
	start = clock_now();
	fd = open(file, O_RDONLY | O_CLOEXEC);
	sum += fstat(fd, &status);
	sum += read(fd, bytes, sizeof bytes) > 0 && close(fd) == 0;
	for (int i = 0; i < 3; i++)
		sum += access("/nowhere/user/default.json", F_OK);
	for (int i = 0; i < files; i++)
		sum += stat(i == 1 ? profiles : file, &status);
	if (sum != 1 - 3)
		die("the kernel does not answer as it should");
	return clock_since(start);
}

static bool is_bare(const struct row *row)
{
	return row->cached && !row->anew;
}

static double ask(const struct paths *paths, const struct row *row, bool *hit)
{
	static const struct host host = {
		.release = "6.18.0",
		.kernel = 6 << 16 | 18,
		.audit_arch = AUDIT_ARCH_X86_64,
		.landlock_abi = 7,
		.seccomp_filter = true,
		.seccomp_kill_process = true,
		.user_namespaces = true,
		.capability_last = 40,
	};
	static const struct policy_flags none;
	const struct profile_request request = { .paths = paths,
		                                 .host = &host,
		                                 .ceiling = "/nowhere",
		                                 .given = row->given,
		                                 .reference = row->reference,
		                                 .flags = &none };
	_cleanup_arena struct arena arena = {};
	struct confinement confinement;
	struct error err = {};
	uint64_t start = clock_now();

	if (profile_confinement(&confinement, hit, &arena, &request, &err) < 0)
		die(err.text);
	return clock_since(start);
}

static struct paths make_paths(const char *profiles, const char *cache)
{
	return (struct paths){ .cache = cache,
		               .profiles = { "/nowhere/user", "/nowhere/admin", profiles } };
}

static void forget(void)
{
	char path[sizeof folder + sizeof "/plans"];
	struct error err;

	snprintf(path, sizeof path, "%s/plans", folder);
	if (access(path, F_OK) == 0 && io_remove_tree(AT_FDCWD, path, &err) < 0)
		die(err.text);
}

/* `plans --once PROFILES CACHE ROW` writes the time of one. */
static double ask_anew(const char *profiles, size_t row)
{
	char number[8];
	const char *const words[] = { "plans", "--once", profiles, folder, number, NULL };
	double time;

	snprintf(number, sizeof number, "%zu", row);
	if (anew_ask(&time, sizeof time, words) < 0)
		die("a new process did not answer");
	return time;
}

static int answer_once(char **words)
{
	const struct paths paths = make_paths(words[2], words[3]);
	bool hit = false;
	double time = ask(&paths, &rows[atoi(words[4])], &hit);

	if (hit != rows[atoi(words[4])].cached)
		die("from the cache, or not, and should be otherwise");
	return write(STDOUT_FILENO, &time, sizeof time) != sizeof time;
}

static double measure(const char *profiles, size_t index)
{
	const struct paths paths = make_paths(profiles, folder);
	const struct row *row = &rows[index];
	double time, sum = 0;
	bool hit;

	if (!row->cached) {
		forget();
		return row->anew ? ask_anew(profiles, index) : ask(&paths, row, &hit);
	}
	if (ask(&paths, row, &hit), row->anew)
		return ask_anew(profiles, index);
	for (unsigned i = 0; i < AGAIN; i++) {
		time = ask(&paths, row, &hit);
		if (!hit)
			die("not from the cache");
		sum += time;
	}
	return sum / AGAIN;
}

int main(int count, char **words)
{
	static double times[ARRAY_SIZE(rows)][ROUNDS_MAX], bare[ARRAY_SIZE(rows)][ROUNDS_MAX];
	unsigned rounds = count > 2 ? (unsigned)atoi(words[2]) : ROUNDS;
	struct error err;

	if (count == 5 && strcmp(words[1], "--once") == 0)
		return answer_once(words);
	if (count < 2 || rounds == 0 || rounds > ROUNDS_MAX || mkdtemp(folder) == NULL)
		die("usage: plans PROFILES [ROUNDS]");
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			times[i][round] = measure(words[1], i);
			for (unsigned j = 0; is_bare(&rows[i]) && j < AGAIN; j++)
				bare[i][round] += ask_bare(words[1], &rows[i]) / AGAIN;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double median = clock_median(times[i], rounds);

		printf("%-42s %9.1f us", rows[i].name, median);
		if (rows[i].most > 0)
			printf("  %s, goal %.0f",
			       clock_verdict(median, rows[i].most, clock_median(bare[i], rounds)),
			       rows[i].most);
		if (is_bare(&rows[i]))
			printf("; its questions to the kernel alone %.1f",
			       clock_median(bare[i], rounds));
		putchar('\n');
	}
	return io_remove_tree(AT_FDCWD, folder, &err) < 0;
}
