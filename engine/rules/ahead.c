/* ahead.c: the rule files of a large pack, read and parsed on a second thread while the first
 * one reads what comes before them and works on their trees.
 *
 * libyaml takes most of the time in which a project is opened. The files are taken from the
 * last to the first, as the reader comes from the other end; whoever is at a file first does
 * it, and in the middle the reader waits for one file at most.
 *
 * Invariant: only what went well is handed over. A file that cannot be read, lies outside the
 * pack or is no YAML is left to the reader, which finds the same and reports it in its order.
 */
#include "base/alloc.h"
#include "base/limits.h"
#include "rules/load.h"

#include <pthread.h>
#include <sys/stat.h>

/* Below so many bytes a thread is not worth it. */
#define WORTH_BYTES ((off_t)32 * 1024)

typedef enum item_state { FREE, IN_HAND, DONE, LEFT } item_state;

typedef struct item {
    as_str name;
    item_state state;
    as_node *root;
    as_project_file file; /* `path` is the reader's */
} item;

struct as_ahead {
    as_arena *arena; /* of this thread; the trees live in it */
    as_str folder, open_folder;
    item *items;
    size_t count;
    pthread_t thread;
    pthread_mutex_t lock; /* of the states */
    pthread_cond_t moved;
};

static as_code parse(as_ahead *x, item *t)
{
    as_err e = {0};
    as_str bytes, shown = as_path_join(x->arena, x->folder, t->name);
    as_code code = shown.ptr
                       ? as_path_real(&t->file.open_path, x->arena, shown.ptr, shown.ptr, &e)
                       : AS_ENOMEM;
    if (code == AS_OK && !as_path_inside(x->open_folder, t->file.open_path))
        code = AS_ERULE;
    if (code == AS_OK)
        code = as_file_read(&bytes, x->arena, t->file.open_path.ptr, shown.ptr,
                            AS_YAML_FILE_MAX, &e);
    if (code == AS_OK)
        code = as_sha256_of(bytes, t->file.sha256, &e);
    return code == AS_OK ? as_yaml_parse(&t->root, x->arena, bytes, shown.ptr, &e) : code;
}

/* The state that a free one gets; false: somebody has it. */
static bool claim(as_ahead *x, item *t, item_state state)
{
    pthread_mutex_lock(&x->lock);
    bool was_free = t->state == FREE;
    if (was_free)
        t->state = state;
    pthread_mutex_unlock(&x->lock);
    return was_free;
}

static void *run(void *arg)
{
    as_ahead *x = arg;
    for (size_t i = x->count; i > 0; i--) {
        item *t = &x->items[i - 1];
        if (!claim(x, t, IN_HAND))
            break; /* the reader is here: it has all before */
        item_state made = parse(x, t) == AS_OK ? DONE : LEFT;
        pthread_mutex_lock(&x->lock);
        t->state = made;
        pthread_cond_signal(&x->moved);
        pthread_mutex_unlock(&x->lock);
    }
    return NULL;
}

/* ---- for the reader ---- */

/* The files to be parsed: .yaml, not pack.yaml. False: they are not worth it, or no memory. */
static bool list(as_ahead *x, const as_entries *all)
{
    off_t bytes = 0;
    x->items = AS_NEW_N(x->arena, item, all->count + 1);
    for (size_t i = 0; x->items && i < all->count; i++) {
        const as_entry *entry = &all->items[i];
        struct stat st;
        if (entry->folder || !as_name_ends(entry->name, ".yaml") ||
            as_str_eq(entry->name, AS_STR("pack.yaml")))
            continue;
        as_str path = as_path_join(x->arena, x->open_folder, entry->name);
        bytes += path.ptr && stat(path.ptr, &st) == 0 ? st.st_size : 0;
        x->items[x->count++].name = entry->name;
    }
    return x->items && bytes >= WORTH_BYTES;
}

static void close_arena(void *a)
{
    as_arena_close(a);
}

as_ahead *as_ahead_begin(const as_pack *k, const as_entries *files, as_arena *a)
{
    as_arena *own = as_arena_open();
    if (!own || !as_arena_on_close(a, close_arena, own)) /* which closes it, where it fails */
        return NULL;
    as_ahead *x = AS_NEW(own, as_ahead);
    if (!x)
        return NULL;
    x->arena = own;
    x->folder = k->folder;
    x->open_folder = k->open_folder;
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->moved, NULL);
    if (list(x, files) && pthread_create(&x->thread, NULL, run, x) == 0)
        return x;
    pthread_cond_destroy(&x->moved);
    pthread_mutex_destroy(&x->lock);
    return NULL;
}

static item *find(const as_ahead *x, as_str name)
{
    for (size_t i = 0; x && i < x->count; i++)
        if (as_str_eq(x->items[i].name, name))
            return &x->items[i];
    return NULL;
}

bool as_ahead_take(as_ahead *x, as_str name, as_node **root, as_project_file *file)
{
    item *t = find(x, name);
    if (!t || claim(x, t, LEFT))
        return false;
    pthread_mutex_lock(&x->lock);
    while (t->state == IN_HAND)
        pthread_cond_wait(&x->moved, &x->lock);
    bool done = t->state == DONE;
    pthread_mutex_unlock(&x->lock);
    if (done) {
        *root = t->root;
        *file = t->file;
    }
    return done;
}

void as_ahead_end(as_ahead *x)
{
    if (!x)
        return;
    pthread_join(x->thread, NULL);
    pthread_cond_destroy(&x->moved);
    pthread_mutex_destroy(&x->lock);
}
