#include "runtime/container/terminal.h"

#include <unistd.h>

void terminal_raw(struct terminal *ret)
{
	struct terminal terminal = {};
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &terminal.before) == 0) {
		raw = terminal.before;
		cfmakeraw(&raw);
		terminal.changed = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	}
	*ret = terminal;
}

void terminal_restore(struct terminal *terminal)
{
	if (terminal->changed)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
	terminal->changed = false;
}
