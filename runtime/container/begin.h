/* begin: the start of a container by its monitor. */
#ifndef CORDON_CONTAINER_BEGIN_H
#define CORDON_CONTAINER_BEGIN_H

#include "runtime/container/monitor.h"
#include "runtime/container/relay.h"
#include "sandbox/spawn.h"

/* What a monitor keeps while the container runs. */
struct monitor {
	const struct paths *paths;
	const struct host *host;
	struct folder *folder;
	struct sandbox sandbox;
	pid_t pasta;
	bool kept; /* it is written down */
	struct log_writer log;
	struct relay relay;
};

/* Cgroup, streams, sandbox, network, "go". On failure nothing of it is left but the folder. */
int begin(struct monitor *ret, struct monitor_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Writes down that it runs: from here on the container exists for others. */
int begin_keep(struct monitor *monitor, struct monitor_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Ends what begin made. */
void begin_undo(struct monitor *monitor, struct monitor_request *request);

#endif
