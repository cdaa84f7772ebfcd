/* clock.h: how long something took. For limits and timings, never for results. */
#ifndef AS_BASE_CLOCK_H
#define AS_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of CLOCK_MONOTONIC or CLOCK_THREAD_CPUTIME_ID; both always exist on Linux. */
static inline uint64_t as_clock_ns(clockid_t clock)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline double as_clock_ms(void)
{
    return (double)as_clock_ns(CLOCK_MONOTONIC) / 1e6;
}

#endif
