/*
 * attach: a further client of a running container's monitor.
 */
#include "runtime/container/channel.h"
#include "runtime/container/client.h"
#include "runtime/container/control.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"

int container_attach(const struct paths *paths, const char *name, bool interactive,
                     const char *detach_keys, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int channel = -1, process = -1;
	struct container container;

	if (control_open_going(&container, &arena, paths, name, err) < 0)
		return -1;
	channel = channel_connect(paths->run, container.id, err);
	process = control_process(&container);
	container_close(&container);
	if (channel < 0)
		return -1;
	return client_run(
	        &(struct client_request){
	                .channel = channel,
	                .process = process,
	                .terminal = container.details->terminal,
	                .interactive = interactive && container.details->interactive,
	                .detach_keys = detach_keys,
	        },
	        err);
}
