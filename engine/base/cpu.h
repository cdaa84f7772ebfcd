/* cpu.h: one loop, compiled for several instruction sets; which one runs is chosen at run time.
 *
 * A hot loop over columns is written once, as a static function NAME_loop that is always
 * inlined and says no more than plain C. AS_CPU_VERSIONS makes three functions of it, for every
 * processor of the architecture, for those with AVX2 and for those with AVX-512, and NAME,
 * which calls the best that this machine has. All give the same results to the bit: the loops
 * work on whole numbers, or compare.
 *
 * Where plain C does not say what a set of instructions can do (look up bytes in a register,
 * write the numbers of bits), a loop of intrinsics stands beside the plain one in the same file
 * and is asked for by AS_CPU_IS. Tests run all versions against each other (as_cpu_at_most). */
#ifndef AS_BASE_CPU_H
#define AS_BASE_CPU_H

typedef enum as_cpu {
    AS_CPU_ANY,
    AS_CPU_AVX2,  /* with BMI 1 and 2 */
    AS_CPU_AVX512 /* F, BW, DQ, VL, VBMI and VBMI2 */
} as_cpu;

/* The best that this machine has, asked once. */
as_cpu as_cpu_best(void);
/* For tests, while one thread runs: no better than this from now on. */
void as_cpu_at_most(as_cpu most);

#define AS_CPU_LOOP static inline __attribute__((always_inline)) void

#if defined(__x86_64__)
#define AS_CPU_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AS_CPU_TARGET_AVX512                                                                   \
    __attribute__((target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,"           \
                          "avx512vbmi,avx512vbmi2")))
#define AS_CPU_IS(cpu) (as_cpu_best() >= (cpu))
/* A loop over a row or two (a finding looks for who is to blame) is not worth a vector. */
#define AS_CPU_FEW 8u
/* params and args in brackets; `n` says how many rows. */
#define AS_CPU_VERSIONS(name, params, args)                                                    \
    static void name##_any params                                                              \
    {                                                                                          \
        name##_loop args;                                                                      \
    }                                                                                          \
    AS_CPU_TARGET_AVX2 static void name##_avx2 params                                          \
    {                                                                                          \
        name##_loop args;                                                                      \
    }                                                                                          \
    AS_CPU_TARGET_AVX512 static void name##_avx512 params                                      \
    {                                                                                          \
        name##_loop args;                                                                      \
    }                                                                                          \
    static void name params                                                                    \
    {                                                                                          \
        const as_cpu best = n < AS_CPU_FEW ? AS_CPU_ANY : as_cpu_best();                       \
        if (best == AS_CPU_AVX512)                                                             \
            name##_avx512 args;                                                                \
        else if (best == AS_CPU_AVX2)                                                          \
            name##_avx2 args;                                                                  \
        else                                                                                   \
            name##_any args;                                                                   \
    }
#else
#define AS_CPU_IS(cpu) ((cpu) == AS_CPU_ANY)
#define AS_CPU_VERSIONS(name, params, args)                                                    \
    static void name params                                                                    \
    {                                                                                          \
        name##_loop args;                                                                      \
    }
#endif

#endif
