#include "runtime/cli/prompt.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <termios.h>

enum { ANSWER_LIMIT = 16384, CTRL_C = 3 };

bool prompt_possible(void)
{
	return isatty(STDIN_FILENO) != 0;
}

/* A byte at a time: what comes behind the line is not ours. 1, 0 at the end of the input, -1. */
static int read_line(struct text *ret, struct error *err)
{
	for (;;) {
		ssize_t count;
		char byte;

		do
			count = read(STDIN_FILENO, &byte, 1);
		while (count < 0 && errno == EINTR);
		if (count < 0)
			return error_set(err, errno, "cannot read the answer");
		if (count == 0)
			return ret->length > 0;
		if (byte == '\n')
			return 1;
		if (byte == CTRL_C)
			return 0;
		text_append_char(ret, byte);
		if (ret->length > ANSWER_LIMIT)
			return error_set(err, 0, "the answer is longer than %d bytes",
			                 ANSWER_LIMIT);
	}
}

static int take_answer(const char **ret, struct arena *arena, const char *question,
                       struct error *err)
{
	_cleanup_text struct text answer = {};
	int got;

	fprintf(stderr, "%s: ", question);
	fflush(stderr);
	got = read_line(&answer, err);
	if (got > 0 && answer.length > 0 && answer.data[answer.length - 1] == '\r')
		answer.data[--answer.length] = '\0';
	if (got > 0)
		*ret = arena_strdup(arena, text_string(&answer));
	if (answer.data != NULL)
		explicit_bzero(answer.data, answer.capacity);
	if (got == 0)
		return error_set(err, 0, "there was no answer");
	return got < 0 ? -1 : 0;
}

int prompt_line(const char **ret, struct arena *arena, const char *question, const char *fallback,
                struct error *err)
{
	const char *answer;
	const char *shown =
	        fallback == NULL ? question : arena_printf(arena, "%s (%s)", question, fallback);

	if (take_answer(&answer, arena, shown, err) < 0)
		return -1;
	*ret = answer[0] == '\0' && fallback != NULL ? fallback : answer;
	return 0;
}

/* Ctrl-C must not kill us while nothing is shown, or the shell's next line would not be shown
 * either: it ends the line instead. */
int prompt_secret(const char **ret, struct arena *arena, const char *question, struct error *err)
{
	struct termios before, silent;
	int result;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return error_set(err, errno, "cannot ask without showing the answer");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	silent.c_cc[VEOL] = CTRL_C;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0)
		return error_set(err, errno, "cannot ask without showing the answer");
	result = take_answer(ret, arena, question, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return result;
}

int prompt_read_all(const char **ret, struct arena *arena, struct error *err)
{
	_cleanup_text struct text answer = {};

	if (io_read_all(&answer, STDIN_FILENO, ANSWER_LIMIT, err) < 0)
		return error_prefix(err, "standard input");
	if (memchr(text_string(&answer), '\0', answer.length) != NULL)
		return error_set(err, 0, "standard input: a NUL in a password");
	if (answer.length > 0 && answer.data[answer.length - 1] == '\n')
		answer.data[--answer.length] = '\0';
	if (answer.length > 0 && answer.data[answer.length - 1] == '\r')
		answer.data[--answer.length] = '\0';
	*ret = arena_strdup(arena, text_string(&answer));
	if (answer.data != NULL)
		explicit_bzero(answer.data, answer.capacity);
	return 0;
}
