/* save.c: the texts onto the disk; all of them or, where one is there already, none. */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static as_str full_path(const char *folder, as_str path, as_arena *a)
{
    size_t len = strlen(folder);
    bool slash = len == 0 || folder[len - 1] == '/';
    return as_arena_printf(a, "%s%s%.*s", strcmp(folder, ".") == 0 ? "" : folder,
                           slash || strcmp(folder, ".") == 0 ? "" : "/", AS_FMT(path));
}

/* Folders above the file. */
static as_code make_folders(as_str path, as_arena *a, as_err *e)
{
    char *copy = (char *)(uintptr_t)as_arena_str(a, path).ptr;
    if (!copy)
        return as_fail_nomem(e);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            return as_fail_errno(e, errno, as_arena_str(a, as_str_from(copy)).ptr);
        *slash = '/';
    }
    return AS_OK;
}

static as_code write_one(as_str path, as_str text, as_err *e)
{
    int fd = open(path.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return as_fail_errno(e, errno, path.ptr);
    int failed = 0;
    for (size_t at = 0; at < text.len && !failed;) {
        ssize_t n = write(fd, text.ptr + at, text.len - at);
        if (n > 0)
            at += (size_t)n;
        else if (errno != EINTR)
            failed = errno;
    }
    if (close(fd) != 0 && !failed)
        failed = errno;
    return failed ? as_fail_errno(e, failed, path.ptr) : AS_OK;
}

as_code as_init_write(const as_init *init, const char *folder, as_diags *d, as_err *e)
{
    as_str *paths = AS_NEW_N(d->arena, as_str, init->count + 1);
    size_t there = 0;
    struct stat st;
    for (size_t i = 0; paths && i < init->count; i++) {
        paths[i] = full_path(folder, init->files[i].path, d->arena);
        if (!paths[i].ptr)
            return as_fail_nomem(e);
        if (lstat(paths[i].ptr, &st) != 0)
            continue;
        there++;
        as_diag_add(d, AS_DIAG_ERROR, (as_span){paths[i].ptr, 0, 0}, NULL,
                    "this file is there already, and init overwrites nothing");
    }
    if (!paths)
        return as_fail_nomem(e);
    if (there)
        return as_fail(e, AS_EUSAGE, AS_NOWHERE,
                       "nothing was written; choose another folder with --output, or move the "
                       "%s away",
                       there == 1 ? "file" : "files");
    as_code code = AS_OK;
    for (size_t i = 0; i < init->count && code == AS_OK; i++) {
        code = make_folders(paths[i], d->arena, e);
        if (code == AS_OK)
            code = write_one(paths[i], init->files[i].text, e);
    }
    return code;
}
