/*
 * Options of the commands of containers and volumes that others have; those of run are in absent.c.
 */
#include "runtime/cli/absent.h"

static const char named[] = "what is looked at is named";
static const char name_latest[] = "cordon ps -lq prints the one that was made last: cordon COMMAND "
                                  "$(cordon ps -lq)";
static const char checkpoints[] = "cordon saves no processes";
static const char swarm[] = "cordon's volumes are folders of one user on one machine";

const struct absent absent_exec_options[] = {
	{ 'l', "latest", named, name_latest },
	{ 0, "preserve-fds", "nothing that is open outside comes in",
	  "pass it through standard input, -i, or a file: -v FILE:FILE" },
	{ 0, "privileged", "what joins a container has its walls",
	  "start the container with what it needs: cordon run --cap-add NAME, --profile FILE" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_one_options[] = {
	{ 'a', "all", named, "for ID in $(cordon ps -q); do cordon COMMAND $ID; done" },
	{ 'l', "latest", named, name_latest },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_inspect_options[] = {
	{ 'l', "latest", named, name_latest },
	{ 's', "size", "what is written to the disk is looked at where it is listed",
	  "cordon ps -as --filter name=NAME, or cordon system df" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_logs_options[] = {
	{ 0, "color", "the log of one container is printed as it was written", "leave it out" },
	{ 0, "details", "the log keeps what was written and when, nothing else",
	  "-t prints the time; cordon inspect CONTAINER shows labels and environment" },
	{ 'l', "latest", named, name_latest },
	{ 0, "names", "the log of one container is printed as it was written",
	  "cordon logs -f CONTAINER | sed 's/^/CONTAINER: /' puts a name before each line" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_ps_options[] = {
	{ 0, "external", "no other tool makes containers of this store", "leave it out" },
	{ 0, "ns", "the columns are those of Docker",
	  "lsns -p $(cordon inspect -f '{{.State.Pid}}' CONTAINER) lists its namespaces" },
	{ 'p', "pod", "containers share no namespaces", "leave it out" },
	{ 0, "sort", "the one that was made last stands first",
	  "cordon ps --format '{{.Names}} {{.Status}}' | sort" },
	{ 0, "sync", "each ps looks at what is so", "leave it out" },
	{ 'w', "watch", "it is printed once", "watch -n SECONDS cordon ps" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_rm_options[] = {
	{ 0, "depend", "no container depends on another", "leave it out" },
	{ 0, "link", "containers have no links", "leave it out; -l means --latest here" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_start_options[] = {
	{ 0, "checkpoint", checkpoints, "cordon commit keeps its files" },
	{ 0, "checkpoint-dir", checkpoints, "cordon commit keeps its files" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_stats_options[] = {
	{ 'l', "latest", named, name_latest },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_cp_options[] = {
	{ 0, "overwrite", "a folder does not take the place of a file, nor a file that of a folder",
	  "remove what is there first: cordon exec CONTAINER rm PATH" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_volume_create_options[] = {
	{ 0, "availability", swarm, "leave it out" },
	{ 0, "group", swarm, "leave it out" },
	{ 0, "limit-bytes", swarm, "leave it out" },
	{ 'o', "opt",
	  "a volume is a folder; an ordinary user cannot have another file system mounted",
	  "mount it yourself and bind it: -v FOLDER:PLACE; for memory: --tmpfs PLACE:size=64m" },
	{ 0, "required-bytes", swarm, "leave it out" },
	{ 0, "scope", swarm, "leave it out" },
	{ 0, "secret", swarm, "leave it out" },
	{ 0, "sharing", swarm, "leave it out" },
	{ 0, "topology-preferred", swarm, "leave it out" },
	{ 0, "topology-required", swarm, "leave it out" },
	{ 0, "type", swarm, "leave it out" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_volume_options[] = {
	{ 'a', "all", "volumes are named",
	  "name those that cordon volume ls -q lists; cordon volume prune -a removes those that no "
	  "container names" },
	{ 0, "cluster", swarm, "leave it out" },
	{ 't', "time", "a volume that a container names is not removed",
	  "remove the container first: cordon rm" },
	{ 0, NULL, NULL, NULL },
};
