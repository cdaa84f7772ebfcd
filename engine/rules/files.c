/* files.c: reading of files, folders and paths for rules/.
 *
 * Invariants: a file is opened without waiting (a pipe cannot hang the tool) and must be a
 * regular file; a read is capped before memory is taken; listings are sorted, so that the
 * result does not depend on the file system. */
#include "rules/files.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static as_code open_regular(int *fd, struct stat *st, const char *path, const char *shown,
                            as_err *e)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 || fstat(*fd, st) != 0)
        return as_fail_errno(e, errno, shown);
    if (S_ISDIR(st->st_mode))
        return as_fail(e, AS_EIO, AS_NOWHERE, "%s: a folder where a file is expected", shown);
    if (!S_ISREG(st->st_mode))
        return as_fail(e, AS_EIO, AS_NOWHERE, "%s: not a regular file", shown);
    return AS_OK;
}

/* Bytes read, less than `size` only at the end of the file; -1: errno. */
static ssize_t read_full(int fd, char *into, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t n = read(fd, into + have, size - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

static as_code read_into(as_str *out, as_arena *a, int fd, size_t size, const char *shown,
                         as_err *e)
{
    /* One byte more than the file is said to have: a file that grows meanwhile is noticed. */
    char *bytes = as_arena_alloc(a, size + 1);
    if (!bytes)
        return as_fail_nomem(e);
    ssize_t have = read_full(fd, bytes, size + 1);
    if (have < 0)
        return as_fail_errno(e, errno, shown);
    if ((size_t)have != size)
        return as_fail(e, AS_EIO, AS_NOWHERE, "%s: changed while it was read; try again",
                       shown);
    bytes[size] = '\0';
    *out = (as_str){bytes, size};
    return AS_OK;
}

as_code as_file_read(as_str *out, as_arena *a, const char *path, const char *shown, size_t max,
                     as_err *e)
{
    int fd = -1;
    struct stat st = {0};
    *out = AS_NONE;
    as_code code = open_regular(&fd, &st, path, shown, e);
    if (!code && (uintmax_t)st.st_size > max)
        code =
            as_fail(e, AS_EBUDGET, AS_NOWHERE, "%s: larger than %zu MiB", shown, max / AS_MIB);
    if (!code)
        code = read_into(out, a, fd, (size_t)st.st_size, shown, e);
    if (fd >= 0)
        close(fd);
    return code;
}

/* Both digests in one pass: they must be of the same bytes. */
static as_code digest_fd(as_sha256 *h, as_blake3 *b, int fd, char *room, const char *shown,
                         as_err *e)
{
    for (size_t i = 0;; i++) {
        ssize_t n = read_full(fd, room, AS_BLAKE3_PART);
        if (n < 0)
            return as_fail_errno(e, errno, shown);
        const as_str part = {room, (size_t)n};
        as_sha256_add(h, part);
        if (b && part.len && !as_blake3_part(b, i, part))
            return as_fail(e, AS_EIO, AS_NOWHERE,
                           "%s: changed while its digest was made; run again when nothing "
                           "writes to it",
                           shown);
        if (part.len < AS_BLAKE3_PART)
            return AS_OK;
    }
}

as_code as_file_digest(char out[AS_SHA256_HEX], char blake3[AS_BLAKE3_TEXT], const char *path,
                       const char *shown, as_err *e)
{
    as_sha256 *h = NULL;
    as_blake3 *b = NULL;
    char *room = as_alloc(AS_BLAKE3_PART);
    int fd = -1;
    struct stat st = {0};
    out[0] = '\0';
    as_code code = room ? as_sha256_open(&h, e) : as_fail_nomem(e);
    if (!code)
        code = open_regular(&fd, &st, path, shown, e);
    if (!code && blake3)
        code = as_blake3_open(&b, (uint64_t)st.st_size, e);
    if (!code)
        code = digest_fd(h, b, fd, room, shown, e);
    if (!code && blake3)
        code = as_blake3_end(b, blake3, e);
    if (!code)
        as_sha256_hex(h, out);
    if (fd >= 0)
        close(fd);
    as_sha256_close(h);
    as_blake3_close(b);
    as_free(room);
    return code;
}

/* ---- paths ---- */

as_str as_path_join(as_arena *a, as_str folder, as_str name)
{
    if (folder.len == 0 || (name.len && name.ptr[0] == '/'))
        return as_arena_str(a, name);
    const char *slash = folder.ptr[folder.len - 1] == '/' ? "" : "/";
    return as_arena_printf(a, "%.*s%s%.*s", AS_FMT(folder), slash, AS_FMT(name));
}

/* Position behind the last slash; trailing slashes do not count. */
static size_t name_begin(as_str *path)
{
    while (path->len > 1 && path->ptr[path->len - 1] == '/')
        path->len--;
    size_t i = path->len;
    while (i && path->ptr[i - 1] != '/')
        i--;
    return i;
}

as_str as_path_folder(as_str path)
{
    size_t i = name_begin(&path);
    while (i > 1 && path.ptr[i - 1] == '/')
        i--;
    return as_str_sub(path, 0, i);
}

as_str as_path_name(as_str path)
{
    size_t i = name_begin(&path);
    return as_str_sub(path, i, path.len);
}

static bool part_is(as_str part, const char *s)
{
    return as_str_eq(part, as_str_from(s));
}

/* Length of `out` without its last part; SIZE_MAX when that part is `..` or there is none. */
static size_t drop_part(const char *out, size_t len)
{
    size_t i = len;
    while (i && out[i - 1] != '/')
        i--;
    if (i == len || part_is((as_str){out + i, len - i}, ".."))
        return SIZE_MAX;
    return i > 1 ? i - 1 : i;
}

/* Lexical: into `out`, which has room for path.len + 2. Returns the length. */
static size_t tidy(as_str path, char *out)
{
    size_t len = 0;
    if (path.len && path.ptr[0] == '/')
        out[len++] = '/';
    for (size_t i = 0; i < path.len;) {
        size_t end = i;
        while (end < path.len && path.ptr[end] != '/')
            end++;
        as_str part = as_str_sub(path, i, end - i);
        i = end + 1;
        if (part.len == 0 || part_is(part, "."))
            continue;
        size_t shorter = part_is(part, "..") ? drop_part(out, len) : SIZE_MAX;
        if (shorter != SIZE_MAX) {
            len = shorter;
            continue;
        }
        if (len && out[len - 1] != '/')
            out[len++] = '/';
        memcpy(out + len, part.ptr, part.len);
        len += part.len;
    }
    if (len == 0)
        out[len++] = '.';
    out[len] = '\0';
    return len;
}

static bool same_place(const char *x, const char *y)
{
    struct stat a, b;
    return stat(x, &a) == 0 && stat(y, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

as_str as_path_tidy(as_arena *a, as_str path)
{
    char *out = as_arena_alloc(a, path.len + 2);
    as_str whole = as_arena_str(a, path);
    if (!out || !whole.ptr)
        return AS_NONE;
    size_t len = tidy(path, out);
    return same_place(out, whole.ptr) ? (as_str){out, len} : whole;
}

as_code as_path_real(as_str *out, as_arena *a, const char *path, const char *shown, as_err *e)
{
    char real[PATH_MAX];
    *out = AS_NONE;
    if (!realpath(path, real))
        return as_fail_errno(e, errno, shown);
    *out = as_arena_str(a, as_str_from(real));
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

bool as_path_inside(as_str real_folder, as_str real)
{
    if (part_is(real_folder, "/"))
        return true;
    return as_str_starts(real, real_folder) && real.len > real_folder.len &&
           real.ptr[real_folder.len] == '/';
}

/* ---- folders ---- */

static int by_name(const void *x, const void *y)
{
    return as_str_cmp(((const as_entry *)x)->name, ((const as_entry *)y)->name);
}

static bool add_entry(as_entries *out, size_t *size, as_arena *a, as_str folder,
                      const char *name)
{
    struct stat st = {0};
    if (out->count == *size) {
        size_t more = *size ? *size * 2 : 16;
        as_entry *items = AS_NEW_N(a, as_entry, more);
        if (!items)
            return false;
        if (out->count)
            memcpy(items, out->items, out->count * sizeof *items);
        out->items = items;
        *size = more;
    }
    as_str path = as_path_join(a, folder, as_str_from(name));
    as_str copy = as_arena_str(a, as_str_from(name));
    if (!path.ptr || !copy.ptr)
        return false;
    out->items[out->count++] =
        (as_entry){.name = copy, .folder = stat(path.ptr, &st) == 0 && S_ISDIR(st.st_mode)};
    return true;
}

as_code as_folder_list(as_entries *out, as_arena *a, const char *path, const char *shown,
                       as_err *e)
{
    size_t size = 0;
    *out = (as_entries){NULL, 0};
    DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? AS_OK : as_fail_errno(e, errno, shown);
    as_code code = AS_OK;
    errno = 0;
    for (struct dirent *x; !code && (x = readdir(d)); errno = 0)
        if (x->d_name[0] != '.' && !add_entry(out, &size, a, as_str_from(path), x->d_name))
            code = as_fail_nomem(e);
    if (!code && errno)
        code = as_fail_errno(e, errno, shown);
    closedir(d);
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_name);
    return code;
}

bool as_name_ends(as_str name, const char *ending)
{
    size_t n = strlen(ending);
    return name.len > n && memcmp(name.ptr + name.len - n, ending, n) == 0;
}
