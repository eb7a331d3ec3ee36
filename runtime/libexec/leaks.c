/*
 * leaks: what sanitized builds of the helpers are told. LeakSanitizer looks at a process by tracing
 * it from a task of its own, which the helpers' walls refuse: every one of them would end with its
 * complaint about that. All else that the sanitizers find is told. Their environment is empty, so
 * that this is the last word.
 */
const char *__asan_default_options(void);

__attribute__((visibility("default"), used)) const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
