/* cpu.c: see cpu.h. */
#include "base/cpu.h"

#include <stdatomic.h>
#include <stdbool.h>

static atomic_int known; /* as_cpu + 1; 0: not asked yet */
static atomic_int limit = AS_CPU_AVX512;

static as_cpu ask(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    const bool avx512 =
        __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
    return avx2 && avx512 ? AS_CPU_AVX512 : avx2 ? AS_CPU_AVX2 : AS_CPU_ANY;
#else
    return AS_CPU_ANY;
#endif
}

as_cpu as_cpu_best(void)
{
    int is = atomic_load_explicit(&known, memory_order_relaxed);
    if (is == 0) {
        const int best = (int)ask(), most = atomic_load_explicit(&limit, memory_order_relaxed);
        is = (best < most ? best : most) + 1;
        atomic_store_explicit(&known, is, memory_order_relaxed);
    }
    return (as_cpu)(is - 1);
}

void as_cpu_at_most(as_cpu most)
{
    atomic_store_explicit(&limit, (int)most, memory_order_relaxed);
    atomic_store_explicit(&known, 0, memory_order_relaxed);
}
