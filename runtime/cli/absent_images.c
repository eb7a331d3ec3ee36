/*
 * Options of the commands of images, and members of their families, that others have.
 */
#include "runtime/cli/absent.h"

/* a row a line */
/* clang-format off */

#define ONE_PLATFORM "an image that is here is for one platform"
#define AS_IT_IS     "what is sent is what is here, byte by byte"
#define OTHER_SIGNER "cordon verifies signatures, it makes none"
#define SIGN_INSTEAD "cosign sign --key FILE IMAGE signs what was pushed"
#define LISTS        "cordon makes no lists of images for several platforms"
#define LISTS_INSTEAD                                                                              \
	"podman manifest, buildah manifest and docker buildx imagetools do; cordon pulls what they push"
#define MOUNTS "an image is mounted for a container only"
#define STORE  "there is one store, and it needs none of that"

const char absent_images_options[] =
	ABSENT("-", "history", "an image has the names it has now",
	       "cordon history IMAGE shows its steps")
	ABSENT("-", "tree", ONE_PLATFORM, "cordon image tree IMAGE shows its layers");

const char absent_stored_options[] =
	ABSENT("-", "platform", ONE_PLATFORM,
	       "leave it out; cordon image inspect -f '{{.Os}}/{{.Architecture}}' IMAGE says which");

const char absent_load_options[] =
	ABSENT("-", "platform", "load takes each image as it is",
	       "cordon pull --platform OS/ARCHITECTURE oci-archive:FILE chooses");

const char absent_push_options[] =
	ABSENT("-", "compress", AS_IT_IS, "leave it out")
	ABSENT("-", "compression-format", AS_IT_IS,
	       "skopeo copy --dest-compress-format FORMAT oci:FOLDER docker://NAME, behind cordon "
	       "save --format oci-dir -o FOLDER")
	ABSENT("-", "compression-level", AS_IT_IS, "leave it out")
	ABSENT("-", "encryption-key", "cordon does not encrypt layers",
	       "skopeo copy --encryption-key KEY oci:FOLDER docker://NAME, behind cordon save "
	       "--format oci-dir -o FOLDER")
	ABSENT("f", "format", AS_IT_IS,
	       "skopeo copy --format FORMAT oci:FOLDER docker://NAME, behind cordon save --format "
	       "oci-dir -o FOLDER")
	ABSENT("-", "platform", ONE_PLATFORM, "leave it out")
	ABSENT("-", "sign-by", OTHER_SIGNER, SIGN_INSTEAD)
	ABSENT("-", "sign-by-sigstore", OTHER_SIGNER, SIGN_INSTEAD)
	ABSENT("-", "sign-by-sigstore-private-key", OTHER_SIGNER, SIGN_INSTEAD)
	ABSENT("-", "sign-passphrase-file", OTHER_SIGNER, SIGN_INSTEAD);

const char absent_manifest_options[] =
	ABSENT("v", "verbose", "the document is printed as the registry has it",
	       "cordon manifest inspect NAME@DIGEST prints each that an index names");

const char absent_commit_options[] =
	ABSENT("-", "include-volumes", "volumes are not among a container's own files",
	       "--change 'VOLUME PLACE' names one in the image; cordon cp CONTAINER:PLACE copies "
	       "what is in it")
	ABSENT("s", "squash", "an image keeps the layers it was made on, which others share",
	       "cordon export CONTAINER | cordon import --change INSTRUCTION - NAME makes one of "
	       "all");

const char absent_prune_options[] =
	ABSENT("-", "build-cache", "cordon builds nothing", "leave it out")
	ABSENT("-", "external", "no other tool makes containers of this store", "leave it out");

const char absent_members[] =
	ABSENT("-", "image build", "cordon runs images, it does not build them",
	       "build with buildah or podman, then: cordon pull oci:DIR[:TAG], or cordon load -i "
	       "FILE")
	ABSENT("-", "image diff", "changes are those of a container",
	       "cordon image tree IMAGE shows layers; cordon diff CONTAINER shows changes")
	ABSENT("-", "image mount", MOUNTS, "cordon create IMAGE, then cordon cp or cordon export")
	ABSENT("-", "image scp", "cordon speaks to registries",
	       "cordon save IMAGE | ssh HOST cordon load")
	ABSENT("-", "image search", "registries are asked for images by name only",
	       "look at the registry's own page, then: cordon pull NAME")
	ABSENT("-", "image sign", OTHER_SIGNER, SIGN_INSTEAD)
	ABSENT("-", "image trust", "what is trusted stands in policy.json",
	       "write it there (docs/registries.md); cordon image verify IMAGE tries it")
	ABSENT("-", "image umount", MOUNTS, "cordon create IMAGE, then cordon cp or cordon export")
	ABSENT("-", "image unmount", MOUNTS, "cordon create IMAGE, then cordon cp or cordon export")
	ABSENT("-", "manifest add", LISTS, LISTS_INSTEAD)
	ABSENT("-", "manifest annotate", LISTS, LISTS_INSTEAD)
	ABSENT("-", "manifest create", LISTS, LISTS_INSTEAD)
	ABSENT("-", "manifest exists", LISTS, "cordon manifest inspect IMAGE asks the registry")
	ABSENT("-", "manifest push", LISTS, LISTS_INSTEAD)
	ABSENT("-", "manifest remove", LISTS, LISTS_INSTEAD)
	ABSENT("-", "manifest rm", LISTS, LISTS_INSTEAD)
	ABSENT("-", "system connection", "there is no daemon", "log in there")
	ABSENT("-", "system dial-stdio", "there is no daemon", "log in there")
	ABSENT("-", "system events", "no daemon is there to tell of them",
	       "ask for the state: cordon ps -a, cordon wait CONTAINER, cordon logs -f CONTAINER")
	ABSENT("-", "system migrate", STORE, "cordon system check looks whether all is well")
	ABSENT("-", "system renumber", STORE, "cordon system check looks whether all is well")
	ABSENT("-", "system reset", "nothing is removed that was not named",
	       "cordon rm -f $(cordon ps -aq); cordon system prune --all --volumes")
	ABSENT("-", "system service", "there is no daemon", "call cordon itself");
