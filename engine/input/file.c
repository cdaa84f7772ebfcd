/* file.c: opening, mapping and closing an extract; places in it.
 *
 * Order: as_file_open, use bytes, as_file_unchanged, as_file_done; as_file_close ends the
 * bytes. */
#include "input/file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below this a read costs less than the page faults of a map, and cannot be cut short. */
#define READ_BELOW ((size_t)1 << 20)

as_code as_file_bytes(const as_file *f, uint64_t at, char *out, size_t size, as_err *e)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = pread(f->fd, out + got, size - got, (off_t)(at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return as_fail_errno(e, errno, f->path);
        if (n == 0)
            break;
        got += (size_t)n;
    }
    if (got < size)
        return as_fail(
            e, AS_EIO, (as_span){f->path, 0, 0},
            "the file became shorter while it was being read; run again when nothing "
            "writes to it");
    return AS_OK;
}

static as_code read_all(as_file *f, size_t size, as_err *e)
{
    f->heap = as_alloc(size + AS_FILE_PADDING);
    if (!f->heap)
        return as_fail_nomem(e);
    as_code code = as_file_bytes(f, 0, f->heap, size, e);
    if (code != AS_OK)
        return code;
    memset(f->heap + size, 0, AS_FILE_PADDING);
    f->bytes = (as_str){f->heap, size};
    return AS_OK;
}

/* One page more than the file needs, so that reads past the end meet zeros. */
static as_code map_all(as_file *f, size_t size, as_err *e)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (size + page - 1) / page * page;
    char *place = mmap(NULL, whole + page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
        return as_fail_errno(e, errno, f->path);
    f->map = place;
    f->map_size = whole + page;
    if (mmap(place, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, f->fd, 0) == MAP_FAILED)
        return as_fail_errno(e, errno, f->path);
    f->bytes = (as_str){place, size};
    return AS_OK;
}

static as_code look(as_file *f, size_t *size, as_err *e)
{
    as_span at = {f->path, 0, 0};
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return as_fail_errno(e, errno, f->path);
    if (S_ISDIR(st.st_mode))
        return as_fail(e, AS_EIO, at, "this is a folder; name a file in it");
    if (!S_ISREG(st.st_mode))
        return as_fail(e, AS_EIO, at,
                       "this is not an ordinary file (a pipe or a device); save it as a file");
    f->mtime_s = st.st_mtim.tv_sec;
    f->mtime_ns = st.st_mtim.tv_nsec;
    *size = (size_t)st.st_size;
    return AS_OK;
}

static as_code open_regular(as_file *f, const char *open_path, size_t *size, as_err *e)
{
    /* O_NONBLOCK: a pipe without a writer must not hold us up before we can say that it is one.
     */
    f->fd = open(open_path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return f->fd < 0 ? as_fail_errno(e, errno, f->path) : look(f, size, e);
}

as_code as_file_open(as_file *f, const char *open_path, const char *path, as_err *e)
{
    *f = (as_file){.path = path, .fd = -1};
    size_t size = 0;
    as_code code = open_regular(f, open_path, &size, e);
    if (code == AS_OK)
        code = size < READ_BELOW ? read_all(f, size, e) : map_all(f, size, e);
    if (code != AS_OK)
        as_file_close(f);
    return code;
}

as_code as_file_peek(const char *open_path, const char *path, char *out, size_t room,
                     size_t *length, as_err *e)
{
    as_file f = {.path = path, .fd = -1};
    size_t size = 0;
    as_code code = open_regular(&f, open_path, &size, e);
    ssize_t n = code == AS_OK ? pread(f.fd, out, room, 0) : 0;
    if (n < 0)
        code = as_fail_errno(e, errno, path);
    *length = n > 0 ? (size_t)n : 0;
    as_file_done(&f);
    return code;
}

as_code as_file_unchanged(const as_file *f, as_err *e)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return as_fail_errno(e, errno, f->path);
    if ((size_t)st.st_size == f->bytes.len && st.st_mtim.tv_sec == f->mtime_s &&
        st.st_mtim.tv_nsec == f->mtime_ns)
        return AS_OK;
    return as_fail(
        e, AS_EIO, (as_span){f->path, 0, 0},
        "the file was changed while it was being read; run again when nothing writes "
        "to it");
}

void as_file_done(as_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

void as_file_close(as_file *f)
{
    if (f->map || f->heap || f->path)
        as_file_done(f);
    if (f->map) {
        /* The pages go first, under a lock that others can share: munmap of many of them would
         * hold up every thread that asks for memory. */
        (void)madvise(f->map, f->map_size, MADV_DONTNEED);
        munmap(f->map, f->map_size);
    }
    as_free(f->heap);
    *f = (as_file){.fd = -1};
}

as_span as_place(const char *path, as_str text, size_t offset)
{
    if (offset > text.len)
        offset = text.len;
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < offset; i++) {
        char c = text.ptr[i];
        bool crlf = c == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
        if (c == '\n' || (c == '\r' && !crlf)) {
            line++;
            column = 1;
        } else if (((unsigned char)c & 0xc0) != 0x80) {
            column++;
        }
    }
    return (as_span){path, line, column};
}
