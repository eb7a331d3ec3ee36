/*
 * Options of the commands of images, and members of their families, that others have.
 */
#include "runtime/cli/absent.h"

static const char one_platform[] = "an image that is here is for one platform";
static const char as_it_is[] = "what is sent is what is here, byte by byte";
static const char other_signer[] = "cordon verifies signatures, it makes none";
static const char sign_instead[] = "cosign sign --key FILE IMAGE signs what was pushed";
static const char lists[] = "cordon makes no lists of images for several platforms";
static const char lists_instead[] =
        "podman manifest, buildah manifest and docker buildx imagetools do; cordon pulls what they push";
static const char mounts[] = "an image is mounted for a container only";
static const char store[] = "there is one store, and it needs none of that";

const struct absent absent_images_options[] = {
	{ 0, "history", "an image has the names it has now",
	  "cordon history IMAGE shows its steps" },
	{ 0, "tree", one_platform, "cordon image tree IMAGE shows its layers" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_stored_options[] = {
	{ 0, "platform", one_platform,
	  "leave it out; cordon image inspect -f '{{.Os}}/{{.Architecture}}' IMAGE says which" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_load_options[] = {
	{ 0, "platform", "load takes each image as it is",
	  "cordon pull --platform OS/ARCHITECTURE oci-archive:FILE chooses" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_push_options[] = {
	{ 0, "compress", as_it_is, "leave it out" },
	{ 0, "compression-format", as_it_is,
	  "skopeo copy --dest-compress-format FORMAT oci:FOLDER docker://NAME, behind cordon save "
	  "--format oci-dir -o FOLDER" },
	{ 0, "compression-level", as_it_is, "leave it out" },
	{ 0, "encryption-key", "cordon does not encrypt layers",
	  "skopeo copy --encryption-key KEY oci:FOLDER docker://NAME, behind cordon save --format "
	  "oci-dir -o FOLDER" },
	{ 'f', "format", as_it_is,
	  "skopeo copy --format FORMAT oci:FOLDER docker://NAME, behind cordon save --format oci-dir "
	  "-o FOLDER" },
	{ 0, "platform", one_platform, "leave it out" },
	{ 0, "sign-by", other_signer, sign_instead },
	{ 0, "sign-by-sigstore", other_signer, sign_instead },
	{ 0, "sign-by-sigstore-private-key", other_signer, sign_instead },
	{ 0, "sign-passphrase-file", other_signer, sign_instead },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_manifest_options[] = {
	{ 'v', "verbose", "the document is printed as the registry has it",
	  "cordon manifest inspect NAME@DIGEST prints each that an index names" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_commit_options[] = {
	{ 0, "include-volumes", "volumes are not among a container's own files",
	  "--change 'VOLUME PLACE' names one in the image; cordon cp CONTAINER:PLACE copies what is in it" },
	{ 's', "squash", "an image keeps the layers it was made on, which others share",
	  "cordon export CONTAINER | cordon import --change INSTRUCTION - NAME makes one of all" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_prune_options[] = {
	{ 0, "build-cache", "cordon builds nothing", "leave it out" },
	{ 0, "external", "no other tool makes containers of this store", "leave it out" },
	{ 0, NULL, NULL, NULL },
};

const struct absent absent_members[] = {
	{ 0, "image build", "cordon runs images, it does not build them",
	  "build with buildah or podman, then: cordon pull oci:DIR[:TAG], or cordon load -i FILE" },
	{ 0, "image diff", "changes are those of a container",
	  "cordon image tree IMAGE shows layers; cordon diff CONTAINER shows changes" },
	{ 0, "image mount", mounts, "cordon create IMAGE, then cordon cp or cordon export" },
	{ 0, "image scp", "cordon speaks to registries",
	  "cordon save IMAGE | ssh HOST cordon load" },
	{ 0, "image search", "registries are asked for images by name only",
	  "look at the registry's own page, then: cordon pull NAME" },
	{ 0, "image sign", other_signer, sign_instead },
	{ 0, "image trust", "what is trusted stands in policy.json",
	  "write it there (docs/registries.md); cordon image verify IMAGE tries it" },
	{ 0, "image umount", mounts, "cordon create IMAGE, then cordon cp or cordon export" },
	{ 0, "image unmount", mounts, "cordon create IMAGE, then cordon cp or cordon export" },
	{ 0, "manifest add", lists, lists_instead },
	{ 0, "manifest annotate", lists, lists_instead },
	{ 0, "manifest create", lists, lists_instead },
	{ 0, "manifest exists", lists, "cordon manifest inspect IMAGE asks the registry" },
	{ 0, "manifest push", lists, lists_instead },
	{ 0, "manifest remove", lists, lists_instead },
	{ 0, "manifest rm", lists, lists_instead },
	{ 0, "system connection", "there is no daemon", "log in there" },
	{ 0, "system dial-stdio", "there is no daemon", "log in there" },
	{ 0, "system events", "no daemon is there to tell of them",
	  "ask for the state: cordon ps -a, cordon wait CONTAINER, cordon logs -f CONTAINER" },
	{ 0, "system migrate", store, "cordon system check looks whether all is well" },
	{ 0, "system renumber", store, "cordon system check looks whether all is well" },
	{ 0, "system reset", "nothing is removed that was not named",
	  "cordon rm -f $(cordon ps -aq); cordon system prune --all --volumes" },
	{ 0, "system service", "there is no daemon", "call cordon itself" },
	{ 0, NULL, NULL, NULL },
};
