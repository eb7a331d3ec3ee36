/* trust: which scope of policy.json counts, what it asks for, what is refused, who signed what. */
#include "runtime/registry/scope.h"
#include "runtime/registry/trust.h"
#include "sandbox/base/cleanup.h"
#include "tests/runtime/registry/ground.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int parse(struct trust *ret, struct arena *arena, const char *json, struct error *err)
{
	_cleanup_text struct text text = {};

	text_append(&text, json);
	return trust_parse(ret, arena, "policy.json", &text, err);
}

/* ---- scopes ---- */

static const struct scope_row {
	const char *name, *scopes;
} scope_rows[] = {
	{ "busybox", "docker.io/library/busybox:latest docker.io/library/busybox docker.io/library "
	             "docker.io *.io" },
	{ "h.a.example:5000/x/y@sha256:" HEX,
	  "h.a.example:5000/x/y@sha256:" HEX
	  " h.a.example:5000/x/y h.a.example:5000/x h.a.example:5000 *.a.example *.example" },
	{ "localhost/x:1", "localhost/x:1 localhost/x localhost" },
	/* a digest says more than a tag */
	{ "localhost/x:1@sha256:" HEX, "localhost/x@sha256:" HEX " localhost/x localhost" },
};

static const char *join(struct arena *arena, const struct plan_strings *list)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < list->count; i++)
		text_printf(&text, "%s%s", i > 0 ? " " : "", list->items[i]);
	return arena_strdup(arena, text_string(&text));
}

static void test_scopes(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct plan_strings scopes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scope_rows); i++) {
		struct reference reference;
		struct error err = {};

		assert_int_equal(reference_parse(&reference, &arena, scope_rows[i].name, &err), 0);
		scope_of_reference(&scopes, &arena, &reference);
		assert_string_equal(join(&arena, &scopes), scope_rows[i].scopes);
	}
	scope_of_path(&scopes, &arena, "/srv/images/a");
	assert_string_equal(join(&arena, &scopes), "/srv/images/a /srv/images /srv");
	scope_of_path(&scopes, &arena, "/");
	assert_int_equal(scopes.count, 0);
}

/* ---- requirements ---- */

/* Each scope is known by its key's path. */
#define SIGNED(path) "[{\"type\": \"sigstoreSigned\", \"keyPath\": \"" path "\"}]"
#define ACCEPT       "[{\"type\": \"insecureAcceptAnything\"}]"

static const char policy[] =
        "{\"default\": [{\"type\": \"reject\"}],\n"
        "\"transports\": {\n"
        "\"docker\": {\"\": " SIGNED(
                "any") ",\n"
                       "  \"docker.io\": " ACCEPT ",\n"
                       "  \"docker.io/library\": " SIGNED(
                               "library") ",\n"
                                          "  \"docker.io/library/busybox:1\": " SIGNED(
                                                  "busybox1") ",\n"
                                                              "  \"docker.io/library/busybox@sha256:" HEX
                                                              "\": " SIGNED(
                                                                      "digest") ",\n"
                                                                                "  \"*.example.com\": " SIGNED(
                                                                                        "wild") ",\n"
                                                                                                "  \"*.b.example.com\": " SIGNED(
                                                                                                        "wilder") ",\n"
                                                                                                                  "  \"h.example.com:5000\": " SIGNED(
                                                                                                                          "port") ",\n"
                                                                                                                                  "  \"no.example\": [{\"type\": \"insecureAcceptAnything\"}, {\"type\": \"reject\"}],\n"
                                                                                                                                  "  \"gpg.example\": [{\"type\": \"signedBy\", \"keyType\": \"GPGKeys\", \"keyPath\": "
                                                                                                                                  "\"/k\"}],\n"
                                                                                                                                  "  \"base.example\": [{\"type\": \"signedBaseLayer\", \"baseLayerIdentity\": {\"type\": "
                                                                                                                                  "\"matchExact\"}}],\n"
                                                                                                                                  "  \"log.example\": [{\"type\": \"sigstoreSigned\", \"keyPath\": \"k\", "
                                                                                                                                  "\"rekorPublicKeyPath\": \"r\"}],\n"
                                                                                                                                  "  \"fulcio.example\": [{\"type\": \"sigstoreSigned\", \"fulcio\": {\"caPath\": \"c\", "
                                                                                                                                  "\"oidcIssuer\": \"o\", \"subjectEmail\": \"s\"}, \"rekorPublicKeyPath\": \"r\"}],\n"
                                                                                                                                  "  \"pki.example\": [{\"type\": \"sigstoreSigned\", \"pki\": {\"caRootsPath\": \"c\", "
                                                                                                                                  "\"subjectEmail\": \"s\"}}]},\n"
                                                                                                                                  "\"oci\": {\"/srv\": " ACCEPT
                                                                                                                                  ", \"/srv/x\": [{\"type\": \"reject\"}]},\n"
                                                                                                                                  "\"docker-archive\": {\"\": " ACCEPT
                                                                                                                                  "}\n"
                                                                                                                                  "}}";

static const struct demand {
	const char *transport, *name, *asked; /* "accepted", the path of a key, "-: TEXT" */
} demands[] = {
	{ "docker", "quay.io/x", "any" },
	{ "docker", "docker.io/team/app", "accepted" },
	{ "docker", "nginx", "library" },
	{ "docker", "busybox:2", "library" },
	{ "docker", "busybox:1", "busybox1" },
	{ "docker", "busybox:1@sha256:" HEX, "digest" },
	{ "docker", "a.example.com/x", "wild" },
	{ "docker", "a.b.example.com:80/x", "wilder" },
	{ "docker", "h.example.com:5000/x", "port" },
	{ "docker", "h.example.com/x", "wild" },
	{ "docker", "example.com/x", "any" },
	{ "docker", "no.example/x", "-: no.example/x is rejected by policy.json:11" },
	{ "docker", "gpg.example/x",
	  "-: gpg.example/x needs a GPG signature (signedBy, policy.json:12), which cordon does not "
	  "verify: it is refused" },
	{ "docker", "base.example/x",
	  "-: base.example/x needs a signed base layer (policy.json:13), "
	  "which nobody can verify: it is refused" },
	{ "docker", "log.example/x",
	  "-: log.example/x needs what cordon does not verify (rekorPublicKeyPath, "
	  "policy.json:14): it is refused" },
	{ "docker", "fulcio.example/x",
	  "-: fulcio.example/x needs what cordon does not verify (fulcio, policy.json:15): it is "
	  "refused" },
	{ "docker", "pki.example/x",
	  "-: pki.example/x needs what cordon does not verify (pki, policy.json:16): it is refused" },
	{ "docker", "UPPER/", "-: " },
	{ "oci", "/srv", "accepted" },
	{ "oci", "/srv/y/z", "accepted" },
	{ "oci", "/srv/x/z", "-: /srv/x/z is rejected by policy.json:17" },
	{ "oci", "/srvx", "-: /srvx is rejected by policy.json:1" },
	{ "oci-archive", "/srv/y", "-: /srv/y is rejected by policy.json:1" },
	{ "docker-archive", "/any/file.tar", "accepted" },
	{ "dir", "/srv", "-: /srv is rejected by policy.json:1" },
};

static const char *demand(struct arena *arena, const struct trust *trust, const char *transport,
                          const char *name)
{
	const struct trust_scope *scope;
	struct error err = {};
	int status = trust_requirements(&scope, arena, trust, transport, name, &err);

	if (status < 0)
		return arena_printf(arena, "-: %s", err.text);
	if (status > 0)
		return "accepted";
	return scope->requirements[0].keys[0].path;
}

static void test_demands(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct error err = {};
	struct trust trust;

	(void)state;
	if (parse(&trust, &arena, policy, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(demands); i++) {
		const char *asked = demand(&arena, &trust, demands[i].transport, demands[i].name);

		if (strcmp(demands[i].asked, "-: ") == 0)
			assert_true(text_starts(asked, "-: "));
		else
			assert_string_equal(asked, demands[i].asked);
	}
}

/* The user's, then the system's; without one, all is accepted. */
static void test_files(void **state)
{
	static const char *const files[] = { "share/policy.json", "etc/policy.json",
		                             "home/.config/containers/policy.json",
		                             "xdg/containers/policy.json" };
	struct error err = {};
	struct ground ground;
	struct trust trust;

	(void)state;
	ground_open(&ground);
	assert_int_equal(trust_read_in(&trust, &ground.arena, &ground.folders, &err), 0);
	assert_null(trust.file);
	assert_string_equal(demand(&ground.arena, &trust, "docker", "x"), "accepted");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		ground_write(&ground, files[i],
		             arena_printf(&ground.arena,
		                          "{\"default\": [{\"type\": \"sigstoreSigned\", "
		                          "\"keyPath\": \"%s\"}]}",
		                          files[i]));
		assert_int_equal(trust_read_in(&trust, &ground.arena, &ground.folders, &err), 0);
		assert_string_equal(demand(&ground.arena, &trust, "docker", "x"), files[i]);
	}
	ground_write(&ground, files[3], "");
	assert_int_equal(trust_read_in(&trust, &ground.arena, &ground.folders, &err), -1);
	ground_close(&ground);
}

static void test_keys(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct trust_requirement *first;
	const struct trust_scope *scope;
	struct error err = {};
	struct trust trust;

	(void)state;
	assert_int_equal(parse(&trust, &arena,
	                       "{\"default\": [{\"type\": \"sigstoreSigned\", \"keyDatas\": "
	                       "[\"Zm9v\", \"YmE=\"]}, {\"type\": \"insecureAcceptAnything\"},"
	                       "{\"type\": \"sigstoreSigned\", \"keyPaths\": [\"/a\", \"/b\"]}]}",
	                       &err),
	                 0);
	assert_int_equal(trust_requirements(&scope, &arena, &trust, "docker", "x", &err), 0);
	assert_int_equal(scope->count, 3);
	first = &scope->requirements[0];
	assert_int_equal(first->key_count, 2);
	assert_null(first->keys[1].path);
	assert_int_equal(first->keys[1].length, 2);
	assert_memory_equal(first->keys[1].data, "ba", 2);
	assert_int_equal(first->identity.match, MATCH_REPOSITORY_DIGEST_OR_EXACT);
	assert_int_equal(scope->requirements[1].kind, TRUST_ACCEPT);
	assert_string_equal(scope->requirements[2].keys[1].path, "/b");
}

/* ---- what is no policy ---- */

#define REJECT "[{\"type\": \"insecureAcceptAnything\"}, {\"type\": \"reject\"}]"
#define SCOPE(transport, scope, list)                                                              \
	"{\"default\": " ACCEPT ", \"transports\": {\"" transport "\": {\"" scope "\": " list "}}}"
#define ALONE(requirement) "{\"default\": [" requirement "]}"
#define KEY                "\"type\": \"sigstoreSigned\", \"keyPath\": \"k\""
#define MADE(identity)     ALONE("{" KEY ", \"signedIdentity\": " identity "}")

static const struct refusal {
	const char *json, *why;
} refusals[] = {
	{ "", "policy.json:1:" },
	{ "[]", "is an array, must be an object" },
	{ "{}", "policy.json:1:1: default is missing" },
	{ "{\"default\": []}",
	  "policy.json:1:2: must be a list of requirements, and not an empty" },
	{ "{\"default\": {}}", "default is an object, must be an array" },
	{ "{\"default\": " ACCEPT ", \"x\": 1}", "x is no key here" },
	{ "{\"default\": " ACCEPT ", \"default\": " ACCEPT "}", "duplicate" },
	{ "{\"default\": " ACCEPT ",\n \"transport\": {}}",
	  "policy.json:2:2: transport is no key here" },
	{ "{\"default\": " ACCEPT ", \"transports\": []}", "must be an object" },
	{ "{\"default\": " ACCEPT ", \"transports\": {\"docker\": []}}", "must be an object" },
	{ "{\"default\": " ACCEPT ", \"transports\": {\"docker\": {\"\": []}}}", "not an empty" },
	{ "{\"default\": " ACCEPT ", \"transports\": {\"docker-archive\": {\"x\": " ACCEPT "}}}",
	  "no scope but" },
	{ "{\"default\": " ACCEPT ", \"transports\": {\"oci\": {\"x\": " ACCEPT "}}}",
	  "absolute path" },
	{ "{\"default\": " ACCEPT ", \"transports\": {\"oci\": {\"/x/\": " ACCEPT "}}}",
	  "absolute path" },
	{ "{\"default\": " ACCEPT ", \"transports\": {\"dir\": {\"/x/../y\": " ACCEPT "}}}",
	  "absolute path" },
	/* restrictions that would be none */
	{ SCOPE("docker", "nginx", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "library/nginx", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "*", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "*.", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "a.*.example", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "*.example/x", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "*.example:5000", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "a.example/", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "https://a.example", REJECT), "so it would restrict nothing" },
	{ SCOPE("docker", "a.example /x", REJECT), "so it would restrict nothing" },
	{ SCOPE("oci", "/srv/x:tag", REJECT), "so it would restrict nothing" },
	{ SCOPE("Docker", "", REJECT), "Docker is no transport" },
	{ SCOPE("dokcer", "", REJECT), "dokcer is no transport" },
	{ SCOPE("docker-archiv", "", REJECT), "docker-archiv is no transport" },
	{ SCOPE("tar-ball", "", REJECT), "tar-ball is no transport" },
	{ ALONE("1"), "is an integer, must be an object" },
	{ ALONE("{}"), "type is missing" },
	{ ALONE("{\"type\": \"accept\"}"), "type is none that is known: 'accept'" },
	{ ALONE("{\"type\": 1}"), "type is none that is known" },
	{ ALONE("{\"type\": \"reject\", \"x\": 1}"), "x is no key here" },
	{ ALONE("{\"Type\": \"reject\"}"), "type is missing" },
	{ ALONE("{\"type\": \"sigstoreSigned\"}"), "one of these is missing: keyPath, keyPaths" },
	{ ALONE("{" KEY ", \"keyData\": \"Zm9v\"}"), "keyPath and keyData are two sources" },
	{ ALONE("{" KEY ", \"keypaths\": []}"), "keypaths is no key here" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"keyPath\": \"\"}"), "not empty" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"keyPaths\": []}"), "keyPaths is empty" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"keyPaths\": [1]}"), "a key is a string" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"keyData\": \"!\"}"), "not base64" },
	{ ALONE("{" KEY ", \"rekorPublicKeyPath\": \"a\", \"rekorPublicKeyData\": \"b\"}"),
	  "two sources" },
	{ ALONE("{" KEY ", \"fulcio\": {}}"), "keyPath and fulcio are two sources" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"fulcio\": {\"oidcIssuer\": \"o\", "
	        "\"subjectEmail\": \"s\"}}"),
	  "one of these is missing: caPath, caData" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"fulcio\": {\"caPath\": \"c\", \"oidcIssuer\": "
	        "\"o\", \"subjectEmail\": \"s\"}}"),
	  "fulcio needs a rekorPublicKeyPath" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"pki\": {\"caRootsPath\": \"c\"}}"),
	  "subjectEmail, subjectHostname" },
	{ ALONE("{\"type\": \"sigstoreSigned\", \"pki\": {\"caRootsPath\": \"c\", "
	        "\"subjectEmail\": \"s\"}, \"rekorPublicKeyPath\": \"r\"}"),
	  "exclude one another" },
	{ ALONE("{\"type\": \"signedBy\", \"keyPath\": \"k\"}"), "keyType is missing" },
	{ ALONE("{\"type\": \"signedBy\", \"keyPath\": \"k\", \"keyType\": \"GPG\"}"),
	  "keyType GPG is not known" },
	{ ALONE("{\"type\": \"signedBy\", \"keyType\": \"GPGKeys\"}"), "one of these is missing" },
	{ ALONE("{\"type\": \"signedBaseLayer\"}"), "baseLayerIdentity is missing" },
	{ MADE("{}"), "type is missing" },
	{ MADE("{\"type\": \"any\"}"), "type is none that is known: 'any'" },
	{ MADE("{\"type\": \"matchExact\", \"x\": 1}"), "x is no key here" },
	{ MADE("{\"type\": \"exactReference\"}"), "dockerReference is missing" },
	{ MADE("{\"type\": \"exactReference\", \"dockerReference\": \"a b\"}"), "no image's name" },
	{ MADE("{\"type\": \"exactReference\", \"dockerReference\": \"busybox\"}"),
	  "neither tag nor digest" },
	{ MADE("{\"type\": \"exactRepository\", \"dockerReference\": \"x\"}"), "no key here" },
	{ MADE("{\"type\": \"remapIdentity\", \"prefix\": \"a.example\"}"),
	  "signedPrefix is missing" },
	{ MADE("{\"type\": \"remapIdentity\", \"prefix\": \"a.example/x:1\", \"signedPrefix\": "
	       "\"b.example\"}"),
	  "prefix is not HOST" },
	{ MADE("{\"type\": \"remapIdentity\", \"prefix\": \"a.example\", \"signedPrefix\": "
	       "\"busybox\"}"),
	  "signedPrefix is not HOST" },
	{ MADE("{\"type\": \"remapIdentity\", \"prefix\": \"\", \"signedPrefix\": "
	       "\"b.example\"}"),
	  "prefix is not HOST" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		_cleanup_arena struct arena arena = {};
		struct error err = {};
		struct trust trust;

		if (parse(&trust, &arena, refusals[i].json, &err) == 0)
			fail_msg("%s: was taken", refusals[i].json);
		if (!text_starts(err.text, "policy.json:") ||
		    strstr(err.text, refusals[i].why) == NULL)
			fail_msg("%s: '%s', not '%s'", refusals[i].json, err.text, refusals[i].why);
	}
}

/* Scopes that can be met, and those that fit nothing where nothing is lost by that. */
static void test_taken(void **state)
{
	static const char *const texts[] = {
		SCOPE("docker", "", REJECT),
		SCOPE("docker", "a.example", REJECT),
		SCOPE("docker", "a:5000", REJECT),
		SCOPE("docker", "localhost", REJECT),
		SCOPE("docker", "localhost/x", REJECT),
		SCOPE("docker", "[::1]:5000/x", REJECT),
		SCOPE("docker", "*.example", REJECT),
		SCOPE("docker", "*.b.example", REJECT),
		SCOPE("docker", "docker.io/library/nginx:1", REJECT),
		SCOPE("docker", "a.example/x@sha256:" HEX, REJECT),
		SCOPE("docker", "nginx", ACCEPT),
		SCOPE("docker", "a.*.example", ACCEPT),
		SCOPE("oci", "/srv/x:tag", ACCEPT),
		SCOPE("oci", "/srv/x", REJECT),
		SCOPE("atomic", "nginx", REJECT),
		SCOPE("docker-daemon", "", REJECT),
		SCOPE("containers-storage", "", REJECT),
		SCOPE("of-the-future", "", REJECT),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_arena struct arena arena = {};
		struct error err = {};
		struct trust trust;

		if (parse(&trust, &arena, texts[i], &err) < 0)
			fail_msg("%s: %s", texts[i], err.text);
	}
}

/* ---- identities ---- */

#define REMAP                                                                                      \
	"{\"type\":\"remapIdentity\",\"prefix\":\"m.example/v\",\"signedPrefix\":\"v.example\"}"
#define TO_HUB                                                                                     \
	"{\"type\":\"remapIdentity\",\"prefix\":\"m.example/v\",\"signedPrefix\":\"docker.io\"}"

static const struct match {
	const char *identity, *image, *claimed;
	bool matches;
} matches[] = {
	{ "{\"type\":\"matchExact\"}", "busybox:1", "docker.io/library/busybox:1", true },
	{ "{\"type\":\"matchExact\"}", "busybox", "busybox:latest", true },
	{ "{\"type\":\"matchExact\"}", "busybox", "busybox", false },
	{ "{\"type\":\"matchExact\"}", "busybox:1", "busybox:2", false },
	{ "{\"type\":\"matchExact\"}", "busybox@sha256:" HEX, "busybox:1", false },
	{ "{\"type\":\"matchExact\"}", "busybox@sha256:" HEX, "busybox@sha256:" HEX, true },
	{ "{\"type\":\"matchExact\"}", "busybox:1", "Not A Name", false },
	{ "{\"type\":\"matchExact\"}", NULL, "busybox:1", false },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox:1", "busybox:1", true },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox:1", "busybox:2", false },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox:1", "busybox", false },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox@sha256:" HEX, "busybox:2", true },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox:1@sha256:" HEX, "busybox:2", true },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox@sha256:" HEX, "busybox", false },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", "busybox@sha256:" HEX, "alpine:2", false },
	{ "{\"type\":\"matchRepoDigestOrExact\"}", NULL, "busybox:1", false },
	{ "{\"type\":\"matchRepository\"}", "busybox:1", "busybox", true },
	{ "{\"type\":\"matchRepository\"}", "busybox:1", "docker.io/library/busybox:2", true },
	{ "{\"type\":\"matchRepository\"}", "busybox:1", "docker.io/busybox/busybox", false },
	{ "{\"type\":\"matchRepository\"}", "busybox:1", "quay.io/library/busybox", false },
	{ "{\"type\":\"matchRepository\"}", NULL, "busybox", false },
	{ "{\"type\":\"exactReference\",\"dockerReference\":\"busybox:1\"}", "x.example/y:3",
	  "docker.io/library/busybox:1", true },
	{ "{\"type\":\"exactReference\",\"dockerReference\":\"busybox:1\"}", NULL, "busybox:1",
	  true },
	{ "{\"type\":\"exactReference\",\"dockerReference\":\"busybox:1\"}", NULL, "busybox:2",
	  false },
	{ "{\"type\":\"exactReference\",\"dockerReference\":\"busybox:latest\"}", NULL, "busybox",
	  false },
	{ "{\"type\":\"exactRepository\",\"dockerRepository\":\"busybox\"}", NULL, "busybox:7",
	  true },
	{ "{\"type\":\"exactRepository\",\"dockerRepository\":\"busybox\"}", "busybox:7",
	  "alpine:7", false },
	{ REMAP, "m.example/v/a/b:1", "v.example/a/b:1", true },
	{ REMAP, "m.example/v/a/b:1", "v.example/a/b:2", false },
	{ REMAP, "m.example/v/a/b:1", "m.example/v/a/b:1", false },
	{ REMAP, "m.example/v/a@sha256:" HEX, "v.example/a:2", true },
	{ REMAP, "m.example/va/b:1", "v.examplea/b:1", false },
	{ REMAP, "m.example/va/b:1", "m.example/va/b:1", true }, /* not below the prefix */
	{ REMAP, NULL, "v.example/a:1", false },
	{ TO_HUB, "m.example/v/library/a:1", "docker.io/library/a:1", true },
	{ TO_HUB, "m.example/v/a:1", "docker.io/library/a:1", false },
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		_cleanup_arena struct arena arena = {};
		const char *json = arena_printf(&arena, MADE("%s"), matches[i].identity);
		const struct trust_scope *scope;
		struct reference image;
		struct error err = {};
		struct trust trust;
		bool given = matches[i].image != NULL;

		if (parse(&trust, &arena, json, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(trust_requirements(&scope, &arena, &trust, "docker", "x", &err),
		                 0);
		if (given)
			assert_int_equal(reference_parse(&image, &arena, matches[i].image, &err),
			                 0);
		if (trust_identity_matches(&scope->requirements[0].identity, &arena,
		                           matches[i].claimed,
		                           given ? &image : NULL) != matches[i].matches)
			fail_msg("%s: %s signed as %s", matches[i].identity,
			         given ? matches[i].image : "none", matches[i].claimed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scopes),   cmocka_unit_test(test_demands),
		cmocka_unit_test(test_files),    cmocka_unit_test(test_keys),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_matches),
		cmocka_unit_test(test_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
