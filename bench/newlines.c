/* newlines.c: how fast two threads count the line ends of a folder's CSV files with memchr, the
 * files being in memory already: what reading is measured against (bench/figures). usage:
 * newlines FILE…      prints GB/s, the median of some rounds */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 9

typedef struct part {
    const char *from, *to;
    size_t lines;
} part;

static void *count(void *arg)
{
    part *p = arg;
    p->lines = 0;
    for (const char *at = p->from; (at = memchr(at, '\n', (size_t)(p->to - at))); at++)
        p->lines++;
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Halves of a mapped file; false: it cannot be mapped. */
static int map(const char *path, part half[2], size_t *bytes)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
        return 0;
    size_t n = (size_t)st.st_size;
    const char *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return 0;
    half[0] = (part){p, p + n / 2, 0};
    half[1] = (part){p + n / 2, p + n, 0};
    *bytes += n;
    return 1;
}

int main(int argc, char **argv)
{
    part halves[64][2];
    size_t bytes = 0, lines = 0;
    double times[ROUNDS];
    for (int i = 1; i < argc; i++)
        if (argc > 64 || !map(argv[i], halves[i - 1], &bytes)) {
            fprintf(stderr, "newlines: cannot read %s\n", argv[i]);
            return 2;
        }
    for (int round = 0; round < ROUNDS; round++) {
        double began = now();
        for (int i = 0; i + 1 < argc; i++) {
            pthread_t other;
            if (pthread_create(&other, NULL, count, &halves[i][1]) != 0)
                return 2;
            count(&halves[i][0]);
            pthread_join(other, NULL);
            lines += halves[i][0].lines + halves[i][1].lines;
        }
        times[round] = now() - began;
    }
    qsort(times, ROUNDS, sizeof *times, ascending);
    printf("%.2f\n", (double)bytes / times[ROUNDS / 2] / 1e9);
    return lines == 0;
}
