/*
 * token: what a registry wants before it lets anybody in: Basic, or a token from a service it names
 * (distribution's token authentication; with an identity token, its OAuth2 form).
 *
 * A registry chooses the service. Credentials go there only over TLS, or in the clear where the
 * user has called the registry insecure and it was asked in the clear itself.
 */
#include "runtime/registry/client/exchange.h"

#include "policy/value.h"
#include "runtime/registry/base64.h"
#include "runtime/registry/client/header.h"
#include "runtime/registry/client/url.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { TOKEN_LIMIT = 1 << 20 };

static void authorize(struct client *client, const char *value)
{
	text_clear(&client->authorization);
	text_append(&client->authorization, value);
	client->generation++;
}

/* "Basic ..." */
static const char *basic(const struct client *client, struct arena *arena)
{
	const struct registry_setup *setup = client->setup;
	_cleanup_text struct text pair = {}, encoded = {};

	text_printf(&pair, "%s:%s", setup->user, setup->secret);
	base64_encode(&encoded, text_string(&pair), pair.length);
	return arena_printf(arena, "Basic %s", text_string(&encoded));
}

static const char *scope_of(const struct client *client, struct exchange *exchange,
                            const struct challenge *challenge)
{
	const struct registry_setup *setup = client->setup;

	if (challenge->scope != NULL)
		return challenge->scope;
	if (setup->repository[0] == '\0')
		return NULL;
	return arena_printf(&exchange->arena, "repository:%s:%s", setup->repository,
	                    setup->push ? "pull,push" : "pull");
}

/* "service=S&scope=A&scope=B"; a challenge's scope is a list, which the OAuth2 form has in one, as
 * it came. */
static const char *query(const struct client *client, struct arena *arena, const char *service,
                         const char *scope)
{
	_cleanup_text struct text text = {};
	char *list = scope == NULL ? NULL : arena_strdup(arena, scope), *place = NULL;

	if (service != NULL)
		text_printf(&text, "service=%s", url_escape(arena, service));
	if (list != NULL && client->setup->token) {
		text_printf(&text, "%sscope=%s", text.length > 0 ? "&" : "",
		            url_escape(arena, list));
		list = NULL;
	}
	for (char *one = list == NULL ? NULL : strtok_r(list, " ", &place); one != NULL;
	     one = strtok_r(NULL, " ", &place))
		text_printf(&text, "%sscope=%s", text.length > 0 ? "&" : "",
		            url_escape(arena, one));
	return arena_strdup(arena, text_string(&text));
}

static int ask_for_token(struct client *client, struct exchange *exchange,
                         const struct challenge *challenge, struct error *err)
{
	const struct registry_setup *setup = client->setup;
	struct arena *arena = &exchange->arena;
	const char *scope = scope_of(client, exchange, challenge);
	const char *asked = query(client, arena, challenge->service, scope);
	struct http_call *call = &exchange->call;

	if (!text_starts(challenge->realm, "https://") &&
	    !(client->plain && text_starts(challenge->realm, "http://"))) {
		error_set(err, 0, "%s sends us for a token to a place without TLS", setup->host);
		return error_hint(err, "a registry that may do so is marked insecure in "
		                       "registries.conf");
	}
	*call = (struct http_call){
		.method = "GET", .body = -1, .sink = -1, .limit = TOKEN_LIMIT, .owner = exchange
	};
	if (setup->token) {
		call->method = "POST";
		call->url = challenge->realm;
		call->content_type = "application/x-www-form-urlencoded";
		call->form = arena_printf(arena,
		                          "grant_type=refresh_token&refresh_token=%s&client_id="
		                          "cordon&%s",
		                          url_escape(arena, setup->secret), asked);
	} else {
		call->url = arena_printf(arena, "%s%c%s", challenge->realm,
		                         strchr(challenge->realm, '?') == NULL ? '?' : '&', asked);
	}
	if (setup->user[0] != '\0' && !setup->token)
		call->authorization = basic(client, arena);
	exchange->stage = STAGE_TOKEN;
	http_start(client->http, call);
	return 2;
}

static int no_way(const struct client *client, struct error *err)
{
	const struct registry_setup *setup = client->setup;

	if (setup->user[0] != '\0' || setup->token)
		error_set(err, 0, "%s does not accept the credentials%s%s", setup->host,
		          setup->user[0] != '\0' ? " of " : "", setup->user);
	else
		error_set(err, 0, "%s wants to know who asks", setup->host);
	return error_hint(err, "cordon login %s", setup->host);
}

int token_answer_challenge(struct client *client, struct exchange *exchange, struct error *err)
{
	struct challenge challenge = {};
	char *lines = arena_strdup(&exchange->arena, text_string(&exchange->call.challenges));
	unsigned asked_with = exchange->generation;
	bool malformed = false; /* one of several does not spoil the others */
	char *place = NULL;

	http_done(&exchange->call);
	/* Somebody else has fetched one in the meantime. */
	if (asked_with != client->generation)
		return 1;
	if (exchange->challenges++ == 2)
		return no_way(client, err);
	for (char *line = strtok_r(lines, "\n", &place); line != NULL;
	     line = strtok_r(NULL, "\n", &place))
		malformed |= !challenge_parse(&challenge, &exchange->arena, line);
	if (malformed && !challenge.bearer && !challenge.basic)
		return error_set(err, 0, "%s sent a malformed WWW-Authenticate header",
		                 client->setup->host);
	if (challenge.bearer && challenge.realm != NULL)
		return ask_for_token(client, exchange, &challenge, err);
	if (!challenge.basic || client->setup->user[0] == '\0' || exchange->challenges > 1)
		return no_way(client, err);
	authorize(client, basic(client, &exchange->arena));
	return 1;
}

/* A header's value can hold it. */
static bool is_token68(const char *text)
{
	return text[0] != '\0' &&
	       text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                         "0123456789-._~+/=")] == '\0';
}

int token_take(struct client *client, struct exchange *exchange, struct error *err)
{
	const struct text *text = &exchange->call.text;
	struct value *answer;
	const char *token;

	if (value_decode(&answer, &exchange->arena, "the token service's answer", text_string(text),
	                 text->length, err) < 0)
		return -1;
	token = value_string(value_get(answer, "token"), NULL);
	if (token == NULL)
		token = value_string(value_get(answer, "access_token"), NULL);
	if (token == NULL || !is_token68(token))
		return error_set(err, 0, "the token service of %s gave no token",
		                 client->setup->host);
	authorize(client, arena_printf(&exchange->arena, "Bearer %s", token));
	http_done(&exchange->call);
	return 0;
}
