#include "runtime/cli/absent.h"

#include <string.h>

/* The string that *next is at; moves behind its NUL. */
static const char *take(const char **next)
{
	const char *string = *next;

	*next += strlen(string) + 1;
	return string;
}

bool absent_next(struct absent *ret, const char **table)
{
	if (*table == NULL || **table == '\0')
		return false;
	ret->letter = *(*table)++;
	ret->name = take(table);
	ret->reason = take(table);
	ret->way_out = take(table);
	return true;
}

bool absent_find(struct absent *ret, const char *table, const char *name, char letter)
{
	struct absent row;

	while (absent_next(&row, &table))
		if (letter != 0 ? row.letter == letter : strcmp(row.name, name) == 0) {
			*ret = row;
			return true;
		}
	return false;
}

int absent_refuse(const struct absent *absent, const char *dashes, struct error *err)
{
	error_set(err, 0, "%s%s is not offered: %s", dashes, absent->name, absent->reason);
	return error_hint(err, "%s", absent->way_out);
}

/* ---- commands ---- */

/* a row a line */
/* clang-format off */
#define BUILDS "cordon runs images, it does not build them"
#define BUILD_INSTEAD                                                                                \
	"build with buildah or podman, then: cordon pull oci:DIR[:TAG], or cordon load -i FILE; or " \
	"cordon run, cordon commit"
#define NETWORKS "a container has a network of its own (private), the host's (host) or none"
#define NETWORK_INSTEAD                                                                               \
	"say it to run: --network, and -p to publish a port; containers that must reach one another " \
	"can both have --network host"
#define DAEMON "there is no daemon"
#define SWARM  "cordon runs the containers of one user on one machine"

const char absent_commands[] =
	ABSENT("-", "build", BUILDS, BUILD_INSTEAD)
	ABSENT("-", "builder", BUILDS, BUILD_INSTEAD)
	ABSENT("-", "buildx", BUILDS, BUILD_INSTEAD)
	ABSENT("-", "compose", "cordon reads no compose files",
	       "start each service with cordon run -d --name NAME")
	ABSENT("-", "context", DAEMON, "each user has his own containers; cordon info shows where")
	ABSENT("-", "events", "no daemon is there to tell of them",
	       "ask for the state: cordon ps -a, cordon wait CONTAINER, cordon logs -f CONTAINER")
	ABSENT("-", "generate", "cordon writes no unit files",
	       "systemd-run --user --unit NAME cordon run --rm --name NAME IMAGE makes a unit")
	ABSENT("-", "kube", "cordon reads no Kubernetes files",
	       "start each container with cordon run -d --name NAME")
	ABSENT("-", "network", NETWORKS, NETWORK_INSTEAD)
	ABSENT("-", "node", SWARM, "log in there")
	ABSENT("-", "plugin", DAEMON, "there is nothing to plug into")
	ABSENT("-", "pod", "containers share no namespaces",
	       "start them one by one; those that must reach one another can have --network host")
	ABSENT("-", "search", "registries are asked for images by name only",
	       "look at the registry's own page, then: cordon pull NAME")
	ABSENT("-", "service", SWARM, "start it with cordon run -d")
	ABSENT("-", "stack", SWARM, "start it with cordon run -d")
	ABSENT("-", "swarm", SWARM, "start it with cordon run -d")
	ABSENT("-", "trust", "signatures are those of sigstore",
	       "see cordon image verify, and docs/registries.md")
	ABSENT("-", "unshare", "cordon gives out no namespaces without walls",
	       "unshare --map-root-user --map-auto COMMAND does (package util-linux)")
	ABSENT("-", "update", "limits and policies are those of the launch",
	       "remove the container and run it anew with other options");

/* ---- options of run and create ---- */

#define HEALTH         "cordon runs no health checks"
#define HEALTH_INSTEAD "ask from outside, as from a systemd timer: cordon exec CONTAINER COMMAND"
#define ADDRESSES      "a private network takes the host's addresses, and containers do not share one"
#define ADDRESS_INSTEAD                                                                             \
	"-p publishes a port, --add-host names an address; containers that must reach one another " \
	"can both have --network host"
#define COUNTED         "of a cgroup, memory, processors and processes can be limited"
#define COUNTED_INSTEAD "see --memory, --cpus, --pids-limit and --ulimit"
#define ONE_DRIVER      "there is one way of doing it"

#define WINDOWS "that is for Windows"
#define PODS    "containers share no namespaces"
#define MAPS    "the ids of a container are one range of /etc/subuid and /etc/subgid"
#define MAP_INSTEAD                                                                                \
	"--userns range, single, keep-id or nomap chooses what is where; see \"idmap\" of a profile"

const char absent_run_options[] =
	ABSENT("a", "attach", "output and errors are always both shown",
	       "redirect what is not wanted: 2>/dev/null; -i keeps standard input open, -d "
	       "detaches")
	ABSENT("-", "blkio-weight", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "blkio-weight-device", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "cgroup-conf", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "cgroup-parent", "the container's cgroup is made where systemd delegates one",
	       "run cordon in a scope: systemd-run --user --scope -p Delegate=yes --slice SLICE "
	       "cordon run ...")
	ABSENT("-", "chrootdirs",
	       "the engine provides /etc/hosts, /etc/hostname and /etc/resolv.conf at their own "
	       "places only",
	       "-v FILE:PLACE puts a file anywhere")
	ABSENT("-", "conmon-pidfile", "a monitor is cordon itself",
	       "--pidfile FILE has the pid of the container's process; cordon inspect -f "
	       "'{{.State.ConmonPid}}' CONTAINER says the monitor's")
	ABSENT("-", "cpu-count", WINDOWS, "leave it out; see --cpus")
	ABSENT("-", "cpu-percent", WINDOWS, "leave it out; see --cpus")
	ABSENT("-", "cpu-period", COUNTED, "--cpus says it in one number")
	ABSENT("-", "cpu-quota", COUNTED, "--cpus says it in one number")
	ABSENT("-", "cpu-rt-period", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "cpu-rt-runtime", COUNTED, COUNTED_INSTEAD)
	ABSENT("c", "cpu-shares", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "cpuset-cpus", COUNTED, "taskset -c LIST cordon run ... pins it; or see --cpus")
	ABSENT("-", "cpuset-mems", COUNTED, "numactl --membind LIST cordon run ... binds it")
	ABSENT("-", "device-cgroup-rule", "what is no device of --device does not exist inside",
	       "name each one: --device HOST[:CONTAINER]")
	ABSENT("-", "device-read-bps", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "device-read-iops", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "device-write-bps", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "device-write-iops", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "domainname", "the kernel's NIS domain name stays empty",
	       "put it behind the host's name: --hostname NAME.DOMAIN; or see --dns-search")
	ABSENT("-", "env-merge", "the image's variables are not expanded",
	       "-e \"NAME=$VALUE\" has the caller's shell do it")
	ABSENT("-", "gidmap", MAPS, MAP_INSTEAD)
	ABSENT("-", "gpus", "there is no device list of a vendor",
	       "name its nodes and libraries: --device /dev/dri/renderD128, -v FOLDER:FOLDER:ro")
	ABSENT("-", "health-cmd", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "health-interval", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "health-on-failure", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "health-retries", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "health-start-interval", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "health-start-period", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "health-timeout", HEALTH, HEALTH_INSTEAD)
	ABSENT("-", "hostuser", "what the image has in /etc/passwd is what there is",
	       "--userns keep-id keeps your own id inside")
	ABSENT("-", "image-volume", "a volume of the image is an anonymous one of cordon's",
	       "--tmpfs PLACE or -v SOURCE:PLACE takes its place")
	ABSENT("-", "init-ctr", PODS, "leave it out")
	ABSENT("-", "init-path", "--init is cordon itself",
	       "leave it out, or run another: --entrypoint, -v FILE:/sbin/init:ro")
	ABSENT("-", "io-maxbandwidth", WINDOWS, "leave it out")
	ABSENT("-", "io-maxiops", WINDOWS, "leave it out")
	ABSENT("-", "ip", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "ip6", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "isolation", ONE_DRIVER, "leave it out")
	ABSENT("-", "kernel-memory", "the kernel counts it with the rest",
	       "leave it out; see --memory")
	ABSENT("-", "link", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "link-local-ip", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "log-opt", "the log is one file, kept until the container is removed",
	       "let the program inside write less, or remove the container when it ends (--rm)")
	ABSENT("-", "mac-address", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "memory-reservation", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "memory-swap",
	       "beside --memory, as much swap again is allowed, as Docker does by itself",
	       "leave it out")
	ABSENT("-", "memory-swappiness", COUNTED, COUNTED_INSTEAD)
	ABSENT("-", "net-alias", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "network-alias", ADDRESSES, ADDRESS_INSTEAD)
	ABSENT("-", "oom-kill-disable", "an ordinary user cannot have that",
	       "give it more: --memory")
	ABSENT("-", "oom-score-adj", "the container has that of its caller",
	       "choom -n NUMBER -- cordon run ... sets it")
	ABSENT("-", "passwd", "what the image has in /etc/passwd is what there is",
	       "-u UID:GID needs no entry there")
	ABSENT("-", "passwd-entry", "what the image has in /etc/passwd is what there is",
	       "-v FILE:/etc/passwd:ro puts another there")
	ABSENT("-", "personality", "the container has the personality of its caller",
	       "setarch --addr-no-randomize cordon run ... sets one, as far as the profile lets it")
	ABSENT("-", "pod", "containers share no namespaces", "leave it out; see -p")
	ABSENT("-", "pod-id-file", PODS, "leave it out")
	ABSENT("-", "preserve-fds", "nothing that is open outside comes in",
	       "pass it through standard input, -i, or a file: -v FILE:FILE")
	ABSENT("-", "requires", "no container depends on another",
	       "start that one first: cordon start NAME")
	ABSENT("-", "rmi", "an image is removed when it is named",
	       "cordon run --rm IMAGE; cordon rmi IMAGE")
	ABSENT("-", "runtime", ONE_DRIVER, "leave it out")
	ABSENT("-", "sdnotify", "a container does not speak to systemd",
	       "let the unit be of Type=exec: systemd-run --user -p Type=exec cordon run ...")
	ABSENT("-", "seccomp-policy", "the filter is that of the profile",
	       "--profile FILE, or --security-opt seccomp=FILE")
	ABSENT("-", "secret", "cordon keeps no secrets",
	       "bind a file that only you can read: -v FILE:/run/secrets/NAME:ro")
	ABSENT("-", "storage-opt", "what a container writes is bounded by the user's disk or quota",
	       "--tmpfs PLACE:size=64m bounds a folder; --read-only closes the rest")
	ABSENT("-", "subgidname", MAPS, MAP_INSTEAD)
	ABSENT("-", "subuidname", MAPS, MAP_INSTEAD)
	ABSENT("-", "sysctl", "the kernel's settings stay as they are",
	       "a port below 1024 needs none: publish it with -p 8080:80, and the profile's "
	       "NET_BIND_SERVICE binds it inside")
	ABSENT("-", "systemd", "no systemd runs inside: it needs a cgroup tree of its own",
	       "run the service itself, one a container; --init reaps its children")
	ABSENT("-", "timeout", "a container has no limit of time",
	       "timeout SECONDS cordon run ...; or later: cordon stop CONTAINER")
	ABSENT("-", "tz", "the container has the zone of its image",
	       "-e TZ=Europe/Berlin, or -v /etc/localtime:/etc/localtime:ro")
	ABSENT("-", "uidmap", MAPS, MAP_INSTEAD)
	ABSENT("-", "umask", "a container begins with 0022",
	       "set it inside: --entrypoint sh IMAGE -c 'umask 0077; exec COMMAND'")
	ABSENT("-", "use-api-socket", DAEMON, "leave it out")
	ABSENT("-", "volume-driver", ONE_DRIVER, "leave it out")
	ABSENT("-", "volumes-from", "each container names its own",
	       "say the volumes again; cordon inspect -f '{{json .Mounts}}' CONTAINER lists them");
