/* csv_layout.c: which layout each wanted column gets, from the schema and a sample of the text.
 *
 * Numbers and dates follow from the type; codes are always a dictionary. For other text the
 * question is how many distinct values there are. In a sample of n cells of which p pairs are
 * equal there are about n * (n - 1) / (2 * p) of them (as many days in the year as make so many
 * shared birthdays) if all are as frequent. Where a few values fill most cells that is far too
 * low, and the number of values seen once (f1) and twice (f2) tells how many were not seen at
 * all, about f1 * f1 / (2 * f2) (A. Chao, "Nonparametric estimation of the number of classes in
 * a population", 1984). A wrong guess costs time, never a wrong value. */
#include "input/csv_fast.h"

#include "base/alloc.h"

#define SAMPLE_BYTES (256 * AS_KIB)
#define SAMPLE_ROWS 4096u
#define FEW_ROWS 256.0      /* below this everything is a dictionary */
#define ROWS_A_VALUE 10.0   /* fewer rows a value: no dictionary */
#define DICT_VALUES 50000.0 /* nor for more values, whatever the rows: no cache holds it */
#define DICT_LIMIT_LEAST 65536u
#define DICT_LIMIT_MOST 262144u
#define PACK_LONG_SHARE 20    /* one cell in so many may be longer in a packed column */
#define PACK_LONG_LEAST 1024u /* distinct long texts that a packed column may have */

typedef struct sample {
    as_scan scan;
    as_rows rows;
    as_str text;
    uint64_t estimate; /* records of the whole text */
    size_t slots;      /* of tallies: a power of two, four times the records looked at */
} sample;

/* What the cells of one column look like. */
typedef struct looks {
    double filled, distinct, pairs, longer; /* longer than 8 bytes */
    double once, twice;                     /* values that were seen so often */
} looks;

typedef struct tally {
    uint64_t hash;
    uint32_t count;
    uint32_t column; /* of which this is, from 1; another's slot is free */
} tally;

static as_code take_sample(sample *s, const as_csv *c, as_scan_fn kernel, as_err *e)
{
    size_t body = c->body;
    size_t stop = body + SAMPLE_BYTES < c->enc.text.len ? body + SAMPLE_BYTES : c->enc.text.len;
    s->text = c->enc.text;
    as_scan_open(&s->scan, kernel, c->delimiter);
    as_rows_open(&s->rows, c->bind.width, c->bind.named, c->delimiter);
    as_code code = as_scan_run(&s->scan, s->text, body, stop, stop + SAMPLE_BYTES, e);
    if (code == AS_OK && s->scan.complete)
        code = as_rows_make(&s->rows, &s->scan, s->text, e);
    bool more;
    if (code == AS_OK)
        code = as_rows_next(&s->rows, &s->scan, s->text, &more, e);
    size_t bytes = s->scan.complete ? s->scan.end - body : 0;
    double rate = bytes ? (double)s->rows.rows / (double)bytes : 0;
    s->estimate = (uint64_t)(rate * (double)(c->enc.text.len - body)) + 1;
    s->slots = 64;
    while (s->slots < 4 * (size_t)s->rows.count && s->slots < 4 * SAMPLE_ROWS)
        s->slots *= 2;
    return code;
}

static looks look_at(const sample *s, uint32_t column, tally *slots)
{
    looks l = {.filled = 0};
    const as_rows *r = &s->rows;
    for (uint32_t i = 0; i < r->count && i < SAMPLE_ROWS; i++) {
        const uint32_t *ends = r->ends + i * r->stride + column;
        uint32_t begin = ends[0] + 1, length = ends[1] - begin;
        if (length == 0 || length == UINT32_MAX)
            continue;
        as_str raw = as_str_trim((as_str){s->text.ptr + s->scan.begin + begin, length});
        if (raw.len > 1 && *raw.ptr == '"')
            raw = as_str_trim(as_str_sub(raw, 1, raw.len - 2));
        uint64_t hash = as_hash(raw) | 1;
        size_t at = hash & (s->slots - 1);
        while (slots[at].column == column + 1 && slots[at].hash != hash)
            at = (at + 1) & (s->slots - 1);
        const uint32_t seen = slots[at].column == column + 1 ? slots[at].count : 0;
        l.filled++;
        l.distinct += seen == 0;
        l.once += (seen == 0) - (seen == 1);
        l.twice += (seen == 1) - (seen == 2);
        l.pairs += seen;
        slots[at] = (tally){hash, seen + 1, column + 1};
        l.longer += raw.len > 8;
    }
    return l;
}

/* How many different values there are among `rows` filled cells. */
static double values_of(const looks *l, double rows)
{
    double alike = l->pairs > 0 ? l->filled * (l->filled - 1) / (2 * l->pairs) : rows;
    double unseen = l->once * (l->once - (l->twice == 0)) / (2 * (l->twice + (l->twice == 0)));
    double values = alike > l->distinct + unseen ? alike : l->distinct + unseen;
    return values < rows ? values : rows;
}

static void choose_text(as_fast_column *c, const sample *s, tally *slots)
{
    looks l = look_at(s, c->source, slots);
    double share = s->rows.count
                       ? l.filled / (s->rows.count < SAMPLE_ROWS ? s->rows.count : SAMPLE_ROWS)
                       : 0;
    double rows = share * (double)s->estimate;
    double values = values_of(&l, rows);
    bool bound = c->field->type == AS_TYPE_CODE || c->field->strip;
    c->kind = l.distinct <= 100 ? AS_FAST_DICT1
              : values < 20000  ? AS_FAST_DICT2
                                : AS_FAST_DICT4;
    c->dict_limit = AS_DICT_MAX;
    if (bound)
        return;
    c->dict_limit = s->estimate / 4 < DICT_LIMIT_LEAST  ? DICT_LIMIT_LEAST
                    : s->estimate / 4 > DICT_LIMIT_MOST ? DICT_LIMIT_MOST
                                                        : (uint32_t)(s->estimate / 4);
    bool many = rows > FEW_ROWS && (values * ROWS_A_VALUE > rows || values > DICT_VALUES);
    if (many && l.longer * PACK_LONG_SHARE <= l.filled) {
        c->kind = AS_FAST_PACK8;
        c->dict_limit = PACK_LONG_LEAST + (uint32_t)(s->estimate / PACK_LONG_SHARE / 4);
    } else if (many) {
        c->kind = AS_FAST_SLICE;
    }
}

/* ---- what a column's loop must leave to as_cell_type ---- */

static void mark_token(as_fast_column *c, as_str token)
{
    if (token.len == 0)
        return;
    for (size_t i = 0; i < token.len; i++) {
        if ((unsigned char)token.ptr[i] < 0x80)
            continue;
        memset(c->special, AS_SPECIAL_ALWAYS,
               sizeof c->special); /* it folds, who knows from what */
        return;
    }
    unsigned char first = (unsigned char)token.ptr[0];
    bool letter = (first | 32) >= 'a' && (first | 32) <= 'z';
    c->special[first] |= AS_SPECIAL_TOKEN;
    if (letter)
        c->special[first ^ 32] |= AS_SPECIAL_TOKEN;
    if (token.len > c->token_max)
        c->token_max = (uint32_t)token.len;
}

static void mark_special(as_fast_column *c)
{
    memset(c->special, AS_SPECIAL_ALWAYS, ' ' + 1);
    c->special['"'] = AS_SPECIAL_ALWAYS;
    c->special[0xc2] = c->special[0xef] = AS_SPECIAL_ALWAYS; /* U+00A0, U+FEFF */
    const as_field *f = c->field;
    const as_str *nulls = f->nulls ? f->nulls : c->schema->nulls;
    size_t count = f->nulls ? f->null_count : c->schema->null_count;
    for (size_t i = 0; i < count; i++)
        mark_token(c, as_str_trim(nulls[i]));
}

/* A form may be read at sight if no other format of the field could claim the text first. */
static void mark_dates(as_fast_column *c)
{
    const as_field *f = c->field;
    bool usual = f->format_count == 0, other = false;
    c->dmy = c->ymd = usual;
    for (size_t i = 0; i < f->format_count && !other; i++) {
        bool dmy = as_str_eq(f->formats[i], AS_STR("%d/%m/%Y"));
        bool ymd = as_str_eq(f->formats[i], AS_STR("%Y-%m-%d"));
        other = !dmy && !ymd;
        c->dmy |= dmy;
        c->ymd |= ymd;
    }
}

static void make_column(as_fast_column *c, const as_csv *csv, uint32_t field, const sample *s,
                        tally *slots)
{
    const as_schema *schema = csv->spec->schema;
    *c = (as_fast_column){.schema = schema,
                          .field = &schema->fields[field],
                          .field_index = field,
                          .source = csv->bind.column_of[field],
                          .plain = !schema->fields[field].strip};
    c->last = c->source + 1 == csv->bind.width;
    mark_special(c);
    mark_dates(c);
    switch (c->field->type) {
    case AS_TYPE_DATE:
        c->kind = AS_FAST_DATE;
        c->dates = c->last ? NULL : as_dates_kernel(csv->spec->force_scan);
        break;
    case AS_TYPE_INTEGER:
        c->kind = AS_FAST_INT;
        break;
    case AS_TYPE_NUMBER:
        c->kind = AS_FAST_NUM;
        break;
    default:
        choose_text(c, s, slots);
    }
}

static as_code make_columns(as_fast_column **out, size_t *count, as_csv *c, const sample *s,
                            as_err *e)
{
    const as_schema *schema = c->spec->schema;
    as_fast_column *columns =
        AS_NEW_N(c->arena, as_fast_column, schema->count + c->bind.width + 1);
    tally *slots = as_calloc(s->slots, sizeof *slots);
    size_t n = 0;
    for (uint32_t f = 0; columns && slots && f < schema->count; f++)
        if (c->want[f] && c->bind.column_of[f] != AS_NO_COLUMN)
            make_column(&columns[n++], c, f, s, slots);
    for (uint32_t i = 0; columns && i < c->bind.width; i++)
        if (as_str_trim(c->bind.headers[i]).len == 0)
            columns[n++] = (as_fast_column){.kind = AS_FAST_FILLED,
                                            .field_index = AS_NO_FIELD,
                                            .source = i,
                                            .last = i + 1 == c->bind.width};
    as_free(slots);
    for (size_t k = 0; k < n; k++)
        columns[k].number = (uint32_t)k;
    *out = columns;
    *count = n;
    return columns && slots ? AS_OK : as_fail_nomem(e);
}

as_code as_fast_layout(as_fast_column **out, size_t *count, as_csv *c, as_scan_fn kernel,
                       as_err *e)
{
    sample s = {.estimate = 0};
    as_code code = take_sample(&s, c, kernel, e);
    if (code == AS_OK)
        code = make_columns(out, count, c, &s, e);
    as_rows_close(&s.rows);
    as_scan_close(&s.scan);
    return code;
}
