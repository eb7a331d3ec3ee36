/* The poll loop with real processes: input, output, a client that does not read, the end. */
#include "runtime/container/relay.h"

#include "runtime/container/signals.h"
#include "tests/runtime/container/scratch.h"

#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* A shell whose streams are the relay's. */
static pid_t start(struct relay *relay, const char *script, bool interactive)
{
	struct sandbox_streams theirs = { -1, -1, -1, -1 };
	struct error err;
	pid_t pid;

	relay_init(relay);
	assert_int_equal(relay_pipes(relay, &theirs, interactive, &err), 0);
	pid = fork();
	if (pid == 0) {
		sigset_t none;

		/* as the sandbox does */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(theirs.input >= 0 ? theirs.input : open("/dev/null", O_RDONLY), 0);
		dup2(theirs.output, 1);
		dup2(theirs.error, 2);
		execl("/bin/sh", "sh", "-c", script, NULL);
		_exit(127);
	}
	relay_close_theirs(&theirs);
	relay->process = pidfd_open(pid, 0);
	relay->signals = signals_open(true, &err);
	assert_true(relay->process >= 0 && relay->signals >= 0);
	return pid;
}

static int run(struct relay *relay)
{
	int status = relay_run(relay);

	relay_finish(relay, status);
	close(relay->process);
	return status;
}

static void test_ends(void **state)
{
	static struct relay relay;

	(void)state;
	start(&relay, "exit 7", false);
	assert_int_equal(run(&relay), 7);
	start(&relay, "kill -KILL $$", false);
	assert_int_equal(run(&relay), 137);
	/* streams that are closed early do not make the loop turn or end */
	start(&relay, "exec >&- 2>&-; sleep 0.1; exit 3", false);
	assert_int_equal(run(&relay), 3);
	/* a child that holds the streams open does not keep it from ending */
	start(&relay, "sleep 5 & exit 4", false);
	assert_int_equal(run(&relay), 4);
}

/* A client feeds a megabyte through cat, and reads it back only when it is asked to. */
static void test_client(void **state)
{
	static struct relay relay;
	int ends[2], status;
	pid_t client;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	client = fork();
	if (client == 0) {
		static struct packet packet;
		static char bytes[CHANNEL_BYTES];
		size_t sent = 0, got = 0, total = 1 << 20;

		close(ends[1]);
		while (packet.kind != CHANNEL_EXIT) {
			struct pollfd item = { ends[0], POLLIN, 0 };

			if (sent < total) {
				memset(bytes, (int)(sent / CHANNEL_BYTES), sizeof bytes);
				item.events |= POLLOUT;
			}
			poll(&item, 1, -1);
			if ((item.revents & POLLOUT) &&
			    channel_send(ends[0], CHANNEL_INPUT, bytes, sizeof bytes, false) ==
			            CHANNEL_SENT &&
			    (sent += sizeof bytes) == total)
				channel_send(ends[0], CHANNEL_INPUT_END, "", 0, true);
			if (item.revents & POLLIN) {
				long length = channel_receive(ends[0], &packet);

				for (long i = 0; packet.kind == CHANNEL_STDOUT && i < length; i++)
					if (packet.bytes[i] !=
					    (char)((got + (size_t)i) / CHANNEL_BYTES))
						_exit(2);
				got += packet.kind == CHANNEL_STDOUT ? (size_t)length : 0;
				if (length < 0)
					_exit(3);
			}
		}
		_exit(got == total && packet.bytes[0] == 5 ? 0 : 1);
	}
	close(ends[0]);
	start(&relay, "cat; exit 5", true);
	relay.clients[0].fd = ends[1];
	assert_int_equal(run(&relay), 5);
	assert_int_equal(waitpid(client, &status, 0), client);
	assert_int_equal(status, 0);
}

/* A client that never reads stops the output, not the loop: the end is seen, and it is dropped. */
static void test_stuck_client(void **state)
{
	static struct relay relay;
	int ends[2];
	uint64_t begin = io_now();

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	start(&relay, "(sleep 0.3; kill -TERM $$) & exec yes", false);
	relay.clients[0].fd = ends[1];
	assert_int_equal(run(&relay), 128 + SIGTERM);
	assert_true(io_now() - begin < UINT64_C(10000000000));
	close(ends[0]);
}

/* Signals to us are signals to it. */
static void test_signals(void **state)
{
	static struct relay relay;
	pid_t other;

	(void)state;
	start(&relay, "trap 'exit 9' TERM; while :; do sleep 0.05; done", false);
	other = fork();
	if (other == 0) {
		usleep(200000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	assert_int_equal(run(&relay), 9);
	waitpid(other, NULL, 0);
}

static int told[2];

static bool speaks(void *context)
{
	told[0]++;
	return context == NULL;
}

static bool settled(void *context)
{
	told[1]++;
	return context == NULL;
}

static void test_moments(void **state)
{
	static struct relay relay;

	(void)state;
	start(&relay, "exit 0", false);
	relay.speaks = speaks;
	assert_int_equal(run(&relay), 0);
	assert_int_equal(told[0], 0);
	start(&relay, "echo; echo; sleep 0.2; echo", false);
	relay.speaks = speaks;
	relay.settled = settled;
	assert_int_equal(run(&relay), 0);
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 1);
	/* one that may not live on does not */
	start(&relay, "sleep 10", false);
	relay.settled = settled;
	relay.context = &relay;
	assert_int_equal(run(&relay), 137);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),         cmocka_unit_test(test_client),
		cmocka_unit_test(test_stuck_client), cmocka_unit_test(test_signals),
		cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
