/* each_cpu.h: all tests of a program with each set of instructions that loops are compiled for
 * and this machine has (base/cpu.h). */
#ifndef AS_TESTS_EACH_CPU_H
#define AS_TESTS_EACH_CPU_H

#include "base/cpu.h"

#define RUN_ON_EACH_CPU(tests, setup, teardown)                                                \
    (as_cpu_at_most(AS_CPU_ANY), cmocka_run_group_tests(tests, setup, teardown)) +             \
        (as_cpu_at_most(AS_CPU_AVX2), cmocka_run_group_tests(tests, setup, teardown)) +        \
        (as_cpu_at_most(AS_CPU_AVX512), cmocka_run_group_tests(tests, setup, teardown))

#endif
