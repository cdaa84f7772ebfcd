/* main.c: bench/micro: what each stage costs, as a small table.
 * usage: stages DATA PACK      DATA: a folder of generate.c, PACK: bench/pack */
#include "stages.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

double stage_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double stage_best(stage_fn fn, void *arg)
{
    double best = 1e9;
    for (int i = 0; i < STAGE_ROUNDS; i++) {
        double began = stage_now();
        fn(arg);
        double took = stage_now() - began;
        best = took < best ? took : best;
    }
    return best;
}

void stage_title(const char *title)
{
    printf("\n%s\n", title);
}

void stage_rate(const char *what, double bytes, double seconds)
{
    printf("  %-52s %9.2f GB/s\n", what, bytes / seconds / 1e9);
    fflush(stdout);
}

void stage_each(const char *what, double count, double seconds, const char *each)
{
    printf("  %-52s %9.2f ns %s\n", what, count > 0 ? seconds * 1e9 / count : 0, each);
    fflush(stdout);
}

void stage_millis(const char *what, double seconds)
{
    printf("  %-52s %9.2f ms\n", what, seconds * 1e3);
}

void stage_must(as_code code, const as_err *e)
{
    if (code == AS_OK)
        return;
    fprintf(stderr, "bench/micro: %s\n", e->text);
    exit(2);
}

int main(int argc, char **argv)
{
    char work[] = "/tmp/assay-stages-XXXXXX";
    if (argc != 3 || !mkdtemp(work)) {
        fprintf(stderr, "usage: stages DATA PACK\n");
        return 2;
    }
    printf("one worker, best of %d\n", STAGE_ROUNDS);
    stages_read(argv[1], work);
    stages_tables(work);
    stages_rules(argv[1], argv[2], work);
    rmdir(work);
    return 0;
}
