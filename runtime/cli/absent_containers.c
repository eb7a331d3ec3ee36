/*
 * Options of the commands of containers and volumes that others have; those of run are in absent.c.
 */
#include "runtime/cli/absent.h"

/* a row a line */
/* clang-format off */

#define NAMED "what is looked at is named"
#define NAME_LATEST                                                                                \
	"cordon ps -lq prints the one that was made last: cordon COMMAND "                         \
	"$(cordon ps -lq)"
#define CHECKPOINTS "cordon saves no processes"
#define SWARM       "cordon's volumes are folders of one user on one machine"

const char absent_exec_options[] =
	ABSENT("l", "latest", NAMED, NAME_LATEST)
	ABSENT("-", "preserve-fds", "nothing that is open outside comes in",
	       "pass it through standard input, -i, or a file: -v FILE:FILE")
	ABSENT("-", "privileged", "what joins a container has its walls",
	       "start the container with what it needs: cordon run --cap-add NAME, --profile FILE");

const char absent_one_options[] =
	ABSENT("a", "all", NAMED, "for ID in $(cordon ps -q); do cordon COMMAND $ID; done")
	ABSENT("l", "latest", NAMED, NAME_LATEST);

const char absent_inspect_options[] =
	ABSENT("l", "latest", NAMED, NAME_LATEST)
	ABSENT("s", "size", "what is written to the disk is looked at where it is listed",
	       "cordon ps -as --filter name=NAME, or cordon system df");

const char absent_logs_options[] =
	ABSENT("-", "color", "the log of one container is printed as it was written",
	       "leave it out")
	ABSENT("-", "details", "the log keeps what was written and when, nothing else",
	       "-t prints the time; cordon inspect CONTAINER shows labels and environment")
	ABSENT("l", "latest", NAMED, NAME_LATEST)
	ABSENT("-", "names", "the log of one container is printed as it was written",
	       "cordon logs -f CONTAINER | sed 's/^/CONTAINER: /' puts a name before each line");

const char absent_ps_options[] =
	ABSENT("-", "external", "no other tool makes containers of this store", "leave it out")
	ABSENT("-", "ns", "the columns are those of Docker",
	       "lsns -p $(cordon inspect -f '{{.State.Pid}}' CONTAINER) lists its namespaces")
	ABSENT("p", "pod", "containers share no namespaces", "leave it out")
	ABSENT("-", "sort", "the one that was made last stands first",
	       "cordon ps --format '{{.Names}} {{.Status}}' | sort")
	ABSENT("-", "sync", "each ps looks at what is so", "leave it out")
	ABSENT("w", "watch", "it is printed once", "watch -n SECONDS cordon ps");

const char absent_rm_options[] =
	ABSENT("-", "depend", "no container depends on another", "leave it out")
	ABSENT("-", "link", "containers have no links", "leave it out; -l means --latest here");

const char absent_start_options[] =
	ABSENT("-", "checkpoint", CHECKPOINTS, "cordon commit keeps its files")
	ABSENT("-", "checkpoint-dir", CHECKPOINTS, "cordon commit keeps its files");

const char absent_stats_options[] =
	ABSENT("l", "latest", NAMED, NAME_LATEST);

const char absent_cp_options[] =
	ABSENT("-", "overwrite",
	       "a folder does not take the place of a file, nor a file that of a folder",
	       "remove what is there first: cordon exec CONTAINER rm PATH");

const char absent_volume_create_options[] =
	ABSENT("-", "availability", SWARM, "leave it out")
	ABSENT("-", "group", SWARM, "leave it out")
	ABSENT("-", "limit-bytes", SWARM, "leave it out")
	ABSENT("o", "opt",
	       "a volume is a folder; an ordinary user cannot have another file system mounted",
	       "mount it yourself and bind it: -v FOLDER:PLACE; for memory: --tmpfs PLACE:size=64m")
	ABSENT("-", "required-bytes", SWARM, "leave it out")
	ABSENT("-", "scope", SWARM, "leave it out")
	ABSENT("-", "secret", SWARM, "leave it out")
	ABSENT("-", "sharing", SWARM, "leave it out")
	ABSENT("-", "topology-preferred", SWARM, "leave it out")
	ABSENT("-", "topology-required", SWARM, "leave it out")
	ABSENT("-", "type", SWARM, "leave it out");

const char absent_volume_options[] =
	ABSENT("a", "all", "volumes are named",
	       "name those that cordon volume ls -q lists; cordon volume prune -a removes those "
	       "that no container names")
	ABSENT("-", "cluster", SWARM, "leave it out")
	ABSENT("t", "time", "a volume that a container names is not removed",
	       "remove the container first: cordon rm");
