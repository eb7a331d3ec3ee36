/*
 * pattern: which images a profile is for. '*' is any run of characters ('/' too: "*" + "/nginx" is
 * nginx of every registry), '?' any one. A pattern that names no tag or digest is for all of them.
 */
#include "policy/policy.h"

#include <string.h>

/* Where the name ends and ":TAG" or "@DIGEST" begins. A colon before the last slash is a port. */
static size_t name_length(const char *reference)
{
	size_t digest = strcspn(reference, "@");
	const char *slash = memrchr(reference, '/', digest);
	const char *name = slash == NULL ? reference : slash + 1;
	size_t tag = strcspn(name, ":@");

	return (size_t)(name - reference) + tag;
}

/* Linear in time: only the last '*' is ever tried again. */
static bool matches(const char *pattern, const char *string, size_t length)
{
	const char *end = string + length, *star = NULL, *retry = NULL;

	while (string < end) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = string;
		} else if (*pattern == '?' || (*pattern != '\0' && *pattern == *string)) {
			pattern++;
			string++;
		} else if (star != NULL) {
			pattern = star;
			string = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

bool policy_pattern_matches(const char *pattern, const char *reference)
{
	bool tagged = pattern[name_length(pattern)] != '\0';

	return matches(pattern, reference, tagged ? strlen(reference) : name_length(reference));
}
