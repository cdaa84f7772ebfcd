/* csv_arrays.c: the memory of a load's columns.
 *
 * All arrays lie one behind the other in one block of large pages: a first touch of a small
 * page costs more than what is written to it, and the array of a column of codes alone is often
 * smaller than a large page. So each array has room for little more than the rows that samples
 * from all over the text promise. Room that nobody writes to costs addresses, no memory. */
#include "input/csv_fast.h"

#include "base/alloc.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#define SAMPLES 64u
#define SAMPLE_BYTES ((size_t)4096)
#define LEAST_ROWS 1024 /* of room beyond what is expected */

/* ---- how many rows ---- */

static uint64_t line_ends(const char *p, size_t n)
{
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += (p[i] == '\n') | ((p[i] == '\r') & (p[i + 1] != '\n'));
    return count;
}

/* The sample at p in a file's text: read, as a page of a map costs more, and sixteen come with
 * it.
 */
static const char *sample(const as_csv *c, const char *p, char room[SAMPLE_BYTES + 1])
{
    as_err ignored;
    const as_str file = c->file.bytes;
    if (!as_window_wanted(c))
        return p;
    const size_t at = (size_t)(p - file.ptr), left = file.len - at;
    const size_t size = left < SAMPLE_BYTES + 1 ? left : SAMPLE_BYTES + 1;
    memset(room + size, 0, SAMPLE_BYTES + 1 - size);
    return as_file_bytes(&c->file, at, room, size, &ignored) == AS_OK ? room : p;
}

/* A record has one line end at least, so lines are counted. The margin is four standard errors,
 * as the samples differ, and a little. */
uint64_t as_fast_room(const as_csv *c, as_str text)
{
    size_t length = text.len - c->body;
    const char *from = text.ptr + c->body;
    char room[SAMPLE_BYTES + 1];
    if (length <= SAMPLES * SAMPLE_BYTES)
        return line_ends(from, length) + 1;
    double sum = 0, squares = 0, step = (double)(length - SAMPLE_BYTES) / (SAMPLES - 1);
    for (unsigned i = 0; i < SAMPLES; i++) {
        double lines =
            (double)line_ends(sample(c, from + (size_t)(i * step), room), SAMPLE_BYTES);
        sum += lines;
        squares += lines * lines;
    }
    double mean = sum / SAMPLES, variance = squares / SAMPLES - mean * mean;
    mean += 4 * sqrt(variance > 0 ? variance / SAMPLES : 0);
    double rows = mean / SAMPLE_BYTES * (double)length;
    return (uint64_t)(rows + rows / 256) + LEAST_ROWS;
}

/* ---- memory ---- */

static size_t array_size(const as_fast_column *c, uint64_t rows)
{
    return (rows * as_fast_cell_size(c->kind) + 63) / 64 * 64;
}

/* A last large page is used if half of it is needed. */
static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), rest = size % AS_LARGE_PAGE;
    if (rest >= AS_LARGE_PAGE / 2)
        return size - rest + AS_LARGE_PAGE;
    return (size + page) / page * page;
}

static bool map_block(as_fast_block *b, size_t size)
{
    size_t need = whole_pages(size);
    /* A block without a large page needs not begin at one. */
    size_t room = need >= AS_LARGE_PAGE ? AS_LARGE_PAGE : 0;
    char *p = mmap(NULL, need + room, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return false;
    *b = (as_fast_block){.map = p, .size = need + room};
    b->data = p + (room ? (AS_LARGE_PAGE - (uintptr_t)p % AS_LARGE_PAGE) % AS_LARGE_PAGE : 0);
    if (room)
        as_large_pages(b->data, need);
    return true;
}

void as_fast_unmap(as_fast_block *b)
{
    if (b->map)
        munmap(b->map, b->size);
    *b = (as_fast_block){.map = NULL};
}

bool as_fast_map(as_fast_block *b, as_fast_column *columns, size_t count, uint64_t rows)
{
    size_t size = 0;
    for (size_t k = 0; k < count; k++)
        size += array_size(&columns[k], rows);
    if (size == 0)
        return true;
    if (!map_block(b, size))
        return false;
    char *at = b->data;
    for (size_t k = 0; k < count; k++) {
        columns[k].data = at;
        at += array_size(&columns[k], rows);
    }
    return true;
}
