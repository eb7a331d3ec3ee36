/*
 * evilfetch: the layer helper after the files of a container have taken it over: asked to fetch, it
 * answers with evil.tar of its own folder. Anything else it leaves to layer.real there.
 */
#include "runtime/image/layer/protocol.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Beside this program. */
static const char *beside(const char *name)
{
	static char path[4096 + 16];
	ssize_t length = readlink("/proc/self/exe", path, 4096);
	char *slash;

	path[length < 0 ? 0 : length] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		strcpy(slash + 1, name);
	return path;
}

int main(void)
{
	struct layer_request request;
	struct layer_answer answer = {};
	char block[4096];
	ssize_t count;
	int tar;

	if (recv(LAYER_FD_TALK, &request, sizeof request, MSG_PEEK) != (ssize_t)sizeof request)
		return 1;
	if (request.mode != LAYER_FETCH) {
		execl(beside("layer.real"), "layer", NULL);
		return 1;
	}
	tar = open(beside("evil.tar"), O_RDONLY);
	while ((count = read(tar, block, sizeof block)) > 0)
		if (write(LAYER_FD_OUTPUT, block, (size_t)count) != count)
			break;
	return send(LAYER_FD_TALK, &answer, sizeof answer, 0) < 0;
}
