/*
 * policy check, policy compile, policy show: for files, profiles by name, and images.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_files.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

struct check_options {
	bool json;
};

static const struct option check_table[] = {
	{ 0, "json", OPTION_FLAG, offsetof(struct check_options, json), NULL,
	  "an object with all findings, for programs" },
	OPTIONS_END,
};

static int check_word(struct policy_report *report, const struct call *call, const char *word,
                      struct error *err)
{
	const char *files[POLICY_FILES_MAX];
	int count = policy_find_files(files, call->arena, &call->paths, word, err);

	for (int i = 0; i < count; i++)
		if (policy_check_file(report, &call->paths, files[i], err) < 0)
			return -1;
	return count < 0 ? -1 : 0;
}

static int check(struct call *call, struct error *err)
{
	const struct check_options *options = call->options;
	struct policy_report report = { .arena = call->arena };
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < call->count; i++)
		if (check_word(&report, call, call->words[i], err) < 0)
			return -1;
	if (options->json) {
		value_encode(&text, policy_report_value(&report), VALUE_INDENTED);
		text_append_char(&text, '\n');
	} else {
		policy_report_print(&text, &report);
	}
	if (output_print(&text, err) < 0)
		return -1;
	return report.errors > 0;
}

const struct command command_policy_check = {
	.name = "policy check",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE...",
	.summary = "Check profiles and Docker's seccomp files",
	.options = check_table,
	.options_size = sizeof(struct check_options),
	.needs = NEED_PATHS,
	.least = 1,
	.most = SIZE_MAX,
	.run = check,
	.details =
	        "Each finding has its file, line and column. The exit status is 0 without errors (warnings do not\n"
	        "count), 1 with, and 125 where a file cannot be read.",
};

struct compile_options {
	const char *arch, *output, *format;
	bool json;
};

static const struct option compile_table[] = {
	{ 0, "arch", OPTION_TEXT, offsetof(struct compile_options, arch), "NAME",
	  "x86_64, aarch64, ... (this machine's)" },
	{ 0, "format", OPTION_TEXT, offsetof(struct compile_options, format), "FORM",
	  "bpf, disasm, c, oci, docker or json (disasm on a terminal, else bpf)" },
	{ 0, "json", OPTION_FLAG, offsetof(struct compile_options, json), NULL, "--format json" },
	{ 'o', "output", OPTION_TEXT, offsetof(struct compile_options, output), "FILE",
	  "write to a file" },
	OPTIONS_END,
};

static int take_options(enum arch *arch, enum policy_format *format, const struct call *call,
                        struct error *err)
{
	const struct compile_options *options = call->options;
	bool terminal = options->output == NULL && isatty(STDOUT_FILENO);

	*format = options->json ? POLICY_FORMAT_JSON
	          : terminal    ? POLICY_FORMAT_DISASM
	                        : POLICY_FORMAT_BPF;
	if (options->json && options->format != NULL && strcmp(options->format, "json") != 0)
		return error_set(err, 0, "--json and --format %.40s exclude each other",
		                 options->format);
	if (options->format != NULL && !policy_format_from_name(format, options->format)) {
		error_set(err, 0, "unknown --format '%.40s'", options->format);
		return error_hint(err, "use bpf, disasm, c, oci, docker or json");
	}
	if (!arch_from_audit(arch, call->host.audit_arch))
		return error_set(err, 0, "this machine's architecture is not in the tables");
	if (options->arch != NULL && !arch_from_name(arch, options->arch)) {
		error_set(err, 0, "unknown --arch '%.40s'", options->arch);
		return error_hint(
		        err,
		        "known are x86_64, i386, x32, aarch64, arm, riscv64, ppc64le and s390x");
	}
	if (*format == POLICY_FORMAT_BPF && terminal)
		return error_set(
		        err, 0,
		        "bytes of BPF are not for a terminal: use -o FILE or --format disasm");
	return 0;
}

static int compile(struct call *call, struct error *err)
{
	const struct compile_options *options = call->options;
	_cleanup_text struct text text = {}, note = {};
	_cleanup_fd int fd = -1;
	struct policy *policy;
	enum policy_format format;
	enum arch arch;

	if (take_options(&arch, &format, call, err) < 0 ||
	    policy_find(&policy, call->arena, &call->paths, call->words[0], err) < 0 ||
	    policy_compile_as(&text, &note, policy, &call->host, arch, format, err) < 0)
		return -1;
	if (note.length > 0)
		fprintf(stderr, "cordon: warning: %s: %s\n", call->words[0], text_string(&note));
	if (options->output == NULL)
		return output_print(&text, err);
	fd = open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || io_write_all(fd, text_string(&text), text.length) < 0)
		return error_set(err, errno, "cannot write %s", options->output);
	return 0;
}

const struct command command_policy_compile = {
	.name = "policy compile",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE",
	.summary = "Compile a profile to a system call filter",
	.options = compile_table,
	.options_size = sizeof(struct compile_options),
	.needs = NEED_PATHS | NEED_HOST,
	.least = 1,
	.most = 1,
	.run = compile,
	.details =
	        "The filter is proven to be what the profile says before it is written. The exit status is 0, or\n"
	        "125 where there is no filter.",
};

struct show_options {
	bool json, where;
};

static const struct option show_table[] = {
	{ 0, "json", OPTION_FLAG, offsetof(struct show_options, json), NULL,
	  "for programs (without --where it is JSON anyway)" },
	{ 'w', "where", OPTION_FLAG, offsetof(struct show_options, where), NULL,
	  "each part with the file and line that says it" },
	OPTIONS_END,
};

static int show(struct call *call, struct error *err)
{
	const struct show_options *options = call->options;
	_cleanup_text struct text text = {};
	struct policy *policy;

	if (policy_find(&policy, call->arena, &call->paths, call->words[0], err) < 0)
		return -1;
	(!options->where ? policy_show
	 : options->json ? policy_show_where_json
	                 : policy_show_where)(&text, policy);
	return output_print(&text, err);
}

const struct command command_policy_show = {
	.name = "policy show",
	.group = GROUP_POLICY,
	.operands = "FILE|PROFILE|IMAGE",
	.summary = "Print a profile with all it extends, as one profile",
	.options = show_table,
	.options_size = sizeof(struct show_options),
	.needs = NEED_PATHS | NEED_HOST,
	.least = 1,
	.most = 1,
	.run = show,
	.details = "The exit status is 0, or 125 where there is no such profile, or it is none.",
};
