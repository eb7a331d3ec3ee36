/* clock: the processor time of this thread in nanoseconds: what others do to a shared machine is
 * not what is measured (but for what they take from the caches). */
#ifndef CORDON_BENCH_CLOCK_H
#define CORDON_BENCH_CLOCK_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t clock_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline double clock_since(uint64_t start) /* microseconds */
{
	return (double)(clock_now() - start) / 1000;
}

static inline int clock_by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Of times that it sorts. */
static inline double clock_median(double *times, size_t count)
{
	qsort(times, count, sizeof *times, clock_by_size);
	return times[count / 2];
}

/* How a figure stands to its goal. BEYOND: what is not ours of it takes as long on this machine by
 * itself
 * (`floor`, measured beside it; 0: not known), which no work of ours can mend. */
static inline const char *clock_verdict(double value, double goal, double floor)
{
	return value <= goal ? "met" : floor >= goal ? "BEYOND" : "MISSED";
}

#endif
