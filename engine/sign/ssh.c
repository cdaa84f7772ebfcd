/* ssh.c: ssh-keygen as a child process: found in PATH, started without a shell. What it reads
 * and writes lies in memory (memfd), so no file can be exchanged between two looks at it. */
#include "sign/sign.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static as_code memory_file(int *out, as_str bytes, as_err *e)
{
    *out = memfd_create("assay", 0); /* the child inherits it */
    if (*out < 0) {
        return as_fail_errno(e, errno, "a file in memory");
    }
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(*out, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno != EINTR) {
            return as_fail_errno(e, errno, "a file in memory");
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return lseek(*out, 0, SEEK_SET) == 0 ? AS_OK : as_fail_errno(e, errno, "a file in memory");
}

static as_code memory_read(int fd, as_arena *a, as_str *out, as_err *e)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = size < 0 ? NULL : as_arena_alloc(a, (size_t)size + 1);
    if (!text) {
        return as_fail_nomem(e);
    }
    size_t done = 0;
    while (done < (size_t)size) {
        ssize_t n = pread(fd, text + done, (size_t)size - done, (off_t)done);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return as_fail_errno(e, errno, "what ssh-keygen wrote");
        }
        done += n > 0 ? (size_t)n : 0;
    }
    text[done] = '\0';
    *out = (as_str){text, done};
    return AS_OK;
}

static as_code wait_for(pid_t child, int *status, as_err *e)
{
    while (waitpid(child, status, 0) < 0) {
        if (errno != EINTR) {
            return as_fail_errno(e, errno, "ssh-keygen");
        }
    }
    return AS_OK;
}

/* in, out: its standard input and output; errors go where `err` says (-1: to ours). */
static as_code run(char *const *argv, int in, int out, int err, int *status, as_err *e)
{
    posix_spawn_file_actions_t files;
    pid_t child = 0;
    int rc = posix_spawn_file_actions_init(&files);
    if (rc != 0) {
        return as_fail_nomem(e);
    }
    rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (err >= 0) {
        rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    }
    rc = rc ? rc : posix_spawnp(&child, argv[0], &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (rc == ENOENT) {
        return as_fail(e, AS_EIO, AS_NOWHERE,
                       "there is no ssh-keygen in PATH, which signs and checks signatures; "
                       "install OpenSSH (Debian: openssh-client)");
    }
    return rc ? as_fail_errno(e, rc, "ssh-keygen") : wait_for(child, status, e);
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

as_code as_ssh_sign(as_str message, const char *key, as_arena *a, as_str *signature, as_err *e)
{
    char *argv[] = {"ssh-keygen",      "-Y", "sign",      "-q", "-n",
                    AS_SIGN_NAMESPACE, "-f", (char *)key, NULL};
    int fds[] = {-1, -1}, status = 0;
    as_code code = access(key, R_OK) == 0 ? AS_OK : as_fail_errno(e, errno, key);
    code = code ? code : memory_file(&fds[0], message, e);
    code = code ? code : memory_file(&fds[1], AS_STR(""), e);
    code = code ? code : run(argv, fds[0], fds[1], -1, &status, e);
    if (code == AS_OK && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        code = as_fail(e, AS_EINPUT, AS_NOWHERE, "ssh-keygen could not sign with %s", key);
    }
    code = code ? code : memory_read(fds[1], a, signature, e);
    close_all(fds, 2);
    return code;
}

as_code as_ssh_verify(as_str message, as_str signature, const char *allowed, as_str who,
                      as_arena *a, bool *good, as_str *said, as_err *e)
{
    int fds[] = {-1, -1, -1}, status = 0;
    char sig[32];
    as_str name = as_arena_str(a, who);
    as_code code = name.ptr ? memory_file(&fds[0], message, e) : as_fail_nomem(e);
    code = code ? code : memory_file(&fds[1], signature, e);
    code = code ? code : memory_file(&fds[2], AS_STR(""), e);
    snprintf(sig, sizeof sig, "/dev/fd/%d", fds[1]);
    char *argv[] = {
        "ssh-keygen",     "-Y", "verify", "-n", AS_SIGN_NAMESPACE, "-f", (char *)allowed, "-I",
        (char *)name.ptr, "-s", sig,      NULL};
    code = code ? code : run(argv, fds[0], fds[2], fds[2], &status, e);
    code = code ? code : memory_read(fds[2], a, said, e);
    *good = code == AS_OK && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (code == AS_OK) {
        *said = as_str_trim(*said);
    }
    close_all(fds, 3);
    return code;
}
