/*
 * version, info, and what is made from the tables: completion and manual.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/help.h"
#include "runtime/cli/output.h"
#include "runtime/cli/format.h"

#include "cordon-config.h"
#include "policy/value.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

struct format_options {
	const char *format;
};

static const struct option format_table[] = {
	{ 'f', "format", OPTION_TEXT, offsetof(struct format_options, format), "TEMPLATE",
	  "a Go template or json" },
	OPTIONS_END,
};

/* The machine in Go's words, as Docker's. */
static const char *architecture(const struct utsname *names)
{
	return strcmp(names->machine, "x86_64") == 0    ? "amd64"
	       : strcmp(names->machine, "aarch64") == 0 ? "arm64"
	                                                : names->machine;
}

static int version(struct call *call, struct error *err)
{
	/* There is no server; scripts ask for its version all the same, and what serves is this. */
	static const char *const sides[] = { "Client", "Server" };
	const struct format_options *options = call->options;
	struct value *root = value_new_object(call->arena);
	_cleanup_text struct text text = {};
	struct utsname names = {};

	uname(&names);
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		struct value *side =
		        value_set(call->arena, root, sides[i], value_new_object(call->arena));

		value_set(call->arena, side, "Version",
		          value_new_string(call->arena, CORDON_VERSION));
		value_set(call->arena, side, "Os", value_new_string(call->arena, "linux"));
		value_set(call->arena, side, "Arch",
		          value_new_string(call->arena, architecture(&names)));
		value_set(call->arena, side, "KernelVersion",
		          value_new_string(call->arena, names.release));
	}
	if (options->format == NULL)
		text_printf(&text, "cordon version %s\n", CORDON_VERSION);
	else if (format_value(&text, options->format, root, err) < 0)
		return -1;
	else
		text_append_char(&text, '\n');
	return output_print(&text, err);
}

const struct command command_version = {
	.name = "version",
	.group = GROUP_SYSTEM,
	.operands = "",
	.summary = "Print the version",
	.options = format_table,
	.options_size = sizeof(struct format_options),
	.failure = EXIT_FAILURE,
	.run = version,
};

static uint64_t range_size(const struct host_range *ranges, size_t count)
{
	uint64_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += ranges[i].count;
	return size;
}

static bool exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

static struct value *info_value(struct call *call)
{
	struct arena *arena = call->arena;
	const struct host *host = &call->host;
	struct value *root = value_new_object(arena);
	const struct {
		const char *key;
		bool yes;
	} flags[] = {
		{ "Seccomp", host->seccomp_filter },
		{ "AppArmor", host->apparmor },
		{ "UserNamespaces", host->user_namespaces },
		{ "Pasta", exists("/usr/bin/pasta") || exists("/usr/local/bin/pasta") },
		{ "TunDevice", access("/dev/net/tun", R_OK | W_OK) == 0 },
	};
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "Version", CORDON_VERSION },
		{ "Kernel", host->release },
		{ "User", host->user },
		{ "Newuidmap", host->newuidmap },
		{ "Newgidmap", host->newgidmap },
		{ "DataDir", call->paths.data },
		{ "RunDir", call->paths.run },
		{ "CacheDir", call->paths.cache },
		{ "ProfileDir", call->paths.profiles[2] },
		{ "LibexecDir", call->paths.libexec },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(arena, root, texts[i].key, value_new_string(arena, texts[i].text));
	value_set(arena, root, "LandlockABI", value_new_integer(arena, host->landlock_abi));
	value_set(arena, root, "SubordinateUids",
	          value_new_integer(arena, (int64_t)range_size(host->subuids, host->subuid_count)));
	value_set(arena, root, "SubordinateGids",
	          value_new_integer(arena, (int64_t)range_size(host->subgids, host->subgid_count)));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		value_set(arena, root, flags[i].key, value_new_boolean(arena, flags[i].yes));
	return root;
}

/* What Docker calls the same things: for templates, not among the lines. */
static void add_docker_names(struct call *call, struct value *root)
{
	struct arena *arena = call->arena;
	struct value *security;
	struct utsname names = {};
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "ServerVersion", CORDON_VERSION },
		{ "KernelVersion", names.release },
		{ "OSType", "linux" },
		{ "Architecture", names.machine },
		{ "Name", names.nodename },
		{ "DockerRootDir", call->paths.data },
		{ "Driver", "overlay" },
		{ "LoggingDriver", "json-file" },
	};
	const struct {
		bool yes;
		const char *option;
	} options[] = {
		{ call->host.seccomp_filter, "name=seccomp,profile=default" },
		{ call->host.apparmor, "name=apparmor" },
		{ true, "name=rootless" },
	};

	uname(&names);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(arena, root, texts[i].key, value_new_string(arena, texts[i].text));
	value_set(arena, root, "NCPU", value_new_integer(arena, sysconf(_SC_NPROCESSORS_ONLN)));
	value_set(arena, root, "MemTotal",
	          value_new_integer(arena,
	                            (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
	security = value_set(arena, root, "SecurityOptions", value_new_array(arena));
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].yes)
			value_append(arena, security, value_new_string(arena, options[i].option));
}

static int info(struct call *call, struct error *err)
{
	const struct format_options *options = call->options;
	struct value *root = info_value(call);
	_cleanup_text struct text text = {};

	if (options->format != NULL) {
		add_docker_names(call, root);
		if (format_value(&text, options->format, root, err) < 0)
			return -1;
		text_append_char(&text, '\n');
		return output_print(&text, err);
	}
	for (size_t i = 0; i < root->count; i++) {
		_cleanup_text struct text value = {};

		if (root->items[i]->kind == VALUE_STRING)
			text_append(&value, root->items[i]->string);
		else
			value_encode(&value, root->items[i], VALUE_COMPACT);
		text_printf(&text, "%-17s%s\n", root->items[i]->key,
		            value.length == 0 ? "(none)" : value.data);
	}
	return output_print(&text, err);
}

const struct command command_info = {
	.name = "info",
	.group = GROUP_SYSTEM,
	.aliases = ALIASES("system info"),
	.operands = "",
	.summary = "Print what this machine can do for containers",
	.options = format_table,
	.options_size = sizeof(struct format_options),
	.needs = NEED_PATHS | NEED_HOST,
	.failure = EXIT_FAILURE,
	.run = info,
};

static int completion(struct call *call, struct error *err)
{
	static const struct {
		const char *shell;
		void (*print)(struct text *ret);
	} shells[] = {
		{ "bash", completion_bash },
		{ "zsh", completion_zsh },
		{ "fish", completion_fish },
	};
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (strcmp(call->words[0], shells[i].shell) == 0) {
			shells[i].print(&text);
			return output_print(&text, err);
		}
	error_set(err, 0, "there is no completion for '%.40s'", call->words[0]);
	return error_hint(err, "there are those for bash, zsh and fish");
}

const struct command command_completion = {
	.name = "completion",
	.group = GROUP_SYSTEM,
	.operands = "bash|zsh|fish",
	.summary = "Print a completion script for the shell",
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = completion,
	.details =
	        "Where cordon is installed, the shells find it by themselves. Otherwise, for this session:\n"
	        "source <(cordon completion bash), the same with zsh, or cordon completion fish | source.",
};

static int write_page(const char *folder, const char *name, const struct text *page,
                      struct error *err)
{
	_cleanup_text struct text path = {};
	_cleanup_fd int fd = -1;

	text_printf(&path, "%s/%s", folder, name);
	fd = open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 || io_write_all(fd, text_string(page), page->length) < 0
	               ? error_set(err, errno, "cannot write %s", path.data)
	               : 0;
}

static int manual(struct call *call, struct error *err)
{
	const char *folder = call->words[0];
	_cleanup_text struct text all = {};

	manual_all(&all);
	if (write_page(folder, "cordon.1", &all, err) < 0)
		return -1;
	for (size_t i = 0; i < command_count; i++) {
		_cleanup_text struct text page = {}, name = {};

		if (commands[i]->hidden)
			continue;
		manual_command(&page, commands[i]);
		manual_file_name(&name, commands[i]);
		if (write_page(folder, name.data, &page, err) < 0)
			return -1;
	}
	return 0;
}

const struct command command_manual = {
	.name = "__manual",
	.group = GROUP_SYSTEM,
	.operands = "FOLDER",
	.summary = "Write all manual pages into a folder",
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = manual,
	.hidden = true,
};
