#!/usr/bin/env python3
"""Every pure module has a unit test.

A function asks the kernel where it calls one of KERNEL, or a function of the tree that does; a module is pure where none of
its functions asks. Reading what is given (READING) counts as none. The test of a module is tests/ITS FOLDER/test_ITS NAME.c,
or that of a row in TESTS, where it is reached through another's door. EXCEPT are those that have none, each with the
reason.

`tested.py --list` prints the pure modules, each with its test.
"""

import re
import sys

import sizes
import tree

PARTS = ("sandbox/", "policy/", "runtime/")

KERNEL = set("""
_exit accept accept4 access alarm bind chdir chmod chown clock_gettime clone clone3 close_range closedir confstr connect
dprintf dup dup2 environ epoll_create1 epoll_ctl epoll_wait eventfd execl execlp execv execve execveat execvp fchdir fchmod
fchmodat fchown fchownat fclose fcntl fdopen fdopendir fexecve fflush fgets fgetxattr flistxattr flock fopen fork fputs fread
fsconfig fsetxattr fsmount fsopen fstat fstatat fstatfs fsync ftruncate ftw futimens fwrite getaddrinfo getcwd getegid getenv
geteuid getgrnam gethostbyname gethostname getline getnameinfo getpid getppid getpwnam getpwuid getrandom getrlimit
getsockname getsockopt gettimeofday getuid getxattr glob inotify_add_watch inotify_init1 inotify_rm_watch ioctl isatty kill
lchown link linkat listen localtime_r lseek lstat memfd_create mkdir mkdirat mkdtemp mkfifo mknodat mkostemp mmap mount
mount_setattr move_mount mprotect munmap nanosleep nftw open open_tree openat openat2 opendir pause pidfd_open
pidfd_send_signal pipe2 poll popen posix_spawn ppoll prctl pread printf puts pwrite raise read readdir readlink readlinkat
readv realpath recv recvmsg remove rename renameat renameat2 rmdir scandir scanf sched_yield select send sendfile sendmsg
setenv setgid setgroups sethostname setns setpgid setresgid setresuid setrlimit setsid setsockopt setuid sigaction signal
signalfd sigprocmask sigwait sleep socket socketpair stat statfs statvfs symlink symlinkat syncfs syscall sysconf system
tcgetattr tcsetattr time timerfd_create truncate umask umount2 uname unlink unlinkat unshare usleep utimensat vfork waitid
waitpid write writev
""".split())

READING = {"io_read_all", "io_read_file"}

# Folder of the modules, test below tests/, names of the modules beside the test's own.
TESTS = [
    ("policy", "policy/test_check.c", "check_capabilities check_constants check_dialect check_twins need oci print print_calls twins"),
    ("policy", "policy/test_diagram.c", "diagram_look word"),
    ("policy", "policy/test_dialect.c", "dialect_gate"),
    ("policy", "policy/test_diff.c", "diff_sizes diff_walls"),
    ("policy", "policy/test_explain.c", "case_words cases explain_ask explain_walls place where"),
    ("policy", "policy/test_golden.c", "gate parse parse_calls parse_files parse_gate parse_groups parse_walls parse_when rules table"),
    ("policy", "policy/test_program_kernel.c", "program"),
    ("policy", "policy/test_prove.c", "meaning vector"),
    ("policy", "policy/test_score.c", "bugs"),
    ("policy", "policy/test_syscall.c", "argument"),
    ("policy", "policy/test_value.c", "decode encode plain position"),
    ("runtime/cli", "runtime/cli/test_help.c", "commands completion completion_fish completion_zsh manual"),
    ("runtime/cli", "runtime/cli/test_policy_files.c", "policy_output"),
    ("runtime/cli", "runtime/cli/test_prune_filter.c", "label"),
    ("runtime/cli", "runtime/cli/test_run_request.c", "run_words"),
    ("runtime/cli/template", "runtime/cli/test_template.c",
     "character compare escape function literal parse pipeline print run scan verb words"),
    ("runtime/image", "runtime/image/test_documents.c", "change list manifest members saved"),
    ("runtime/image", "runtime/image/test_find.c", "inspect kept layers"),
    ("runtime/image/layer", "runtime/image/layer/test_crypto.c", "verify"),
    ("runtime/image/layer", "runtime/image/test_guard.c", "guard"),
    ("runtime/image/layer", "runtime/image/test_header.c", "header"),
    ("runtime/image/layer", "runtime/image/test_name.c", "name"),
    ("runtime/profile", "runtime/profile/test_profile.c", "build key"),
    ("runtime/registry", "runtime/registry/test_attachments.c", "yaml_decode"),
    ("runtime/registry", "runtime/registry/test_registries.c", "registries_file registries_rule settings"),
    ("runtime/registry", "runtime/registry/test_toml.c", "toml_scan"),
    ("runtime/registry", "runtime/registry/test_trust.c", "scope trust_identity trust_parse trust_requirement"),
    ("runtime/registry/client", "runtime/registry/test_header.c", "header"),
    ("sandbox", "sandbox/test_plan.c", "plan_decode plan_encode plan_print"),
    ("sandbox/base", "sandbox/test_error.c", "error"),
]

EXCEPT = {
    "runtime/libexec/curl/absent.c": "two functions that do nothing, for libcurl",
    "runtime/libexec/curl/links.c": "a program that meson links, to see whether it can be",
    "runtime/libexec/leaks.c": "what LeakSanitizer asks the helpers of a sanitized build",
    "runtime/registry/client/tls.c": "a callback of a handshake; tests/integration/transports.bats has them",
}

CALL = re.compile(r"(?<![\w.>])(\w+)\s*\(")
COMMENT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def bodies(text):
    """{function: the names it calls}"""
    lines = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text).split("\n")
    return {name: (set(CALL.findall("\n".join(lines[first + signature_lines(lines, first):first + length - 1]))),
                   is_static(lines, first))
            for name, first, length, _ in sizes.functions(lines)}


def signature_lines(lines, first):
    return next(n for n in range(len(lines) - first) if lines[first + n] == "{")


def is_static(lines, first):
    return lines[first - 1].startswith("static")


def asking(modules):
    """The (module, function) pairs that ask the kernel, however many calls away."""
    public = {name: module for module, functions in modules.items()
              for name, (_, static) in functions.items() if not static}
    found = set()
    changed = True
    while changed:
        changed = False
        for module, functions in modules.items():
            for name, (calls, _) in functions.items():
                if (module, name) in found or name in READING:
                    continue
                if any(called_asks(call, module, functions, public, found) for call in calls):
                    found.add((module, name))
                    changed = True
    return found


def called_asks(call, module, functions, public, found):
    if call in functions:
        return (module, call) in found
    if call in public:
        return (public[call], call) in found
    return call in KERNEL


def pure(modules):
    ask = {module for module, _ in asking(modules)}
    return sorted(module for module in modules if module not in ask and modules[module])


def test_of(module, names):
    folder, _, name = module.rpartition("/")
    own = f"tests/{folder}/test_{name}"
    if own in names:
        return own
    rows = (test for part, test, others in TESTS if part == folder and name.removesuffix(".c") in others.split())
    return next((f"tests/{test}" for test in rows), None)


def check_rows(modules, tests):
    for folder, test, others in TESTS:
        if f"tests/{test}" not in tests:
            yield f"tests/{test}: a row for a test that is not there"
        for name in others.split():
            if f"{folder}/{name}.c" not in modules:
                yield f"{folder}/{name}.c: a row for what is not there"
            elif f"tests/{folder}/test_{name}.c" in tests:
                yield f"{folder}/{name}.c: has a test of its own, and a row with another"


def check(sources, tests):
    modules = {name: bodies(text) for name, text in sources}
    without = pure(modules)
    for module in without:
        test = test_of(module, tests)
        if test is None and module not in EXCEPT:
            yield f"{module}: a pure module without a unit test"
        elif test is not None and module in EXCEPT:
            yield f"{module}: has a test, and a row that says why it has none"
    for module in EXCEPT:
        if module in modules and module not in without:
            yield f"{module}: a row for what is no pure module"


def self_test():
    asks = "int f(void)\n{\n\treturn open(\"x\", 0);\n}\n"
    calls = "static int g(void)\n{\n\treturn f();\n}\n"
    is_pure = "/* open() */\nint h(int open)\n{\n\treturn x.open(\"open()\", h(open));\n}\n"
    sources = [("policy/a.c", asks), ("policy/b.c", calls), ("policy/zz.c", is_pure)]
    found = list(check(sources, set()))
    if found != ["policy/zz.c: a pure module without a unit test"] or list(check(sources, {"tests/policy/test_zz.c"})):
        sys.exit(f"tested.py does not do its work: {found}")


def main():
    names = tree.files(".c")
    sources = [(name, tree.text(name)) for name in names if name.startswith(PARTS)]
    tests = {name for name in names if name.startswith("tests/")}
    if sys.argv[1:] == ["--list"]:
        for module in pure({name: bodies(text) for name, text in sources}):
            print(f"{module:<42} {test_of(module, tests) or 'none: ' + EXCEPT.get(module, '?')}")
        return
    modules = {name for name, _ in sources}
    tree.report("tested", list(check(sources, tests)) + list(check_rows(modules, tests)))


if __name__ == "__main__":
    self_test()
    main()
