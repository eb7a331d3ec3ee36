#include "tests/support/their_calls.h"

#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { X32_BIT = 0x40000000 };

/* Calls that have two doors on one of them are for test_dialect_theirs.c. */
static bool has_doors(int call)
{
	const char *const words[] = { "sock",        "sem",      "msg",    "shm",     "send",
		                      "recv",        "accept",   "bind",   "connect", "listen",
		                      "getpeername", "shutdown", "getsock" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(syscall_name(call), words[i]) != NULL)
			return true;
	return false;
}

void their_calls(struct their_calls *ret, const struct their_world *world)
{
	ret->count = 0;
	for (size_t place = 0; place < syscall_count_in(world->arches[0]); place++) {
		int call = syscall_at(world->arches[0], place);

		if (their_call(world, call) && !has_doors(call))
			ret->numbers[ret->count++] =
			        (uint32_t)syscall_number(world->arches[0], call);
	}
}

/* A random set's numbers, which are below 301, become those of calls that are known. */
void their_calls_name(struct rule_set *set, const struct their_calls *known)
{
	size_t least = 0;

	for (size_t i = 0; i < set->count; i++) {
		size_t place = set->calls[i].number * (known->count - SET_CALLS) / 301;

		place = place < least ? least : place;
		set->calls[i].number = known->numbers[place];
		least = place + 1;
	}
}

static int compare_calls(const void *a, const void *b)
{
	const struct set_call *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

/* Registers of 32 bits are compared so; so are those of x32, by them. */
void rule_set_translate(struct rule_set *set, enum arch from, enum arch to)
{
	bool half = arch_is_32bit(to) || to == ARCH_X32;

	for (size_t i = 0; i < set->count; i++) {
		int call = syscall_from_number(from, set->calls[i].number);

		set->calls[i].number =
		        (uint32_t)syscall_number(to, call) | (to == ARCH_X32 ? X32_BIT : 0);
		for (size_t j = 0; j < set->calls[i].count; j++)
			for (size_t k = 0; k < set->calls[i].rules[j].count; k++)
				set->calls[i].rules[j].conditions[k].is_32bit = half;
	}
	qsort(set->calls, set->count, sizeof set->calls[0], compare_calls);
}
