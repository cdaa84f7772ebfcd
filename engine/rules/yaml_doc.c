/* yaml_doc.c: a YAML file as a tree of nodes. The only user of yaml.h.
 *
 * Entry points: as_yaml_load (reads the file) → as_yaml_parse → run → on_event for every event
 * of libyaml.
 *
 * Invariants
 * 1. Events are handled with an own stack of open collections: nothing recurses, depth is
 * capped.
 * 2. `nodes` counts what a walk over the finished tree would meet, aliases expanded. It is
 * capped, so that a walk over shared nodes is never exponential; the depth of what an alias
 * stands for counts as well.
 * 3. An alias may not name a collection that is still open: the tree has no cycles.
 * 4. Scalars are copied as text. Tags and merge keys, which would change what a text means, are
 * refused. */
#include "rules/yaml_doc.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/text.h"
#include "rules/files.h"
#include "rules/yaml_words.h"

#include <stdlib.h>
#include <yaml.h>

typedef struct as_anchor {
    as_str name;
    as_node *node;
    size_t weight; /* nodes that a walk over it meets */
    unsigned height;
    bool open;
} as_anchor;

typedef struct as_frame {
    as_node *node;
    as_node *key;    /* a map's key that waits for its value */
    size_t before;   /* `nodes` when it was opened */
    size_t anchor;   /* its index in `anchors`, or NO_ANCHOR */
    unsigned height; /* collections from here to the deepest inside, itself included */
} as_frame;

#define NO_ANCHOR SIZE_MAX

typedef struct as_doc_maker {
    as_arena *arena;
    const char *file;
    as_err *e;
    unsigned depth;
    size_t anchor_count;
    size_t nodes, aliases, documents;
    as_node *root;
    bool ended;
    /* the last two members, as nobody clears them: `depth` and `anchor_count` of them are set
     */
    as_frame stack[AS_YAML_DEPTH_MAX];
    as_anchor anchors[AS_YAML_ALIASES_MAX];
} as_doc_maker;

static as_span span_of(const as_doc_maker *m, yaml_mark_t mark)
{
    return (as_span){m->file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static as_node *node_new(as_doc_maker *m, as_node_kind kind, yaml_mark_t mark)
{
    as_node *n = AS_NEW(m->arena, as_node);
    if (n) {
        n->kind = kind;
        n->at = span_of(m, mark);
    }
    return n;
}

/* ---- duplicate keys ---- */

typedef struct as_key_place {
    as_str text;
    size_t index;
} as_key_place;

static int by_text_then_place(const void *x, const void *y)
{
    const as_key_place *a = x, *b = y;
    int c = as_str_cmp(a->text, b->text);
    return c ? c : (a->index > b->index) - (a->index < b->index);
}

static as_code fail_twice(as_doc_maker *m, const as_node *first, const as_node *again)
{
    return as_fail(m->e, AS_ERULE, again->at,
                   "the key `%.*s` is written twice; the first is on line %u",
                   AS_FMT(again->text), (unsigned)first->at.line);
}

/* Two keys with one text: the earliest repetition is told. */
static as_code check_twice(as_doc_maker *m, const as_node *map)
{
    as_key_place few[16], *all = few;
    if (map->count < 2)
        return AS_OK;
    if (map->count > 16) {
        all = AS_NEW_N(m->arena, as_key_place, map->count);
        if (!all)
            return as_fail_nomem(m->e);
    }
    for (size_t i = 0; i < map->count; i++)
        all[i] = (as_key_place){map->pairs[i].key->text, i};
    qsort(all, map->count, sizeof *all, by_text_then_place);
    size_t first = 0, again = SIZE_MAX;
    for (size_t i = 1; i < map->count; i++) {
        if (as_str_eq(all[i - 1].text, all[i].text) && all[i].index < again) {
            first = all[i - 1].index;
            again = all[i].index;
        }
    }
    if (again == SIZE_MAX)
        return AS_OK;
    return fail_twice(m, map->pairs[first].key, map->pairs[again].key);
}

/* ---- putting nodes together ---- */

/* Room for one more in an array of the arena that doubles whenever its count is a power of two.
 */
static void *room(as_arena *a, void *items, size_t count, size_t size)
{
    if (count & (count - 1))
        return items;
    size_t want = count ? count * 2 : 1;
    char *more = as_arena_alloc(a, want * size);
    if (more && count)
        memcpy(more, items, count * size);
    return more;
}

static as_code check_key(as_doc_maker *m, const as_node *key)
{
    if (key->kind != AS_NODE_SCALAR)
        return as_fail(m->e, AS_ERULE, key->at, "a key must be text, not %s",
                       as_node_kind_name(key));
    if (!key->quoted && key->text.len == 0)
        return as_fail(m->e, AS_ERULE, key->at, "a key is missing before the `:`");
    if (!key->quoted && as_str_eq(key->text, AS_STR("<<")))
        return as_fail(m->e, AS_ERULE, key->at,
                       "merge keys (`<<`) are not supported; write the keys out");
    return AS_OK;
}

/* Hang a finished scalar, alias or just opened collection into the collection that is open. */
static as_code attach(as_doc_maker *m, as_node *n, unsigned height)
{
    if (m->depth == 0) {
        m->root = n;
        return AS_OK;
    }
    as_frame *f = &m->stack[m->depth - 1];
    as_node *into = f->node;
    if (height + 1 > f->height)
        f->height = height + 1;
    if (into->kind == AS_NODE_SEQ) {
        void *items = room(m->arena, into->items, into->count, sizeof(void *));
        if (!items)
            return as_fail_nomem(m->e);
        into->items = items;
        into->items[into->count++] = n;
        return AS_OK;
    }
    if (!f->key) {
        f->key = n;
        return check_key(m, n);
    }
    void *pairs = room(m->arena, into->pairs, into->count, sizeof *into->pairs);
    if (!pairs)
        return as_fail_nomem(m->e);
    into->pairs = pairs;
    into->pairs[into->count++] = (as_pair){f->key, n};
    f->key = NULL;
    return AS_OK;
}

static as_code count_nodes(as_doc_maker *m, size_t more, as_span at)
{
    m->nodes += more;
    if (m->nodes > AS_YAML_NODES_MAX)
        return as_fail(m->e, AS_EBUDGET, at,
                       "more than %d values in one file, aliases expanded", AS_YAML_NODES_MAX);
    return AS_OK;
}

static as_code anchor_add(as_doc_maker *m, const yaml_char_t *name, as_node *n, bool open)
{
    if (!name)
        return AS_OK;
    if (m->anchor_count == AS_YAML_ALIASES_MAX)
        return as_fail(m->e, AS_EBUDGET, n->at, "more than %d anchors in one file",
                       AS_YAML_ALIASES_MAX);
    as_str copy = as_arena_str(m->arena, as_str_from((const char *)name));
    if (!copy.ptr)
        return as_fail_nomem(m->e);
    m->anchors[m->anchor_count++] =
        (as_anchor){.name = copy, .node = n, .weight = 1, .height = 0, .open = open};
    return AS_OK;
}

static as_code refuse_tag(const as_doc_maker *m, const yaml_char_t *tag, as_span at)
{
    if (!tag)
        return AS_OK;
    return as_fail(m->e, AS_ERULE, at,
                   "tags (`!…`) are not supported; put a text that begins with `!` in quotes");
}

/* ---- one function per event ---- */

static as_code on_scalar(as_doc_maker *m, const yaml_event_t *ev)
{
    as_span at = span_of(m, ev->start_mark);
    as_code code = refuse_tag(m, ev->data.scalar.tag, at);
    if (code)
        return code;
    as_str text = {(const char *)ev->data.scalar.value, ev->data.scalar.length};
    if (text.len && memchr(text.ptr, 0, text.len))
        return as_fail(m->e, AS_ERULE, at, "a text with a NUL character in it (`\\0`)");
    as_node *n = node_new(m, AS_NODE_SCALAR, ev->start_mark);
    if (!n)
        return as_fail_nomem(m->e);
    yaml_scalar_style_t style = ev->data.scalar.style;
    bool block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    n->quoted = style != YAML_PLAIN_SCALAR_STYLE;
    n->text_line = at.line + (block ? 1 : 0);
    n->text = as_arena_str(m->arena, text);
    if (!n->text.ptr)
        return as_fail_nomem(m->e);
    if ((code = count_nodes(m, 1, at)) ||
        (code = anchor_add(m, ev->data.scalar.anchor, n, false)))
        return code;
    return attach(m, n, 0);
}

static as_code on_open(as_doc_maker *m, const yaml_event_t *ev)
{
    bool map = ev->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *name =
        map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor;
    const yaml_char_t *tag = map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;
    as_node *n = node_new(m, map ? AS_NODE_MAP : AS_NODE_SEQ, ev->start_mark);
    if (!n)
        return as_fail_nomem(m->e);
    as_code code = refuse_tag(m, tag, n->at);
    if (code)
        return code;
    if (m->depth == AS_YAML_DEPTH_MAX)
        return as_fail(m->e, AS_EBUDGET, n->at, "nested deeper than %d levels",
                       AS_YAML_DEPTH_MAX);
    size_t before = m->nodes;
    if ((code = count_nodes(m, 1, n->at)) || (code = attach(m, n, 1)))
        return code;
    if ((code = anchor_add(m, name, n, true)))
        return code;
    m->stack[m->depth++] = (as_frame){.node = n,
                                      .key = NULL,
                                      .before = before,
                                      .anchor = name ? m->anchor_count - 1 : NO_ANCHOR,
                                      .height = 1};
    return AS_OK;
}

static as_code on_close(as_doc_maker *m)
{
    as_frame f = m->stack[--m->depth];
    if (m->depth && f.height + 1 > m->stack[m->depth - 1].height)
        m->stack[m->depth - 1].height = f.height + 1;
    if (f.anchor != NO_ANCHOR) {
        as_anchor *a = &m->anchors[f.anchor];
        a->open = false;
        a->weight = m->nodes - f.before;
        a->height = f.height;
    }
    return f.node->kind == AS_NODE_MAP ? check_twice(m, f.node) : AS_OK;
}

static as_code on_alias(as_doc_maker *m, const yaml_event_t *ev)
{
    as_span at = span_of(m, ev->start_mark);
    as_str name = as_str_from((const char *)ev->data.alias.anchor);
    size_t i = m->anchor_count;
    while (i && !as_str_eq(m->anchors[i - 1].name, name))
        i--;
    if (i == 0)
        return as_fail(m->e, AS_ERULE, at,
                       "`*%.*s` names an anchor that is not above; put a text that begins with "
                       "`*` in quotes",
                       AS_FMT(name));
    const as_anchor *a = &m->anchors[i - 1];
    if (a->open)
        return as_fail(m->e, AS_ERULE, at, "`*%.*s` stands inside what it names", AS_FMT(name));
    if (++m->aliases > AS_YAML_ALIASES_MAX)
        return as_fail(m->e, AS_EBUDGET, at, "more than %d aliases (`*…`) in one file",
                       AS_YAML_ALIASES_MAX);
    if (m->depth + a->height > AS_YAML_DEPTH_MAX)
        return as_fail(m->e, AS_EBUDGET, at, "nested deeper than %d levels through `*%.*s`",
                       AS_YAML_DEPTH_MAX, AS_FMT(name));
    as_code code = count_nodes(m, a->weight, at);
    return code ? code : attach(m, a->node, a->height);
}

static as_code on_event(as_doc_maker *m, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_STREAM_END_EVENT:
        m->ended = true;
        return AS_OK;
    case YAML_DOCUMENT_START_EVENT:
        if (++m->documents > 1)
            return as_fail(m->e, AS_ERULE, span_of(m, ev->start_mark),
                           "a second document (`---`) begins here; a file holds one, put the "
                           "other into its own file");
        return AS_OK;
    case YAML_ALIAS_EVENT:
        return on_alias(m, ev);
    case YAML_SCALAR_EVENT:
        return on_scalar(m, ev);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_open(m, ev);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(m);
    default:
        return AS_OK;
    }
}

/* ---- the whole ---- */

static as_code explain(const as_doc_maker *m, const yaml_parser_t *p, as_str text)
{
    if (p->error == YAML_MEMORY_ERROR)
        return as_fail_nomem(m->e);
    as_yaml_problem why = {.text = text,
                           .file = m->file,
                           .problem = p->problem,
                           .at = span_of(m, p->problem_mark),
                           .context = p->context,
                           .context_at = span_of(m, p->context_mark)};
    if (p->error == YAML_READER_ERROR)
        why.at = as_yaml_place(m->file, text, p->problem_offset);
    return as_yaml_complain(&why, m->e);
}

static as_code run(as_doc_maker *m, yaml_parser_t *p, as_str text)
{
    as_code code = AS_OK;
    while (!code && !m->ended) {
        yaml_event_t ev;
        if (!yaml_parser_parse(p, &ev))
            return explain(m, p, text);
        code = on_event(m, &ev);
        yaml_event_delete(&ev);
    }
    return code;
}

static as_code check_bytes(as_str text, const char *file, as_err *e)
{
    if (text.len > AS_YAML_FILE_MAX)
        return as_fail(e, AS_EBUDGET, (as_span){file, 0, 0}, "larger than %zu MiB",
                       AS_YAML_FILE_MAX / AS_MIB);
    if (as_str_starts(text, AS_STR("\xff\xfe")) || as_str_starts(text, AS_STR("\xfe\xff")))
        return as_fail(e, AS_ERULE, (as_span){file, 1, 1},
                       "this file is UTF-16; save it as UTF-8");
    const char *nul = text.len ? memchr(text.ptr, 0, text.len) : NULL;
    size_t bad = as_text_utf8_valid(text);
    if (nul && (size_t)(nul - text.ptr) < bad)
        return as_fail(e, AS_ERULE, as_yaml_place(file, text, (size_t)(nul - text.ptr)),
                       "a NUL byte; this is not a text file");
    if (bad < text.len)
        return as_fail(e, AS_ERULE, as_yaml_place(file, text, bad),
                       "byte 0x%02X is not UTF-8; save the file as UTF-8",
                       (unsigned char)text.ptr[bad]);
    return AS_OK;
}

static as_node *empty_map(as_arena *a, const char *file)
{
    as_node *n = AS_NEW(a, as_node);
    if (n) {
        n->kind = AS_NODE_MAP;
        n->at = (as_span){file, 1, 1};
    }
    return n;
}

static as_code parse_checked(as_node **out, as_doc_maker *m, as_str text)
{
    yaml_parser_t p;
    if (!yaml_parser_initialize(&p))
        return as_fail_nomem(m->e);
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)text.ptr, text.len);
    as_code code = run(m, &p, text);
    yaml_parser_delete(&p);
    if (code)
        return code;
    bool nothing = !m->root || as_node_is_null(m->root);
    *out = nothing ? empty_map(m->arena, m->file) : m->root;
    return *out ? AS_OK : as_fail_nomem(m->e);
}

as_code as_yaml_parse(as_node **out, as_arena *a, as_str text, const char *shown, as_err *e)
{
    *out = NULL;
    as_str file = as_arena_str(a, as_str_from(shown));
    if (!file.ptr)
        return as_fail_nomem(e);
    as_code code = check_bytes(text, file.ptr, e);
    if (code)
        return code;
    if (as_str_starts(text, AS_STR("\xef\xbb\xbf")))
        text = as_str_sub(text, 3, text.len);
    as_doc_maker *m = as_alloc(sizeof *m);
    if (!m)
        return as_fail_nomem(e);
    memset(m, 0, offsetof(as_doc_maker, stack));
    m->arena = a;
    m->file = file.ptr;
    m->e = e;
    code = parse_checked(out, m, text);
    as_free(m);
    return code;
}

as_code as_yaml_load(as_node **out, as_arena *a, const char *path, const char *shown, as_err *e)
{
    as_str text;
    *out = NULL;
    as_code code = as_file_read(&text, a, path, shown, AS_YAML_FILE_MAX, e);
    return code ? code : as_yaml_parse(out, a, text, shown, e);
}
