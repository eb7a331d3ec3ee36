/*
 * lines: the files of --env-file and --label-file.
 */
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>

/* As Docker reads them: a name with a blank is a mistake, "NAME = value" above all. */
static int check_line(const char *line, struct error *err)
{
	size_t length = strcspn(line, "=");

	if (length == 0)
		return error_set(err, 0, "no name before '%.80s'", line);
	if (strcspn(line, " \t") < length) {
		error_set(err, 0, "the name '%.*s' contains blanks",
		          (int)(length < 80 ? length : 80), line);
		return error_hint(err, "write NAME=VALUE without blanks around the '='; quotes and "
		                       "export are taken as they stand");
	}
	return 0;
}

int lines_read(struct plan_strings *ret, struct arena *arena, const char *path, const char *what,
               struct error *err)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_text struct text text = {};
	size_t number = 0;

	if (fd < 0)
		return error_set(err, errno, "cannot open the %s %s", what, path);
	if (io_read_all(&text, fd, 1 << 20, err) < 0)
		return error_prefix(err, "%s %s", what, path);
	if (strlen(text_string(&text)) != text.length)
		return error_set(err, 0, "the %s %s holds a NUL byte", what, path);
	for (char *line = text.data, *next; line != NULL; line = next) {
		size_t length;

		number++;
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		length = strlen(line);
		if (length > 0 && line[length - 1] == '\r')
			line[length - 1] = '\0';
		if (number == 1 && text_starts(line, "\xef\xbb\xbf")) /* a mark of the byte order */
			line += 3;
		line += strspn(line, " \t");
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (check_line(line, err) < 0)
			return error_prefix(err, "%s %s:%zu", what, path, number);
		request_append(arena, ret, arena_strdup(arena, line));
	}
	return 0;
}
