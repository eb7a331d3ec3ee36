/*
 * true: the payload of the benchmarks: static, without a C library, so that what is measured is the
 * engine and not the program.
 */
void _start(void);

void _start(void)
{
#if defined(__x86_64__)
	__asm__ volatile("syscall" ::"a"(231L), "D"(0L));
#elif defined(__aarch64__)
	register long number __asm__("x8") = 94;
	register long status __asm__("x0") = 0;

	__asm__ volatile("svc 0" ::"r"(number), "r"(status));
#endif
	for (;;)
		;
}
