/*
 * attach: a further client of a running container's monitor.
 */
#include "runtime/container/channel.h"
#include "runtime/container/client.h"
#include "runtime/container/control.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"

int container_attach(const struct paths *paths, const struct attach_request *request,
                     struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int channel = -1, process = -1;
	struct container container;

	if (control_open_going(&container, &arena, paths, request->name, err) < 0)
		return -1;
	channel = channel_connect(paths->run, container.id, err);
	if (!request->no_signal_proxy)
		process = control_process(&container);
	container_close(&container);
	if (channel < 0)
		return -1;
	return client_run(
	        &(struct client_request){
	                .channel = channel,
	                .process = process,
	                .terminal = container.details->terminal,
	                .interactive = request->interactive && container.details->interactive,
	                .detach_keys = request->detach_keys,
	        },
	        err);
}
