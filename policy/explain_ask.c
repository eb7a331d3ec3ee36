/*
 * explain_ask: a question of a person's words.
 */
#include "policy/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 24, CONSTANTS_MAX = 256 };

static bool parse_number(uint64_t *ret, const char *text)
{
	bool negative = text[0] == '-';
	bool hex = text_starts(text + negative, "0x");
	const char *digits = text + negative + (hex ? 2 : 0);
	size_t length = strlen(digits);
	char *end;

	if (length == 0 || length > NUMBER_MAX ||
	    strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != length)
		return false;
	errno = 0;
	*ret = strtoull(digits, &end, hex ? 16 : 10);
	if (negative)
		*ret = -*ret;
	return errno == 0;
}

static int take_call(struct question *ret, const char *call, struct error *err)
{
	uint64_t number;

	ret->call = syscall_find(call);
	if (parse_number(&number, call) && number <= UINT32_MAX) {
		ret->call = syscall_from_number(ret->arch, (uint32_t)number);
		if (ret->call == SYSCALL_UNKNOWN)
			return error_set(err, 0, "no call of %s with the number %s is known",
			                 arch_name(ret->arch), call);
	}
	if (ret->call == SYSCALL_UNKNOWN) {
		const char *nearest = syscall_nearest(call);

		error_set(err, 0, "there is no system call '%.64s'", call);
		return nearest == NULL ? -1 : error_hint(err, "did you mean '%s'?", nearest);
	}
	if (syscall_number(ret->arch, ret->call) < 0)
		return error_set(err, 0, "%s has no call '%s'", arch_name(ret->arch),
		                 syscall_name(ret->call));
	return 0;
}

static int take_value(struct condition *condition, const struct question *question,
                      const char *name, const char *text, struct error *err)
{
	const struct operand operand = { .name = text };
	const char *nearest = constant_nearest(text);
	struct argument_place place;

	if (rule_argument_in(&place, question->arch, question->call, name, err) < 0)
		return -1;
	*condition = (struct condition){
		.argument = place.index,
		.is_32bit = place.bits <= 32,
		.operator= CONDITION_IS,
	};
	if (!parse_number(&condition->value, text) &&
	    !operand_value(&condition->value, question->arch, &operand)) {
		error_set(err, 0, "'%.64s' is no number and no constant of %s", text,
		          arch_name(question->arch));
		return nearest == NULL ? -1 : error_hint(err, "did you mean '%s'?", nearest);
	}
	if (place.bits < 64)
		condition->value &= (UINT64_C(1) << place.bits) - 1;
	return 0;
}

static int take_port(struct question *question, const char *text, struct error *err)
{
	const char *call = syscall_name(question->call);
	uint64_t port;

	if (!text_equal(call, "bind") && !text_equal(call, "connect"))
		return error_set(err, 0, "%s has no port; bind and connect have", call);
	if (!parse_number(&port, text) || port > UINT16_MAX)
		return error_set(err, 0, "'%.64s' is no TCP port", text);
	question->port = (uint16_t)port;
	question->has_port = true;
	return 0;
}

/* "path", or an argument that is a pointer and has got a path. */
static bool names_path(const struct question *question, const char *name, const char *text)
{
	int index = syscall_argument_find_in(question->arch, question->call, name);
	const struct argument *argument =
	        index < 0 ? NULL
	                  : syscall_argument_in(question->arch, question->call, (unsigned)index);

	return (argument == NULL && text_equal(name, "path")) ||
	       (argument != NULL && argument->kind == ARGUMENT_POINTER && text[0] == '/');
}

/* An argument has one value: two of them would be asked of no call at all. */
static bool is_known(const struct question *question, const struct condition *condition)
{
	for (size_t i = 0; i < question->known_count; i++)
		if (question->known[i].argument == condition->argument)
			return true;
	return false;
}

static int take_argument(struct question *question, struct arena *arena, const char *word,
                         struct error *err)
{
	const char *equals = strchr(word, '='), *name;

	if (equals == NULL || equals == word)
		return error_set(err, 0, "'%.64s' is not ARGUMENT=VALUE", word);
	name = arena_text(arena, word, (size_t)(equals - word));
	if (text_equal(name, "port") &&
	    syscall_argument_find_in(question->arch, question->call, name) < 0)
		return take_port(question, equals + 1, err);
	if (names_path(question, name, equals + 1)) {
		if (equals[1] != '/')
			return error_set(err, 0, "a path begins with '/', unlike '%.64s'",
			                 equals + 1);
		question->path = equals + 1;
		return 0;
	}
	if (question->known_count == QUESTION_ARGUMENTS)
		return error_set(err, 0, "a call has %d arguments at most", QUESTION_ARGUMENTS);
	if (take_value(&question->known[question->known_count], question, name, equals + 1, err) <
	    0)
		return -1;
	if (is_known(question, &question->known[question->known_count]))
		return error_set(err, 0, "'%.64s' is given twice; a call has one value of it",
		                 name);
	question->known_count++;
	return 0;
}

int explain_ask(struct question *ret, struct arena *arena, enum arch arch, const char *call,
                const struct plan_strings *arguments, struct error *err)
{
	struct question question = { .arch = arch,
		                     .native = arch == ARCH_X32 ? ARCH_X86_64 : arch };

	if (take_call(&question, call, err) < 0)
		return -1;
	for (size_t i = 0; i < arguments->count; i++)
		if (take_argument(&question, arena, arguments->items[i], err) < 0)
			return -1;
	*ret = question;
	return 0;
}
