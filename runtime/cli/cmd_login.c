/*
 * login and logout: as whom registries are asked. A login is tried before it is kept.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/prompt.h"
#include "runtime/cli/pull_request.h"
#include "runtime/image/image.h"
#include "runtime/registry/credentials.h"
#include "runtime/registry/registries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct login_options {
	const char *user, *password, *file, *certificates;
	enum either tls_verify;
	bool password_stdin, get_login, verbose;
};

static const struct option login_table[] = {
	{ 0, "authfile", OPTION_TEXT, offsetof(struct login_options, file), "FILE",
	  "keep credentials in this file ($REGISTRY_AUTH_FILE)" },
	{ 0, "cert-dir", OPTION_TEXT, offsetof(struct login_options, certificates), "FOLDER",
	  "certificates are in this folder, instead of those of certs.d" },
	{ 0, "get-login", OPTION_FLAG, offsetof(struct login_options, get_login), NULL,
	  "only say who is logged in" },
	{ 'p', "password", OPTION_TEXT, offsetof(struct login_options, password), "PASSWORD",
	  "which every process on this machine can see; better: --password-stdin" },
	{ 0, "password-stdin", OPTION_FLAG, offsetof(struct login_options, password_stdin), NULL,
	  "the password is on standard input" },
	{ 0, "tls-verify", OPTION_EITHER, offsetof(struct login_options, tls_verify), NULL,
	  "=false takes any certificate, and plain HTTP; =true neither" },
	{ 'u', "username", OPTION_TEXT, offsetof(struct login_options, user), "USER", "who" },
	{ 'v', "verbose", OPTION_FLAG, offsetof(struct login_options, verbose), NULL,
	  "say where the credentials are kept" },
	OPTIONS_END,
};

/* What both commands start from. */
struct ground {
	struct registries registries;
	struct credential_sources sources;
	const char *key;
};

static int find_ground(struct ground *ret, struct call *call, const char *file, struct error *err)
{
	const char *name = call->count > 0 ? call->words[0] : "docker.io";

	if (credentials_key(&ret->key, call->arena, name, err) < 0 ||
	    registries_read(&ret->registries, call->arena, err) < 0)
		return -1;
	credential_sources_init(&ret->sources, call->arena, &ret->registries.helpers, file);
	return 0;
}

/* ---- login ---- */

static int not_logged_in(const char *key, struct error *err)
{
	error_set(err, 0, "not logged in to %s", key);
	return error_hint(err, "cordon login %s", key);
}

static int show_login(struct call *call, const struct ground *ground, struct error *err)
{
	struct credentials kept;
	int found = credentials_find(&kept, call->arena, &ground->sources, ground->key, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return not_logged_in(ground->key, err);
	if (kept.user[0] == '\0')
		return error_set(err, 0, "logged in to %s with a token, which names nobody",
		                 ground->key);
	return output_line(err, "%s", kept.user);
}

/* Is the registry content? NULL for user: with what is kept. */
static int try_login(struct call *call, const struct ground *ground,
                     const struct credentials *credentials, struct error *err)
{
	const struct login_options *given = call->options;
	const char *key = ground->key;
	const struct image_login login = {
		.registry = arena_text(call->arena, key, strcspn(key, "/")),
		.access = { .user = credentials == NULL ? NULL : credentials->user,
		            .secret = credentials == NULL ? NULL : credentials->secret,
		            .file = given->file,
		            .certificates = given->certificates,
		            .tls = access_tls(given->tls_verify) },
	};

	return image_login(call->arena, &call->paths, &call->host, &login, err);
}

static int take_user(struct credentials *ret, struct call *call, const char *kept,
                     struct error *err)
{
	const struct login_options *given = call->options;

	ret->user = given->user;
	if (ret->user == NULL && prompt_line(&ret->user, call->arena, "Username", kept, err) < 0)
		return -1;
	/* Basic authentication cannot say it (RFC 7617, 2). */
	if (ret->user[0] == '\0' || strchr(ret->user, ':') != NULL)
		return error_set(err, 0, "a user's name is not empty, and has no colon in it");
	return 0;
}

static int take_password(struct credentials *ret, struct call *call, struct error *err)
{
	const struct login_options *given = call->options;
	int result = 0;

	ret->secret = given->password;
	if (given->password_stdin)
		result = prompt_read_all(&ret->secret, call->arena, err);
	else if (given->password == NULL)
		result = prompt_secret(&ret->secret, call->arena, "Password", err);
	if (result < 0)
		return -1;
	return ret->secret[0] != '\0' ? 0 : error_set(err, 0, "the password is empty");
}

static int check_options(const struct login_options *given, struct error *err)
{
	if (given->password != NULL && given->password_stdin)
		return error_set(err, 0, "--password and --password-stdin exclude one another");
	if (given->password_stdin && given->user == NULL)
		return error_set(err, 0,
		                 "--password-stdin needs --username: standard input is "
		                 "the password");
	if (given->password == NULL && !given->password_stdin && !prompt_possible()) {
		error_set(err, 0,
		          "nobody can be asked for the password: standard input is no "
		          "terminal");
		return error_hint(err, "--username USER --password-stdin takes it from there");
	}
	if (given->password != NULL)
		fputs("cordon: a password on the command line can be seen by every process; "
		      "--password-stdin takes it from standard input\n",
		      stderr);
	return 0;
}

/* 1: what is kept is still good, and nothing has to be asked for. */
static int try_kept(const char **user, struct call *call, const struct ground *ground,
                    struct error *err)
{
	const struct login_options *given = call->options;
	struct credentials kept;
	int found;

	*user = NULL;
	if (given->user != NULL || given->password != NULL || given->password_stdin)
		return 0;
	found = credentials_find(&kept, call->arena, &ground->sources, ground->key, err);
	if (found <= 0)
		return found;
	*user = kept.user[0] != '\0' ? kept.user : NULL;
	if (try_login(call, ground, kept.token == NULL ? &kept : NULL, err) < 0) {
		if (!prompt_possible())
			return -1;
		output_error(err);
		return 0;
	}
	return output_line(err, "Already logged in to %s%s%s", ground->key,
	                   *user == NULL ? "" : " as ", *user == NULL ? "" : *user) < 0
	               ? -1
	               : 1;
}

static int log_in(struct call *call, const struct ground *ground, const char *user,
                  struct error *err)
{
	const struct login_options *given = call->options;
	struct credentials credentials = {};
	const char *where;

	if (check_options(given, err) < 0 || take_user(&credentials, call, user, err) < 0 ||
	    take_password(&credentials, call, err) < 0 ||
	    try_login(call, ground, &credentials, err) < 0 ||
	    credentials_store(&where, call->arena, &ground->sources, ground->key, &credentials,
	                      err) < 0)
		return -1;
	if (given->verbose && output_line(err, "Used: %s", where) < 0)
		return -1;
	return output_line(err, "Login Succeeded");
}

static int login(struct call *call, struct error *err)
{
	const struct login_options *given = call->options;
	struct ground ground;
	const char *user;
	int kept;

	if (find_ground(&ground, call, given->file, err) < 0)
		return -1;
	if (given->get_login)
		return show_login(call, &ground, err);
	kept = try_kept(&user, call, &ground, err);
	if (kept != 0)
		return kept < 0 ? -1 : 0;
	return log_in(call, &ground, user, err);
}

const struct command command_login = {
	.name = "login",
	.group = GROUP_IMAGE,
	.operands = "[REGISTRY]",
	.summary = "Log in to a registry",
	.options = login_table,
	.options_size = sizeof(struct login_options),
	.needs = NEED_ALL,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = login,
	.details =
	        "The registry is asked first, and what it accepts is kept: in $XDG_RUNTIME_DIR/containers/auth.json,\n"
	        "which podman, skopeo and buildah read as well, or in the helper that this file names. Without a\n"
	        "REGISTRY it is docker.io. REGISTRY/PATH keeps credentials for the repositories below PATH alone.",
};

/* ---- logout ---- */

struct logout_options {
	const char *file;
	bool all;
};

static const struct option logout_table[] = {
	{ 'a', "all", OPTION_FLAG, offsetof(struct logout_options, all), NULL,
	  "forget all credentials" },
	{ 0, "authfile", OPTION_TEXT, offsetof(struct logout_options, file), "FILE",
	  "credentials are in this file ($REGISTRY_AUTH_FILE)" },
	OPTIONS_END,
};

/* podman and Docker keep credentials in several places; only one of them is ours to change. */
static int still_there(struct call *call, const struct ground *ground, struct error *err)
{
	struct credentials kept;
	struct error ignored;

	if (credentials_find(&kept, call->arena, &ground->sources, ground->key, &ignored) <= 0)
		return not_logged_in(ground->key, err);
	error_set(err, 0, "not logged in to %s by cordon or podman: %s has credentials for it",
	          ground->key, kept.origin);
	return error_hint(err, "docker logout, or --authfile %s", kept.origin);
}

static int log_out_all(struct call *call, const struct ground *ground, struct error *err)
{
	struct plan_strings keys;

	if (credentials_list(&keys, call->arena, &ground->sources, err) < 0)
		return -1;
	for (size_t i = 0; i < keys.count; i++)
		if (credentials_remove(call->arena, &ground->sources, keys.items[i], err) < 0)
			return -1;
	return output_line(err, "Removed login credentials for all registries");
}

static int logout(struct call *call, struct error *err)
{
	const struct logout_options *given = call->options;
	struct ground ground;
	int found;

	if (given->all && call->count > 0)
		return error_set(err, 0, "--all and a registry exclude one another");
	if (find_ground(&ground, call, given->file, err) < 0)
		return -1;
	if (given->all)
		return log_out_all(call, &ground, err);
	found = credentials_remove(call->arena, &ground.sources, ground.key, err);
	if (found == 0)
		return still_there(call, &ground, err);
	return found < 0 ? -1 : output_line(err, "Removed login credentials for %s", ground.key);
}

const struct command command_logout = {
	.name = "logout",
	.group = GROUP_IMAGE,
	.operands = "[REGISTRY]",
	.summary = "Forget the credentials for a registry",
	.options = logout_table,
	.options_size = sizeof(struct logout_options),
	.needs = NEED_ORDINARY_USER,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = logout,
	.details =
	        "Without a REGISTRY it is docker.io. Credential helpers are told to forget, too.",
};
