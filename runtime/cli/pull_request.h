/*
 * pull_request: the options that say how an image is pulled, for all commands that do.
 */
#ifndef CORDON_CLI_PULL_REQUEST_H
#define CORDON_CLI_PULL_REQUEST_H

#include "runtime/cli/command.h"
#include "runtime/cli/progress.h"
#include "runtime/profile/profile.h"

struct pull_words {
	bool quiet, insecure;
	enum either tls_verify, no_content_trust;
	const char *certificates, *credentials, *platform, *architecture, *os, *variant, *file;
};

/* Rows of an options table: `member` of `type` is a struct pull_words. */
#define ACCESS_ROWS(type, member)                                                                  \
	{ 0,           "authfile",                                                                 \
	  OPTION_TEXT, offsetof(type, member.file),                                                \
	  "FILE",      "credentials are in this file ($REGISTRY_AUTH_FILE)" },                     \
	        { 0,           "cert-dir",                                                         \
		  OPTION_TEXT, offsetof(type, member.certificates),                                \
		  "FOLDER",    "certificates are in this folder, instead of those of certs.d" },   \
	        { 0,                                                                               \
		  "disable-content-trust",                                                         \
		  OPTION_EITHER,                                                                   \
		  offsetof(type, member.no_content_trust),                                         \
		  NULL,                                                                            \
		  "accepted; signatures are checked as policy.json asks" },                        \
	        { 0,                                                                               \
		  "creds",                                                                         \
		  OPTION_TEXT,                                                                     \
		  offsetof(type, member.credentials),                                              \
		  "USER:PASSWORD",                                                                 \
		  "instead of those of cordon login" },                                            \
	{                                                                                          \
		0, "tls-verify", OPTION_EITHER, offsetof(type, member.tls_verify), NULL,           \
		        "=false takes any certificate, and plain HTTP; =true neither, whatever "   \
		        "registries.conf says"                                                     \
	}
#define PULL_ROWS(type, member)                                                                    \
	ACCESS_ROWS(type, member),                                                                 \
	        { 0,                                                                               \
		  "arch",                                                                          \
		  OPTION_TEXT,                                                                     \
		  offsetof(type, member.architecture),                                             \
		  "ARCHITECTURE",                                                                  \
		  "the same in parts: --arch, --os, --variant" },                                  \
	        { 0, "os", OPTION_TEXT, offsetof(type, member.os), "OS", "linux" },                \
	        { 0,                                                                               \
		  "platform",                                                                      \
		  OPTION_TEXT,                                                                     \
		  offsetof(type, member.platform),                                                 \
		  "OS/ARCHITECTURE[/VARIANT]",                                                     \
		  "of an image for several (this machine's, or $DOCKER_DEFAULT_PLATFORM)" },       \
	{                                                                                          \
		0, "variant", OPTION_TEXT, offsetof(type, member.variant), "VARIANT",              \
		        "a level of the architecture, as v7"                                       \
	}

/* --tls-verify */
enum image_tls access_tls(enum either verify);
/* --platform, or its parts, which exclude it: what is not said is NULL. */
int platform_make(struct platform *ret, struct arena *arena, const char *words,
                  const struct platform *parts, struct error *err)
        __attribute__((warn_unused_result));
/* ACCESS_ROWS */
int access_make(struct image_access *ret, struct arena *arena, const struct pull_words *words,
                struct error *err) __attribute__((warn_unused_result));

/* Shows on standard error how it goes; opened by the first news. */
struct pull_view {
	struct image_watch watch;
	struct arena *arena;
	struct progress *progress;
	bool quiet;                     /* only what went wrong */
	struct profile_request profile; /* what was said of the policy that the image gets */
};

void pull_view_open(struct pull_view *ret, struct arena *arena);
/* Asks the policy that the image would be run with; `view` stands beside it. */
struct image_policy pull_view_policy(struct pull_view *view, const struct paths *paths);
/* Fills what the words say; `view` stands beside it. */
int pull_request_make(struct image_pull *ret, struct pull_view *view, struct call *call,
                      const struct pull_words *words, struct error *err)
        __attribute__((warn_unused_result));
/* Draws the last of it. */
void pull_view_close(struct pull_view *view);

#endif
