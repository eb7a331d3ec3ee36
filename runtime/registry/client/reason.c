/*
 * reason: what a status that is no success means to the user, with the registry's own words.
 */
#include "policy/value.h"
#include "runtime/registry/client/exchange.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* The registry's own words (distribution's error format), as far as a person may see them. */
static void own_words(struct text *ret, struct exchange *exchange)
{
	const struct text *text = &exchange->call.text;
	const struct value *errors, *message;
	struct value *answer;
	struct error ignored;

	if (text->length == 0 || value_decode(&answer, &exchange->arena, "", text_string(text),
	                                      text->length, &ignored) < 0)
		return;
	errors = value_get(answer, "errors");
	if (errors == NULL || errors->kind != VALUE_ARRAY || errors->count == 0)
		return;
	message = value_get(errors->items[0], "message");
	if (message == NULL)
		message = value_get(errors->items[0], "code");
	if (value_string(message, NULL) == NULL)
		return;
	text_append(ret, ": ");
	text_append_visible(ret, message->string, message->length < 200 ? message->length : 200);
}

void exchange_explain(struct error *ret, const struct client *client, struct exchange *exchange)
{
	const struct registry_setup *setup = client->setup;
	_cleanup_text struct text words = {};
	long status = exchange->call.status;

	own_words(&words, exchange);
	if ((status == 401 || status == 403) && setup->repository[0] == '\0') {
		error_set(ret, 0, "%s does not let us in%s", setup->host, text_string(&words));
	} else if (status == 401 || status == 403) {
		error_set(ret, 0, "%s does not let us %s %s%s", setup->host,
		          setup->push ? "write to" : "read", setup->repository,
		          text_string(&words));
		error_hint(ret, "cordon login %s", setup->host);
	} else if (status == 404) {
		error_set(ret, 0, "%s has no %s%s%s%s", setup->host, setup->repository,
		          exchange->question.name[0] == '\0'             ? ""
		          : strchr(exchange->question.name, ':') != NULL ? "@"
		                                                         : ":",
		          exchange->question.name, text_string(&words));
	} else {
		error_set(ret, 0, "%s answered with status %ld%s", setup->host, status,
		          text_string(&words));
	}
}
