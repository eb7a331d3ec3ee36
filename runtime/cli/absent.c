#include "runtime/cli/absent.h"

#include <string.h>

const struct absent *absent_find(const struct absent *table, const char *name, char letter)
{
	for (; table != NULL && table->name != NULL; table++)
		if (letter != 0 ? table->letter == letter : strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

int absent_refuse(const struct absent *absent, const char *dashes, struct error *err)
{
	error_set(err, 0, "%s%s is not offered: %s", dashes, absent->name, absent->reason);
	return error_hint(err, "%s", absent->way_out);
}

/* ---- commands ---- */

static const char builds[] = "cordon runs images, it does not build them";
static const char build_instead[] =
        "build with buildah or podman, then: cordon pull oci:DIR[:TAG], or cordon load -i FILE; or "
        "cordon run, cordon commit";
static const char networks[] =
        "a container has a network of its own (private), the host's (host) or none";
static const char network_instead[] =
        "say it to run: --network, and -p to publish a port; containers that must reach one another "
        "can both have --network host";
static const char daemon[] = "there is no daemon";
static const char swarm[] = "cordon runs the containers of one user on one machine";

const struct absent absent_commands[] = {
	{ 0, "build", builds, build_instead },
	{ 0, "builder", builds, build_instead },
	{ 0, "buildx", builds, build_instead },
	{ 0, "compose", "cordon reads no compose files",
	  "start each service with cordon run -d --name NAME" },
	{ 0, "context", daemon, "each user has his own containers; cordon info shows where" },
	{ 0, "events", "no daemon is there to tell of them",
	  "ask for the state: cordon ps -a, cordon wait CONTAINER, cordon logs -f CONTAINER" },
	{ 0, "generate", "cordon writes no unit files",
	  "systemd-run --user --unit NAME cordon run --rm --name NAME IMAGE makes a unit" },
	{ 0, "kube", "cordon reads no Kubernetes files",
	  "start each container with cordon run -d --name NAME" },
	{ 0, "network", networks, network_instead },
	{ 0, "node", swarm, "log in there" },
	{ 0, "plugin", daemon, "there is nothing to plug into" },
	{ 0, "pod", "containers share no namespaces",
	  "start them one by one; those that must reach one another can have --network host" },
	{ 0, "search", "registries are asked for images by name only",
	  "look at the registry's own page, then: cordon pull NAME" },
	{ 0, "service", swarm, "start it with cordon run -d" },
	{ 0, "stack", swarm, "start it with cordon run -d" },
	{ 0, "swarm", swarm, "start it with cordon run -d" },
	{ 0, "trust", "signatures are those of sigstore",
	  "see cordon image verify, and docs/registries.md" },
	{ 0, "unshare", "cordon gives out no namespaces without walls",
	  "unshare --map-root-user --map-auto COMMAND does (package util-linux)" },
	{ 0, "update", "limits and policies are those of the launch",
	  "remove the container and run it anew with other options" },
	{ 0, NULL, NULL, NULL },
};

/* ---- options of run and create ---- */

static const char health[] = "cordon runs no health checks";
static const char health_instead[] =
        "ask from outside, as from a systemd timer: cordon exec CONTAINER COMMAND";
static const char addresses[] =
        "a private network takes the host's addresses, and containers do not share one";
static const char address_instead[] =
        "-p publishes a port, --add-host names an address; containers that must reach one another "
        "can both have --network host";
static const char counted[] = "of a cgroup, memory, processors and processes can be limited";
static const char counted_instead[] = "see --memory, --cpus, --pids-limit and --ulimit";
static const char one_driver[] = "there is one way of doing it";

static const char windows[] = "that is for Windows";
static const char pods[] = "containers share no namespaces";
static const char maps[] = "the ids of a container are one range of /etc/subuid and /etc/subgid";
static const char map_instead[] =
        "--userns range, single, keep-id or nomap chooses what is where; see \"idmap\" of a profile";

const struct absent absent_run_options[] = {
	{ 'a', "attach", "output and errors are always both shown",
	  "redirect what is not wanted: 2>/dev/null; -i keeps standard input open, -d detaches" },
	{ 0, "blkio-weight", counted, counted_instead },
	{ 0, "blkio-weight-device", counted, counted_instead },
	{ 0, "cgroup-conf", counted, counted_instead },
	{ 0, "cgroup-parent", "the container's cgroup is made where systemd delegates one",
	  "run cordon in a scope: systemd-run --user --scope -p Delegate=yes --slice SLICE "
	  "cordon run ..." },
	{ 0, "chrootdirs",
	  "the engine provides /etc/hosts, /etc/hostname and /etc/resolv.conf at their own places only",
	  "-v FILE:PLACE puts a file anywhere" },
	{ 0, "conmon-pidfile", "a monitor is cordon itself",
	  "--pidfile FILE has the pid of the container's process; cordon inspect -f "
	  "'{{.State.ConmonPid}}' CONTAINER says the monitor's" },
	{ 0, "cpu-count", windows, "leave it out; see --cpus" },
	{ 0, "cpu-percent", windows, "leave it out; see --cpus" },
	{ 0, "cpu-period", counted, "--cpus says it in one number" },
	{ 0, "cpu-quota", counted, "--cpus says it in one number" },
	{ 0, "cpu-rt-period", counted, counted_instead },
	{ 0, "cpu-rt-runtime", counted, counted_instead },
	{ 'c', "cpu-shares", counted, counted_instead },
	{ 0, "cpuset-cpus", counted, "taskset -c LIST cordon run ... pins it; or see --cpus" },
	{ 0, "cpuset-mems", counted, "numactl --membind LIST cordon run ... binds it" },
	{ 0, "device-cgroup-rule", "what is no device of --device does not exist inside",
	  "name each one: --device HOST[:CONTAINER]" },
	{ 0, "device-read-bps", counted, counted_instead },
	{ 0, "device-read-iops", counted, counted_instead },
	{ 0, "device-write-bps", counted, counted_instead },
	{ 0, "device-write-iops", counted, counted_instead },
	{ 0, "domainname", "the kernel's NIS domain name stays empty",
	  "put it behind the host's name: --hostname NAME.DOMAIN; or see --dns-search" },
	{ 0, "env-merge", "the image's variables are not expanded",
	  "-e \"NAME=$VALUE\" has the caller's shell do it" },
	{ 0, "gidmap", maps, map_instead },
	{ 0, "gpus", "there is no device list of a vendor",
	  "name its nodes and libraries: --device /dev/dri/renderD128, -v FOLDER:FOLDER:ro" },
	{ 0, "health-cmd", health, health_instead },
	{ 0, "health-interval", health, health_instead },
	{ 0, "health-on-failure", health, health_instead },
	{ 0, "health-retries", health, health_instead },
	{ 0, "health-start-interval", health, health_instead },
	{ 0, "health-start-period", health, health_instead },
	{ 0, "health-timeout", health, health_instead },
	{ 0, "hostuser", "what the image has in /etc/passwd is what there is",
	  "--userns keep-id keeps your own id inside" },
	{ 0, "image-volume", "a volume of the image is an anonymous one of cordon's",
	  "--tmpfs PLACE or -v SOURCE:PLACE takes its place" },
	{ 0, "init-ctr", pods, "leave it out" },
	{ 0, "init-path", "--init is cordon itself",
	  "leave it out, or run another: --entrypoint, -v FILE:/sbin/init:ro" },
	{ 0, "io-maxbandwidth", windows, "leave it out" },
	{ 0, "io-maxiops", windows, "leave it out" },
	{ 0, "ip", addresses, address_instead },
	{ 0, "ip6", addresses, address_instead },
	{ 0, "isolation", one_driver, "leave it out" },
	{ 0, "kernel-memory", "the kernel counts it with the rest", "leave it out; see --memory" },
	{ 0, "link", addresses, address_instead },
	{ 0, "link-local-ip", addresses, address_instead },
	{ 0, "log-opt", "the log is one file, kept until the container is removed",
	  "let the program inside write less, or remove the container when it ends (--rm)" },
	{ 0, "mac-address", addresses, address_instead },
	{ 0, "memory-reservation", counted, counted_instead },
	{ 0, "memory-swap",
	  "beside --memory, as much swap again is allowed, as Docker does by itself",
	  "leave it out" },
	{ 0, "memory-swappiness", counted, counted_instead },
	{ 0, "net-alias", addresses, address_instead },
	{ 0, "network-alias", addresses, address_instead },
	{ 0, "oom-kill-disable", "an ordinary user cannot have that", "give it more: --memory" },
	{ 0, "oom-score-adj", "the container has that of its caller",
	  "choom -n NUMBER -- cordon run ... sets it" },
	{ 0, "passwd", "what the image has in /etc/passwd is what there is",
	  "-u UID:GID needs no entry there" },
	{ 0, "passwd-entry", "what the image has in /etc/passwd is what there is",
	  "-v FILE:/etc/passwd:ro puts another there" },
	{ 0, "personality", "the container has the personality of its caller",
	  "setarch --addr-no-randomize cordon run ... sets one, as far as the profile lets it" },
	{ 0, "pod", "containers share no namespaces", "leave it out; see -p" },
	{ 0, "pod-id-file", pods, "leave it out" },
	{ 0, "preserve-fds", "nothing that is open outside comes in",
	  "pass it through standard input, -i, or a file: -v FILE:FILE" },
	{ 0, "requires", "no container depends on another",
	  "start that one first: cordon start NAME" },
	{ 0, "rmi", "an image is removed when it is named",
	  "cordon run --rm IMAGE; cordon rmi IMAGE" },
	{ 0, "runtime", one_driver, "leave it out" },
	{ 0, "sdnotify", "a container does not speak to systemd",
	  "let the unit be of Type=exec: systemd-run --user -p Type=exec cordon run ..." },
	{ 0, "seccomp-policy", "the filter is that of the profile",
	  "--profile FILE, or --security-opt seccomp=FILE" },
	{ 0, "secret", "cordon keeps no secrets",
	  "bind a file that only you can read: -v FILE:/run/secrets/NAME:ro" },
	{ 0, "storage-opt", "what a container writes is bounded by the user's disk or quota",
	  "--tmpfs PLACE:size=64m bounds a folder; --read-only closes the rest" },
	{ 0, "subgidname", maps, map_instead },
	{ 0, "subuidname", maps, map_instead },
	{ 0, "sysctl", "the kernel's settings stay as they are",
	  "a port below 1024 needs none: publish it with -p 8080:80, and the profile's "
	  "NET_BIND_SERVICE binds it inside" },
	{ 0, "systemd", "no systemd runs inside: it needs a cgroup tree of its own",
	  "run the service itself, one a container; --init reaps its children" },
	{ 0, "timeout", "a container has no limit of time",
	  "timeout SECONDS cordon run ...; or later: cordon stop CONTAINER" },
	{ 0, "tz", "the container has the zone of its image",
	  "-e TZ=Europe/Berlin, or -v /etc/localtime:/etc/localtime:ro" },
	{ 0, "uidmap", maps, map_instead },
	{ 0, "umask", "a container begins with 0022",
	  "set it inside: --entrypoint sh IMAGE -c 'umask 0077; exec COMMAND'" },
	{ 0, "use-api-socket", daemon, "leave it out" },
	{ 0, "volume-driver", one_driver, "leave it out" },
	{ 0, "volumes-from", "each container names its own",
	  "say the volumes again; cordon inspect -f '{{json .Mounts}}' CONTAINER lists them" },
	{ 0, NULL, NULL, NULL },
};
