#include "runtime/image/platform.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

static const char linux_name[] = "linux";

/* What is called otherwise elsewhere (uname, Debian); the levels that go without saying. */
static const struct alias {
	const char *word, *architecture, *variant;
} aliases[] = {
	{ "x86_64", "amd64", NULL }, { "x86-64", "amd64", NULL }, { "aarch64", "arm64", NULL },
	{ "armhf", "arm", NULL },    { "armel", "arm", "v6" },    { "i386", "386", NULL },
	{ "i486", "386", NULL },     { "i586", "386", NULL },     { "i686", "386", NULL },
};

/* Where none is named; and of how many hundredths. */
static const struct level {
	const char *architecture;
	unsigned implied;
} levels[] = { { "amd64", 100 }, { "arm", 700 }, { "arm64", 800 } };

static const char *const systems[] = { "linux",   "windows", "darwin",  "macos",   "freebsd",
	                               "netbsd",  "openbsd", "solaris", "illumos", "aix",
	                               "android", "plan9",   "wasip1" };

static bool is_system(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++)
		if (strcmp(systems[i], word) == 0)
			return true;
	return false;
}

/* Cuts "a/b/c" into its parts. 0: it is something else. */
static size_t cut(char *parts[3], char *words)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789._-";
	size_t count = 0;

	for (char *at = words; at != NULL; count++) {
		if (count == 3)
			return 0;
		parts[count] = strsep(&at, "/");
		if (parts[count][0] == '\0' || parts[count][strspn(parts[count], known)] != '\0')
			return 0;
	}
	return count;
}

int platform_parse(struct platform *ret, struct arena *arena, const char *words, struct error *err)
{
	char *parts[3] = {};
	size_t count = cut(parts, arena_strdup(arena, words));
	struct platform platform = {};

	if (count == 0) {
		error_set(err, 0, "'%.60s' is no platform", words);
		return error_hint(err, "OS/ARCHITECTURE[/VARIANT], as linux/arm64 or linux/arm/v7");
	}
	if (count > 1 || is_system(parts[0]))
		platform.os = parts[0];
	if (count > 1 || !is_system(parts[0]))
		platform.architecture = parts[count > 1];
	platform.variant = parts[2];
	*ret = platform;
	return 0;
}

static const char *member(const struct value *object, const char *key)
{
	const char *text = value_string(value_get(object, key), NULL);

	return text == NULL || text[0] == '\0' ? NULL : text;
}

struct platform platform_read(const struct value *object)
{
	return (struct platform){ member(object, "os"), member(object, "architecture"),
		                  member(object, "variant") };
}

static void rename_architecture(struct platform *platform)
{
	for (size_t i = 0; platform->architecture != NULL && i < ARRAY_SIZE(aliases); i++)
		if (strcmp(aliases[i].word, platform->architecture) == 0) {
			platform->architecture = aliases[i].architecture;
			if (platform->variant == NULL)
				platform->variant = aliases[i].variant;
			return;
		}
}

void platform_complete(struct platform *platform, const struct host *host)
{
	if (platform->os == NULL)
		platform->os = linux_name;
	if (platform->architecture == NULL)
		platform->architecture = host->audit_arch == AUDIT_ARCH_AARCH64 ? "arm64" : "amd64";
	rename_architecture(platform);
}

bool platform_is_said(const struct platform *platform)
{
	return platform->os != NULL || platform->architecture != NULL || platform->variant != NULL;
}

/* "v7" is 700, "v8.2" 802; nothing is what goes without saying. 0: it is no level. */
static unsigned level_of(const struct platform *platform)
{
	const char *variant = platform->variant == NULL ? "" : platform->variant;
	unsigned long whole, part = 0;
	char *end;

	for (size_t i = 0; variant[0] == '\0' && i < ARRAY_SIZE(levels); i++)
		if (strcmp(levels[i].architecture, platform->architecture) == 0)
			return levels[i].implied;
	if (variant[0] != 'v' || variant[1] < '0' || variant[1] > '9')
		return 0;
	whole = strtoul(variant + 1, &end, 10);
	if (*end == '.' && end[1] >= '0' && end[1] <= '9')
		part = strtoul(end + 1, &end, 10);
	return *end != '\0' || whole > 99 || part > 99 ? 0 : (unsigned)(whole * 100 + part);
}

unsigned platform_fitness(const struct platform *wanted, const struct platform *offered)
{
	struct platform other = *offered;
	unsigned most, level;

	if (other.os == NULL && other.architecture == NULL)
		return 1;
	rename_architecture(&other);
	if (!text_equal(other.os, wanted->os) ||
	    !text_equal(other.architecture, wanted->architecture))
		return 0;
	most = level_of(wanted);
	level = level_of(&other);
	if (most > 0 && level > 0)
		return level <= most ? 2 + level : 0;
	/* words that say nothing of more or less: the same one, else an image that names none */
	if (text_equal(other.variant, wanted->variant))
		return 3;
	return other.variant == NULL ? 2 : 0;
}

const char *platform_text(struct arena *arena, const struct platform *platform)
{
	return arena_printf(arena, "%s/%s%s%s", platform->os == NULL ? "?" : platform->os,
	                    platform->architecture == NULL ? "?" : platform->architecture,
	                    platform->variant == NULL ? "" : "/",
	                    platform->variant == NULL ? "" : platform->variant);
}
