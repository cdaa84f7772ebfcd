/* lines.c: runs an assay that reports CSV with the columns rule,rows,table,key, and writes the
 * lines of the benchmark, `check,file,row`.
 *
 * usage: lines OUT_FILE COMMAND [ARGUMENT…]   exit code 0 where the command looked: that it
 * found something is no failure here; else 2
 *
 * C1 gives each record of a group, C2 a pair, C10 the group; C8 and C10a are several rules
 * each. Built-in rules are no part of the benchmark. Rules are taken from the pack of this
 * folder: they hold no comma and no quote. build: cc -O2 lines.c -o lines */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM ((size_t)1 << 16)

typedef struct field {
    char *at;
    size_t len;
} field;

static char groups[1 << 20]; /* the lines of C10 that were written */
static size_t groups_len;
static field group[1 << 14]; /* of these */
static size_t group_count;
static FILE *report, *sink;

static void fail(const char *why)
{
    fprintf(stderr, "bench/lines: %s\n", why);
    exit(2);
}

/* Reads on behind the `kept` bytes of `room`; returns how many there are then. */
static size_t read_on(char *room, size_t kept)
{
    const size_t n = fread(room + kept, 1, ROOM - kept, report);
    if (ferror(report))
        fail("the report cannot be read");
    return kept + n;
}

/* Where the last whole record of these ends. */
static size_t whole_records(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] != '\n')
        len--;
    return len;
}

/* The fields of the record at *p, unquoted in place; *p goes behind it. The text has an end of
 * a record before `end`. */
static void fields_of(char **p, const char *end, field out[4])
{
    char *s = *p;
    for (int i = 0; i < 4; i++) {
        char *w = s;
        out[i].at = s;
        if (*s == '"') {
            for (s++; *s && (*s != '"' || *++s == '"'); s++)
                *w++ = *s;
        } else {
            w = s = memchr(s, i < 3 ? ',' : '\n', (size_t)(end - s));
            if (!s)
                fail("a record has not the columns rule,rows,table,key");
            if (i == 3 && w > out[i].at && w[-1] == '\r')
                w = --s;
        }
        out[i].len = (size_t)(w - out[i].at);
        if (*s != (i < 3 ? ',' : '\r') && *s != (i < 3 ? ',' : '\n'))
            fail("a record has not the columns rule,rows,table,key");
        s++;
    }
    *p = s + (s[-1] == '\r' && *s == '\n');
}

static int is(field f, const char *text)
{
    return f.len == strlen(text) && memcmp(f.at, text, f.len) == 0;
}

static char lines[ROOM]; /* to be written */
static size_t lines_len;

static void write_lines(void)
{
    if (fwrite(lines, 1, lines_len, sink) != lines_len)
        fail("the lines cannot be written");
    lines_len = 0;
}

static void put(const char *check, char file, const char *rows, size_t len)
{
    const size_t name = strlen(check);
    if (name + len + 4 > sizeof lines)
        fail("a record is longer than expected");
    if (name + len + 4 > sizeof lines - lines_len)
        write_lines();
    char *w = lines + lines_len;
    memcpy(w, check, name);
    w += name;
    *w++ = ',', *w++ = file, *w++ = ',';
    memcpy(w, rows, len);
    w += len;
    *w++ = '\n';
    lines_len = (size_t)(w - lines);
}

/* "A / (none) / B" is "A||B"; a group that several rules tell is written once for each check.
 */
static void put_group(field rule, field key)
{
    char *line = groups + groups_len;
    const char *minus = memchr(rule.at, '-', rule.len), *end = key.at + key.len;
    if (groups_len + rule.len + key.len + 8 > sizeof groups ||
        group_count == sizeof group / sizeof *group)
        fail("more groups than expected");
    char *w = line + sprintf(line, "%.*s,G,", (int)(minus ? minus - rule.at : (long)rule.len),
                             rule.at);
    for (const char *s = key.at; s < end;) {
        if (end - s >= 3 && memcmp(s, " / ", 3) == 0)
            *w++ = '|', s += 3;
        else if (end - s >= 6 && memcmp(s, "(none)", 6) == 0)
            s += 6;
        else
            *w++ = *s++;
    }
    *w++ = '\n';
    const field new = {line, (size_t)(w - line)};
    for (size_t i = 0; i < group_count; i++)
        if (group[i].len == new.len && memcmp(group[i].at, new.at, new.len) == 0)
            return;
    write_lines();
    fwrite(new.at, 1, new.len, sink);
    group[group_count++] = new;
    groups_len += new.len;
}

static void put_record(field f[4])
{
    char check[32] = "";
    if (f[0].at[0] != 'C' || f[0].len >= sizeof check)
        return;
    memcpy(check, f[0].at, is(f[0], "C8-none") ? 2 : f[0].len);
    if (memcmp(check, "C10", 3) == 0) {
        put_group(f[0], f[3]);
    } else if (is(f[0], "C1")) {
        for (char *s = f[1].at, *end = s + f[1].len; s < end;) {
            char *space = memchr(s, ' ', (size_t)(end - s));
            char *stop = space ? space : end;
            put(check, 'I', s, (size_t)(stop - s));
            s = stop + 1;
        }
    } else {
        char *space = is(f[0], "C2") ? memchr(f[1].at, ' ', f[1].len) : NULL;
        if (space)
            *space = '-';
        put(check, is(f[2], "providers") ? 'P' : 'I', f[1].at, f[1].len);
    }
}

/* What it writes is `report` then. */
static pid_t start(char **command)
{
    int ends[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) != 0 ||
        posix_spawnp(&child, command[0], &actions, NULL, command, environ) != 0)
        fail("the command cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    report = fdopen(ends[0], "r");
    if (!report)
        fail("the report cannot be read");
    return child;
}

static void put_all(void)
{
    static char room[ROOM + 1];
    static const char header[] = "rule,rows,table,key\r\n";
    size_t kept = 0, len;
    bool begun = false;
    while ((len = read_on(room, kept)) > 0) {
        const bool last = len < ROOM;
        const size_t whole = last ? len : whole_records(room, len);
        if (whole == 0)
            fail("a record is longer than expected");
        const char after = room[whole];
        room[whole] = '\0';
        if (!begun && strncmp(room, header, sizeof header - 1) != 0)
            fail("the report does not begin with rule,rows,table,key");
        begun = true;
        for (char *p = room; p < room + whole;) {
            field f[4];
            fields_of(&p, room + whole, f);
            put_record(f);
        }
        room[whole] = after;
        kept = len - whole;
        memmove(room, room + whole, kept);
        if (last)
            break;
    }
    if (!begun)
        fail("the command reported nothing");
    write_lines();
}

int main(int argc, char **argv)
{
    int status;
    if (argc < 3)
        fail("usage: lines OUT_FILE COMMAND [ARGUMENT...]");
    const pid_t child = start(argv + 2);
    sink = fopen(argv[1], "w");
    if (!sink)
        fail("the lines cannot be written");
    put_all();
    const bool written = !ferror(sink);
    if (fclose(sink) != 0 || !written)
        fail("the lines cannot be written");
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        fail("the command did not end by itself");
    return WEXITSTATUS(status) == 2 || WEXITSTATUS(status) > 4 ? 2 : 0;
}
