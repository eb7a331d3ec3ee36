/*
 * protocol: what the engine and its helper libexec/cordon/registry say to each other: fixed-size
 * structs of one build in single messages over a SOCK_SEQPACKET pair. One helper speaks to one
 * registry about one repository. The engine asks as often as it likes; the helper works on all
 * questions at once and answers each when it is done, under the question's number.
 *
 * Bodies do not pass here. Every question about one carries a descriptor (SCM_RIGHTS): what is
 * fetched is written to it, what is sent is read from its beginning.
 */
#ifndef CORDON_REGISTRY_PROTOCOL_H
#define CORDON_REGISTRY_PROTOCOL_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum registry_descriptor {
	REGISTRY_FD_TALK = 3,
	REGISTRY_FD_CERTIFICATES = 4, /* PEM, one behind the other; where there are any */
	REGISTRY_FD_COUNT,
};

enum {
	REGISTRY_HOST = 264, /* NAME[:PORT] */
	REGISTRY_NAME = 264, /* a repository, a tag, a digest */
	REGISTRY_USER = 512,
	REGISTRY_SECRET = 16384,
	REGISTRY_MEDIA = 256, /* a media type */
	REGISTRY_NEXT = 2048, /* a path and query */
};

/* The first message. Strings are NUL-terminated. */
struct registry_setup {
	char host[REGISTRY_HOST];
	char repository[REGISTRY_NAME]; /* "" for REGISTRY_PING */
	char agent[64];
	char user[REGISTRY_USER];     /* "" for nobody */
	char secret[REGISTRY_SECRET]; /* password, or the identity token with `token` */
	bool token;
	bool insecure; /* certificates are not checked, and plain HTTP is spoken where TLS is not */
	bool here;     /* on this machine (registry_place) */
	bool push;     /* ask for the right to push, too */
	/* Bytes in REGISTRY_FD_CERTIFICATES, in this order: what is trusted beside the machine's
	 * own; what we show of ourselves, and its key. */
	uint32_t authorities, certificate, key;
	int32_t landlock_abi;
};

enum registry_action {
	REGISTRY_PING,         /* are we let in? */
	REGISTRY_MANIFEST,     /* fetch a manifest by tag or digest */
	REGISTRY_BLOB,         /* fetch a blob, from `offset` on */
	REGISTRY_REFERRERS,    /* fetch the index of what refers to a digest */
	REGISTRY_TAGS,         /* fetch the list of the repository's tags */
	REGISTRY_BLOB_HEAD,    /* is it there? */
	REGISTRY_BLOB_MOUNT,   /* take it from the repository `from` of the same registry */
	REGISTRY_BLOB_PUT,     /* send a blob of `size` bytes */
	REGISTRY_MANIFEST_PUT, /* send a manifest of `size` bytes under a tag or digest */
	REGISTRY_ACTIONS,
};

struct registry_question {
	uint32_t number;
	uint32_t action;
	char name[REGISTRY_NAME];
	char media_type[REGISTRY_MEDIA]; /* REGISTRY_MANIFEST_PUT */
	char from[REGISTRY_NAME];        /* REGISTRY_BLOB_MOUNT */
	char next[REGISTRY_NEXT];        /* of a list: a further page, of the answer before */
	uint64_t offset;
	uint64_t size; /* of a blob, from its first byte; the most a document may have */
};

enum registry_word {
	REGISTRY_PROGRESS, /* `bytes` have passed, from `offset` on */
	REGISTRY_WAITING,  /* error says what went wrong and when it is tried again */
	REGISTRY_DONE,
};

struct registry_answer {
	uint32_t number;
	uint32_t word;
	int32_t result;                  /* of REGISTRY_DONE: 0, or -1 with `error` */
	bool there;                      /* false: the registry says that it has no such thing */
	char media_type[REGISTRY_MEDIA]; /* as the registry says; "" where it does not */
	char digest[80];                 /* Docker-Content-Digest, unchecked; "" */
	bool subject;             /* OCI-Subject: it lists what refers to a manifest itself */
	char next[REGISTRY_NEXT]; /* of a list: there is a further page; "" */
	uint64_t bytes;
	struct error error;
};

#endif
