/*
 * libexec/cordon/registry: speaks to a registry so that cordon does not have to. Started by the
 * engine (runtime/registry/registry.c) with a socket to it and nothing else; behind its own walls
 * (confine.h) before the first packet leaves.
 */
#include "runtime/registry/client/confine.h"
#include "runtime/registry/client/exchange.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { TICK = 100, IDLE = 60000 /* ms */, CERTIFICATES = 4 << 20 };

/* A question and its descriptor. 1; 0: the engine is done; -1: nothing yet. */
static int hear(struct registry_question *ret, int *body)
{
	char room[CMSG_SPACE(sizeof(int))];
	struct iovec bytes = { ret, sizeof *ret };
	struct msghdr message = { .msg_iov = &bytes,
		                  .msg_iovlen = 1,
		                  .msg_control = room,
		                  .msg_controllen = sizeof room };
	ssize_t length = recvmsg(REGISTRY_FD_TALK, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *header;

	*body = -1;
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : 0;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(body, CMSG_DATA(header), sizeof *body);
	return length == (ssize_t)sizeof *ret && ret->action < REGISTRY_ACTIONS;
}

static size_t count_active(const struct client *client)
{
	size_t count = 0;

	for (size_t i = 0; i < EXCHANGES; i++)
		count += client->exchanges[i].active;
	return count;
}

/* Takes what the engine asks, while there is room. False when it has gone. */
static bool take_questions(struct client *client)
{
	struct registry_question question;
	int body, status;

	while (count_active(client) < EXCHANGES && (status = hear(&question, &body)) >= 0) {
		if (status == 0)
			return false;
		exchange_begin(client, &question, body);
	}
	return true;
}

static void serve(struct client *client)
{
	struct pollfd talk = { .fd = REGISTRY_FD_TALK, .events = POLLIN };
	struct http_call *call;

	while (take_questions(client)) {
		http_wait(client->http, &talk, count_active(client) == 0 ? IDLE : TICK);
		while ((call = http_next(client->http)) != NULL)
			exchange_advance(client, call->owner);
		for (size_t i = 0; i < EXCHANGES; i++) {
			exchange_wake(client, &client->exchanges[i]);
			exchange_tell(&client->exchanges[i]);
		}
	}
}

static int open_client(struct client *client, struct error *err)
{
	static struct text certificates; /* libcurl keeps the pointer */
	const struct registry_setup *setup = client->setup;
	uint64_t lengths = (uint64_t)setup->authorities + setup->certificate + setup->key;
	struct http_options options = { .agent = setup->agent, .insecure = setup->insecure };

	if (lengths > 0 &&
	    io_read_all(&certificates, REGISTRY_FD_CERTIFICATES, CERTIFICATES, err) < 0)
		return -1;
	if (certificates.length != lengths)
		return error_set(err, 0, "the engine and its helper are of different builds");
	options.authorities = (struct http_bytes){ certificates.data, setup->authorities };
	options.certificate =
	        (struct http_bytes){ certificates.data + setup->authorities, setup->certificate };
	options.key =
	        (struct http_bytes){ certificates.data + setup->authorities + setup->certificate,
		                     setup->key };
	if (http_open(&client->http, &options, err) < 0)
		return -1;
	client->plain = exchange_plain_first(setup);
	return confine(setup, err);
}

int main(void)
{
	static struct registry_setup setup;
	static struct client client = { .setup = &setup };
	struct registry_answer answer = { .word = REGISTRY_DONE };

	if (recv(REGISTRY_FD_TALK, &setup, sizeof setup, 0) != (ssize_t)sizeof setup) {
		fputs("registry: a helper of cordon, not a command\n", stderr);
		return EXIT_ENGINE;
	}
	for (size_t i = 0; i < EXCHANGES; i++)
		client.exchanges[i].body = -1;
	answer.result = open_client(&client, &answer.error);
	if (send(REGISTRY_FD_TALK, &answer, sizeof answer, MSG_NOSIGNAL) < 0 || answer.result < 0)
		return EXIT_ENGINE;
	serve(&client);
	return 0;
}
