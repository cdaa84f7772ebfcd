/* csv_open.c: from a path to a text whose delimiter, header and columns are known.
 *
 * The delimiter is the one with which the header fits the schema best: a file is read as what
 * makes sense of it, not as what has most commas. */
#include "input/csv.h"

#include "base/text.h"

#define SNIFF_BYTES (4 * AS_MIB) /* of the text, to choose a delimiter */

static const char delimiters[] = {',', ';', '\t', '|'};

/* ---- range ---- */

static bool range_cell(as_str *text, uint32_t *row, uint32_t *col)
{
    uint64_t c = 0, r = 0;
    size_t i = 0;
    for (; i < text->len && i < 4 && (text->ptr[i] | 32) >= 'a' && (text->ptr[i] | 32) <= 'z';
         i++)
        c = c * 26 + (uint64_t)((text->ptr[i] | 32) - 'a' + 1);
    size_t letters = i;
    for (; i < text->len && text->ptr[i] >= '0' && text->ptr[i] <= '9' && r < AS_ROWS_MAX; i++)
        r = r * 10 + (uint64_t)(text->ptr[i] - '0');
    *text = as_str_sub(*text, i, text->len);
    *row = (uint32_t)r;
    *col = (uint32_t)c - 1;
    return letters > 0 && i > letters && c <= AS_COLUMNS_MAX && r > 0 && r <= AS_ROWS_MAX;
}

as_code as_range_parse(as_range *out, as_str text, as_span at, as_err *e)
{
    *out = (as_range){.on = false, .row_last = UINT32_MAX, .col_last = UINT32_MAX};
    as_str rest = as_str_trim(text);
    if (rest.len == 0)
        return AS_OK;
    bool ok = range_cell(&rest, &out->row_first, &out->col_first);
    ok = ok && rest.len > 0 && rest.ptr[0] == ':';
    rest = as_str_sub(rest, 1, rest.len);
    ok = ok && range_cell(&rest, &out->row_last, &out->col_last) && rest.len == 0;
    ok = ok && out->row_first <= out->row_last && out->col_first <= out->col_last;
    out->on = ok;
    if (ok)
        return AS_OK;
    return as_fail(
        e, AS_EINPUT, at,
        "\"%.*s\" is not a range: write it like A6:Q13, from the header's first cell to "
        "the last cell of the last row (at most %d columns)",
        AS_FMT(text), AS_COLUMNS_MAX);
}

/* ---- header ---- */

/* The best row so far when `delimiter` is used. */
typedef struct header_try {
    bool found;
    as_binding bind;
    uint32_t row, line;
    uint64_t columns; /* of the row, also those over the limit */
    size_t body;
    uint32_t body_line, body_row;
} header_try;

static as_code row_as_header(as_binding *out, const as_csv *c, const as_binder *b,
                             const as_records *r, as_arena *a, as_err *e)
{
    size_t first = c->range.on ? c->range.col_first : 0, end = r->kept;
    if (c->range.on && end > (size_t)c->range.col_last + 1)
        end = (size_t)c->range.col_last + 1;
    size_t width = end > first ? end - first : 0;
    as_str *headers = AS_NEW_N(a, as_str, width + 1);
    if (!headers)
        return as_fail_nomem(e);
    for (size_t i = 0; i < width; i++) {
        headers[i] = as_csv_text(&r->cells[first + i], a);
        if (!headers[i].ptr)
            return as_fail_nomem(e);
    }
    return as_bind(out, b, a, headers, (uint32_t)width, e);
}

static as_code try_row(header_try *t, const as_csv *c, const as_binder *b, const as_records *r,
                       as_arena *a, as_err *e)
{
    as_binding bind;
    as_code code = row_as_header(&bind, c, b, r, a, e);
    if (code != AS_OK || (t->found && !as_binding_better(&bind, &t->bind)))
        return code;
    *t = (header_try){.found = true,
                      .bind = bind,
                      .row = r->row,
                      .line = r->line,
                      .columns = r->count,
                      .body = r->at,
                      .body_line = r->next_line,
                      .body_row = r->next_row};
    return AS_OK;
}

/* Rows seen is left in *rows. An error of the text ends the search; what was found stays in *t.
 */
static as_code find_header(header_try *t, const as_csv *c, const as_binder *b, as_str text,
                           char delimiter, as_arena *a, uint32_t *rows, as_err *e)
{
    *t = (header_try){.found = false};
    uint32_t fixed = c->range.on ? c->range.row_first : c->spec->source->header;
    uint32_t last = fixed ? fixed : AS_HEADER_SEARCH_ROWS;
    as_records r;
    as_records_open(&r, text, 0, delimiter, c->path);
    as_code code = AS_OK;
    bool more = true, sure = false;
    while (code == AS_OK && !sure && r.next_row <= last) {
        code = as_records_next(&r, &more, e);
        if (code != AS_OK || !more)
            break;
        *rows = r.row;
        if (fixed ? r.row != fixed : r.filled == 0)
            continue;
        code = try_row(t, c, b, &r, a, e);
        /* Where nothing is required the fullest row of all is the header. */
        sure = as_binder_requires(b) && t->found && as_binding_complete(&t->bind);
    }
    as_records_close(&r);
    return code;
}

static as_code choose_delimiter(as_csv *c, const as_binder *b, as_err *e)
{
    c->delimiter = c->spec->source->delimiter;
    if (c->delimiter)
        return AS_OK;
    c->delimiter = delimiters[0];
    as_arena *scratch = as_arena_open();
    if (!scratch)
        return as_fail_nomem(e);
    as_str text = as_str_sub(c->enc.text, 0, SNIFF_BYTES);
    header_try best = {.found = false};
    for (size_t i = 0; i < sizeof delimiters; i++) {
        header_try t;
        uint32_t rows = 0;
        as_code code = find_header(&t, c, b, text, delimiters[i], scratch, &rows, NULL);
        bool sense = t.found && (t.bind.matched > 0 || t.bind.named > 1);
        if (code == AS_ENOMEM) {
            as_arena_close(scratch);
            return as_fail_nomem(e); /* or another delimiter would win by default */
        }
        if (!sense)
            continue;
        bool tie = best.found && !as_binding_better(&t.bind, &best.bind) &&
                   !as_binding_better(&best.bind, &t.bind);
        if (best.found &&
            (tie ? t.bind.named <= best.bind.named : as_binding_better(&best.bind, &t.bind)))
            continue;
        best = t;
        c->delimiter = delimiters[i];
    }
    as_arena_close(scratch);
    return AS_OK;
}

static as_code fail_no_header(const as_csv *c, uint32_t rows, as_err *e)
{
    as_span at = {c->path, 0, 0};
    if (c->range.on)
        return as_fail(e, AS_EINPUT, at,
                       "the range %.*s begins at row %u, but the file has only %u",
                       AS_FMT(c->spec->source->range), c->range.row_first, rows);
    if (c->spec->source->header)
        return as_fail(e, AS_EINPUT, at, "header: %u is given, but the file has only %u row%s",
                       c->spec->source->header, rows, rows == 1 ? "" : "s");
    return as_fail(e, AS_EINPUT, at,
                   "the first %u row%s of the file %s blank: there is no header", rows,
                   rows == 1 ? "" : "s", rows == 1 ? "is" : "are");
}

static as_code take_header(as_csv *c, const header_try *t, as_err *e)
{
    as_span at = {c->path, t->line, 0};
    if (t->columns > AS_COLUMNS_MAX && !c->range.on)
        return as_fail(e, AS_EBUDGET, at,
                       "the header has %llu columns; the limit is %d (AS_COLUMNS_MAX). Is the "
                       "delimiter right?",
                       (unsigned long long)t->columns, AS_COLUMNS_MAX);
    as_code code = as_binding_check(&t->bind, at, t->row, c->diags, e);
    c->bind = t->bind;
    c->header_row = t->row;
    c->header_line = t->line;
    c->body = t->body;
    c->body_line = t->body_line;
    c->body_row = t->body_row;
    c->report.header_row = t->row;
    c->report.banner_rows = c->range.on ? 0 : t->row - 1;
    return code;
}

as_str as_delimiter_name(char delimiter, as_arena *a)
{
    switch (delimiter) {
    case ',':
        return AS_STR("comma");
    case ';':
        return AS_STR("semicolon");
    case '\t':
        return AS_STR("tab");
    case '|':
        return AS_STR("bar");
    default:
        return as_arena_printf(a, "\"%c\"", delimiter);
    }
}

static as_code look_around(as_csv *c, as_err *e)
{
    as_binder *b;
    as_code code = as_binder_make(&b, c->arena, c->spec->schema, e);
    if (code == AS_OK)
        code = choose_delimiter(c, b, e);
    if (code != AS_OK)
        return code;
    c->report.delimiter_name = as_delimiter_name(c->delimiter, c->arena);
    c->report.encoding = as_str_from(as_encoding_name(&c->enc));
    header_try t;
    uint32_t rows = 0;
    code = find_header(&t, c, b, c->enc.text, c->delimiter, c->arena, &rows, e);
    if (code != AS_OK)
        return code;
    if (!t.found)
        return fail_no_header(c, rows, e);
    /* Before the header is shown to anybody it must be certain that it is text. */
    as_str head = as_str_sub(c->enc.text, 0, t.body);
    size_t bad = c->enc.checked ? head.len : as_text_utf8_valid(head);
    if (bad == head.len)
        return take_header(c, &t, e);
    return c->enc.guessed ? as_csv_fall_back(c, e)
                          : as_encoding_invalid(&c->enc, bad, c->path, e);
}

/* ---- opening ---- */

static as_code check_source(as_csv *c, as_err *e)
{
    const as_source *s = c->spec->source;
    if (s->delimiter == '"' || s->delimiter == '\n' || s->delimiter == '\r')
        return as_fail(e, AS_EINPUT, s->at, "a quote or a line end cannot be the delimiter");
    if ((unsigned char)s->delimiter >= 0x80)
        return as_fail(e, AS_EINPUT, s->at, "the delimiter must be an ASCII character");
    as_code code = as_range_parse(&c->range, s->range, s->at, e);
    if (code == AS_OK && c->range.on && s->header && s->header != c->range.row_first)
        code = as_fail(e, AS_EINPUT, s->at,
                       "header: %u and range: %.*s disagree: the first row of the range is the "
                       "header; leave header: out",
                       s->header, AS_FMT(s->range));
    return code;
}

static as_code make_want(as_csv *c, as_err *e)
{
    const as_schema *s = c->spec->schema;
    c->want = AS_NEW_N(c->arena, bool, s->count + 1);
    if (!c->want)
        return as_fail_nomem(e);
    for (size_t i = 0; i < s->count; i++)
        c->want[i] = !c->spec->want || c->spec->want[i];
    for (size_t i = 0; i < s->key_count; i++)
        c->want[s->key[i]] = true;
    return AS_OK;
}

as_code as_csv_open(as_csv *c, const as_input_spec *spec, as_diags *d, as_err *e)
{
    *c = (as_csv){.spec = spec, .diags = d, .file.fd = -1};
    c->arena = as_arena_open();
    as_str path = d ? as_arena_str(d->arena, spec->source->path) : spec->source->path;
    as_str open_path = c->arena ? as_arena_str(c->arena, spec->source->open_path) : AS_NONE;
    if (!path.ptr || !open_path.ptr)
        return as_fail_nomem(e);
    c->path = path.ptr;
    as_code code = check_source(c, e);
    if (code == AS_OK)
        code = as_file_open(&c->file, open_path.ptr, c->path, e);
    if (code == AS_OK && c->file.bytes.len == 0)
        code = as_fail(e, AS_EINPUT, (as_span){c->path, 0, 0},
                       "the file is empty (0 bytes); export it again");
    if (code == AS_OK)
        code = as_encoding_choose(&c->enc, c->file.bytes, spec->source->encoding, c->path, e);
    if (code == AS_OK)
        code = make_want(c, e);
    c->report.bytes = c->file.bytes.len;
    return code == AS_OK ? look_around(c, e) : code;
}

as_code as_csv_fall_back(as_csv *c, as_err *e)
{
    c->report = (as_load_report){.bytes = c->report.bytes};
    as_code code = as_encoding_fall_back(&c->enc, c->file.bytes, c->path, e);
    return code == AS_OK ? look_around(c, e) : code;
}

void as_csv_close(as_csv *c)
{
    as_encoding_close(&c->enc);
    as_blake3_close(c->blake3);
    c->blake3 = NULL;
    as_file_close(&c->file);
    as_arena_close(c->arena);
    c->arena = NULL;
}

/* ---- columns that are no field's ---- */

as_code as_csv_note_columns(as_csv *c, const bool *filled, as_err *e)
{
    const as_binding *b = &c->bind;
    as_str *extra = AS_NEW_N(c->arena, as_str, (size_t)b->width + 1);
    if (!extra)
        return as_fail_nomem(e);
    size_t n = 0;
    bool wide = c->spec->schema->unpivot.on; /* there a header that is no field's is a value */
    for (uint32_t i = 0; i < b->width; i++) {
        bool blank = as_str_trim(b->headers[i]).len == 0;
        if (blank && !filled[i])
            c->report.blank_columns++;
        else if (blank)
            extra[n] = as_arena_printf(c->arena, "(column %u, without a header)",
                                       c->range.col_first + i + 1);
        else if (!wide && b->field_of[i] == AS_NO_FIELD)
            extra[n] = b->headers[i];
        n += extra[n].ptr != NULL;
    }
    c->report.extra_headers = extra;
    c->report.extra_count = n;
    return AS_OK;
}
