/*
 * scheme: by which an insecure registry is asked, http or https. Nobody says so before.
 */
#include "runtime/registry/client/exchange.h"

#include "runtime/registry/client/trouble.h"
#include "sandbox/base/text.h"

bool exchange_plain_first(const struct registry_setup *setup)
{
	return setup->insecure && setup->here && !trouble_is_proxied("http:");
}

/* Who speaks TLS takes a question in the clear for a bad request, hangs up, or sends us to https.
 */
static bool is_other_scheme(const struct http_call *call, bool plain)
{
	if (!plain)
		return call->outcome == HTTP_NO_TLS;
	if (call->outcome == HTTP_ANSWERED)
		return call->status == 400 || call->elsewhere;
	return call->outcome != HTTP_NO_TLS; /* nobody is there at all */
}

/* One that did answer is not asked so (an attacker in between could have cut the connection). */
bool exchange_turn_scheme(struct client *client, const struct exchange *exchange)
{
	bool plain = text_starts(exchange->call.url, "http://");

	if (!client->setup->insecure || exchange->stage != STAGE_ASK ||
	    !is_other_scheme(&exchange->call, plain))
		return false;
	if (plain != client->plain)
		return true; /* another question has found out meanwhile */
	if (client->settled || (plain && client->tls_tried))
		return false;
	client->plain = !plain;
	client->tls_tried = true;
	return true;
}
