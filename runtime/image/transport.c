#include "runtime/image/transport.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

static const char copy_here[] = "skopeo copy NAME oci:FOLDER, then cordon pull oci:FOLDER";
static const char copy_there[] =
        "cordon save --format oci-dir -o FOLDER IMAGE, then skopeo copy oci:FOLDER NAME";

static const struct transport {
	const char *prefix, *from, *to;
} transports[] = {
	{ "atomic:", copy_here, copy_there },
	{ "containers-storage:", "podman save NAME | cordon load",
	  "cordon save IMAGE | podman load" },
	{ "dir:", copy_here, "cordon save --format docker-dir -o FOLDER IMAGE" },
	{ "docker-archive:", "cordon pull docker-archive:FILE", "cordon save -o FILE IMAGE" },
	{ "docker-daemon:", "docker save NAME | cordon load", "cordon save IMAGE | docker load" },
	{ "oci-archive:", "cordon pull oci-archive:FILE",
	  "cordon save --format oci-archive -o FILE IMAGE" },
	{ "oci:", "cordon pull oci:FOLDER", "cordon save --format oci-dir -o FOLDER IMAGE" },
	{ "ostree:", copy_here, copy_there },
	{ "sif:", copy_here, copy_there },
	{ "tarball:", "cordon import FILE NAME", "cordon export CONTAINER" },
};

int transport_check(const char *name, bool push, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		if (!text_starts(name, transports[i].prefix))
			continue;
		error_set(err, 0, "%.200s: that is no image of a registry", name);
		return error_hint(err, "%s; an image that is called so is docker.io/library/%.100s",
		                  push ? transports[i].to : transports[i].from, name);
	}
	return 0;
}
