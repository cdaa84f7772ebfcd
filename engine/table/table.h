/* table.h: records of one kind, by column.
 *
 * Invariants
 * 1. A table is written once (by as_table_builder or by a reader) and then never changes:
 * threads share it.
 * 2. A column holds one value per record in the narrowest of a few layouts. Who reads it either
 * asks for a cell (as_cell_*: any layout, for evidence and rare paths), for a block
 * (as_column_block_*: hot loops) or, for AS_LAYOUT_DICT, works once per distinct value on
 * `dict` and then on codes.
 * 3. Null: dictionary code 0, packed 0, AS_DATE_NULL, AS_INT_NULL, NaN, slice length
 * UINT32_MAX.
 * 4. A cell whose text does not parse as its type is null in the column, and its text is kept
 * in `bad`.
 * 5. Dictionary codes depend on the order in which threads met the values. Never print or sort
 * by them.
 * 6. A column that nobody asked for has layout AS_LAYOUT_ABSENT but may still be `present` in
 * the file. */
#ifndef AS_TABLE_TABLE_H
#define AS_TABLE_TABLE_H

#include "base/blake3.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "table/schema.h"

#define AS_INT_NULL INT64_MIN
#define AS_NO_ROW UINT32_MAX
#define AS_KEY_NULL (UINT32_MAX - 1) /* no row either, as the key that is sought has a null */

typedef enum as_layout {
    AS_LAYOUT_ABSENT, /* not in the file, or not asked for: every cell is null */
    AS_LAYOUT_DICT,   /* text and code: codes into `dict` */
    AS_LAYOUT_PACK8,  /* text of 1 to 8 bytes, none of them NUL, as as_text_pack makes it; a few
                         longer ones as as_pack_of_long */
    AS_LAYOUT_SLICE,  /* long, nearly unique text: a place in `bytes`; not for codes or with
                         `strip` */
    AS_LAYOUT_DATE,   /* int32 days */
    AS_LAYOUT_INT,    /* int64 */
    AS_LAYOUT_NUM     /* double */
} as_layout;

/* The hash of a text of more than 8 bytes, from its XXH3: never that of a shorter one, as what
 * as_hash_u64 is given ends in a NUL here, and it maps no two numbers to one. */
static inline uint64_t as_text_hash_long(uint64_t xxh3)
{
    return as_hash_u64((xxh3 | 1) << 8);
}

/* The hash of a text value in every layout: up to 8 bytes as_hash_u64 of the packed bytes (so a
 * PACK8 column hashes without looking at text). 0 for "" alone. A hash of a text of at most 8
 * bytes is that of no other text. */
static inline uint64_t as_text_hash(as_str s)
{
    if (s.len > 8)
        return as_text_hash_long(as_hash(s));
    uint64_t h = as_hash_u64(as_text_pack(s));
    return h || s.len == 0 ? h : 1; /* of NUL bytes alone */
}

/* One distinct raw spelling. `value` is what rules see: trimmed, and for codes the canonical
 * code where the raw text is on the list. Two entries with the same value share `canon` (the
 * lowest such code). */
typedef struct as_dict_entry {
    as_str raw;
    as_str value;
    uint64_t hash; /* as_text_hash(value) */
    uint32_t canon;
    uint8_t status; /* as_code_status; EXACT for text */
} as_dict_entry;

typedef struct as_dict {
    as_dict_entry *entries; /* entries[0] is null */
    uint32_t count;         /* with entry 0 */
} as_dict;

/* In a PACK8 column: the code of a text of more than 8 bytes in the column's dictionary. One
 * text, one number here too, within the column. */
static inline uint64_t as_pack_of_long(uint32_t code)
{
    return (uint64_t)code << 8;
}
static inline bool as_pack_is_long(uint64_t pack)
{
    return pack != 0 && (pack & 0xff) == 0;
}
static inline uint32_t as_pack_code(uint64_t pack)
{
    return (uint32_t)(pack >> 8);
}

typedef struct as_bad_cell {
    uint32_t row;
    as_str text; /* as found, cut at 1 KiB */
} as_bad_cell;

typedef struct as_column {
    const as_field *field;
    as_layout layout;
    bool present;        /* the file has this column */
    as_str header;       /* as the file writes it, newlines and all */
    uint32_t source_col; /* from 0, in the file */
    uint8_t width;       /* bytes a code: 1, 2 or 4 (DICT only) */
    const void
        *data;    /* codes, u64, int32, int64, double or as_slice, by layout; NULL if absent */
    as_dict dict; /* DICT; PACK8: its long texts (count at most 1: it has none) */
    const as_bad_cell *bad; /* ascending by row */
    size_t bad_count;
    uint64_t null_count; /* with the bad cells */
} as_column;

typedef struct as_slice {
    uint64_t at;    /* as_slice_at */
    uint32_t len;   /* raw length; UINT32_MAX = null */
    uint32_t flags; /* 1: holds doubled quotes that reading must undo */
} as_slice;

/* A row with too many or too few cells; it is a record all the same (missing cells null). */
typedef struct as_ragged {
    uint32_t row;
    uint32_t cells, expected;
} as_ragged;

typedef struct as_table as_table;

/* What reading found out, for `inputs` and for the built-in rules. */
typedef struct as_load_report {
    char digest[AS_BLAKE3_TEXT]; /* of the file's bytes, set by who needs it; "" else */
    as_str encoding;             /* what it chose or was told, "utf-8 (byte order mark)" */
    as_str delimiter_name;       /* "comma" … */
    uint32_t header_row;         /* from 1; 0 = none */
    uint64_t bytes;
    double digest_ms; /* of processors, for the chunks digested in passing */
    uint64_t banner_rows, blank_rows, blank_columns; /* skipped, counted */
    uint64_t unpivot_empty; /* wide cells that were empty and made no row */
    const as_ragged *ragged;
    size_t ragged_count;
    const as_str
        *extra_headers; /* columns of the file that the schema does not name, in order */
    size_t extra_count;
} as_load_report;

struct as_table {
    as_str name; /* as release.yaml calls it */
    const as_schema *schema;
    uint32_t rows;
    as_column *columns; /* one per schema field, same index */
    as_str path;        /* as the user wrote it; "" for tables in memory */
    as_str sheet;
    as_str bytes;      /* the source as UTF-8; may be empty */
    as_str file;       /* the file's bytes as they are; .ptr NULL for tables in memory */
    as_blake3 *blake3; /* the chunks of `file` that reading has digested; NULL: none */
    as_load_report report;
    /* private to the maker: */
    as_code (*unchanged)(const as_table *t, as_err *e); /* NULL: there is no file */
    void (*locate)(const as_table *t, uint32_t row, uint32_t *line, uint32_t *sheet_row);
    void (*close)(as_table *t); /* frees all; use as_table_close */
    void *maker;
};

/* Where a slice's text is: so far from the table's bytes on. A reader may keep a short text as
 * a copy, which lies anywhere; addresses are numbers here, and the sum may go round. */
static inline const char *as_slice_at(const as_table *t, const as_slice *s)
{
    return (const char *)((uintptr_t)t->bytes.ptr + (uintptr_t)s->at);
}

void as_table_close(as_table *t); /* NULL is fine */

/* Is the file still what was read? Asked after the last look at `file`. AS_EIO: it was changed.
 */
as_code as_table_unchanged(const as_table *t, as_err *e);

/* Source line (from 1) of a record, 0 where unknown. */
uint32_t as_table_line(const as_table *t, uint32_t row);

/* ---- one cell, any layout ---- */

bool as_cell_null(const as_column *c, uint32_t row);
/* The cell will be looked at soon: brings what the column holds of it near. Rows of findings
 * lie far apart, and each would else wait for memory once a column. */
void as_cell_ahead(const as_column *c, uint32_t row);
/* The same for its raw text, when the cell has come: it may stand in the file. */
void as_cell_raw_ahead(const as_table *t, const as_column *c, uint32_t row);
/* The value as text as rules see it (canonical code, trimmed; numbers and dates in their own
 * form: 12, 3.5, 2017-03-31). AS_NONE for null. May use *tmp (cleared first); dies at the next
 * use of tmp. */
as_str as_cell_text(const as_table *t, const as_column *c, uint32_t row, as_buf *tmp);
/* What stands in the file: the raw spelling, a bad cell's text, else as as_cell_text. For
 * evidence. */
as_str as_cell_raw(const as_table *t, const as_column *c, uint32_t row, as_buf *tmp);
/* The cell's text will be read soon: asks for its memory, which a reader of rows in no order
 * would wait for. In two steps, some rows apart: where in the file it is, then what is there.
 */
void as_cell_expect(const as_table *t, const as_column *c, uint32_t row, bool text);
int64_t as_cell_int(const as_column *c, uint32_t row); /* LAYOUT_INT; AS_INT_NULL else */
double as_cell_num(const as_column *c,
                   uint32_t row); /* LAYOUT_INT, NUM or DATE as a double; NaN for null */
as_date as_cell_date(const as_column *c, uint32_t row);  /* LAYOUT_DATE; AS_DATE_NULL else */
uint32_t as_cell_code(const as_column *c, uint32_t row); /* LAYOUT_DICT raw code; 0 else */

/* ---- blocks, for hot loops: rows [begin, begin+n) ---- */

#define AS_BLOCK 4096
void as_column_block_codes(const as_column *c, uint32_t begin, uint32_t n,
                           uint32_t *out); /* DICT */
/* Combinations of codes as numbers, a digit more for each: numbers[i] * radix + the digit of
 * codes[i]; digit_of NULL: the code itself. */
void as_digits_add(uint32_t *numbers, const uint32_t *codes, const uint32_t *digit_of,
                   uint32_t radix, uint32_t n);
/* 64-bit hash of each value, equal values equal hashes across tables and layouts of the same
 * kind of value: text and codes by text (as_text_hash); integers and numbers by value, 12
 * as 12.0; dates by value, never equal to a number. 0 for null, never 0 else. */
void as_column_block_hashes(const as_table *t, const as_column *c, uint32_t begin, uint32_t n,
                            uint64_t *out);
static inline const as_date *as_column_dates(const as_column *c)
{
    return c->data;
}
static inline const int64_t *as_column_ints(const as_column *c)
{
    return c->data;
}
static inline const double *as_column_nums(const as_column *c)
{
    return c->data;
}
static inline const uint64_t *as_column_packs(const as_column *c)
{
    return c->data;
}

/* ---- keys over several columns (keys.c) ---- */

typedef struct as_key {
    const as_table *table;
    uint32_t fields[AS_KEY_FIELDS_MAX];
    size_t count;
} as_key;

/* Combined hash of each record's key; 0 where any part is null. */
void as_key_block(const as_key *k, uint32_t begin, uint32_t n, uint64_t *out);
bool as_key_equal(const as_key *a, uint32_t row_a, const as_key *b,
                  uint32_t row_b); /* by value */
typedef struct as_row_pair {
    uint32_t leader, row;
} as_row_pair;
/* Has each row the key of its leader? True of none. */
bool as_key_all_equal(const as_key *k, const as_row_pair *pairs, size_t count);
/* "1027076" or "SC001 / 2016-04-01"; "(none)" for a null part. Appends. */
void as_key_text(const as_key *k, uint32_t row, as_buf *out);
as_key as_key_of(const as_table *t); /* the schema's key; count 0 where it has none */

/* Rows by key: an index over the rows that `select` admits (NULL: all rows; else one byte a
 * row, 2 = admitted). Rows with a null in the key are not in it. Lives in its own memory;
 * _close accepts NULL. */
typedef struct as_index as_index;
/* AS_ENOMEM; AS_EBUDGET: the keys were made to collide (AS_PROBES_MAX). */
as_code as_index_open(as_index **out, const as_key *k, const uint8_t *select, as_err *e);
void as_index_close(as_index *x);
/* The same for look-ups by the rows of one other table alone, where the rows of `k` have been
 * looked up in `in`, an index over all rows of that table: the answer turned round. match: by
 * row of `k`, as as_probe_block gives it. first: by row of the other table, room for what
 * as_probe_block would give; there is no other way to a first row. */
as_code as_index_turned(as_index **out, const as_key *k, const uint8_t *select,
                        const as_index *in, const uint32_t *match, uint32_t *first, as_err *e);
uint64_t as_index_null_rows(const as_index *x); /* admitted rows that had a null in the key */
/* First row with the key of (probe, row), ascending; AS_NO_ROW if none. `hash` from
 * as_key_block. */
uint32_t as_index_first(const as_index *x, const as_key *probe, uint32_t row, uint64_t hash);
/* The same for a block: out[i] for the probe's row begin + i with hashes[i]. Several times
 * faster than one by one where the index is larger than the cache. */
void as_index_first_block(const as_index *x, const as_key *probe, uint32_t begin, uint32_t n,
                          const uint64_t *hashes, uint32_t *out);
/* Next row with the same key as `row`, a row that first/next returned; AS_NO_ROW at the end. */
uint32_t as_index_next(const as_index *x, uint32_t row);
bool as_index_repeats(const as_index *x); /* does any key have two rows? */

/* ---- looking up by blocks (probe.c) ---- */

/* For the records of one table the first row in an index that has their key. Threads share it.
 * Where the key is a few dictionary columns, each combination is looked up once. */
typedef struct as_probe {
    as_key key;
    const as_index *index;
    const uint32_t *ready;   /* what as_probe_block gives, for all rows; NULL: not at hand */
    _Atomic uint32_t *cells; /* by combination of codes; or NULL */
} as_probe;
/* `ready` may be NULL. AS_ENOMEM. */
as_code as_probe_open(as_probe *out, const as_key *key, const as_index *index,
                      const uint32_t *ready, as_err *e);
void as_probe_close(as_probe *p); /* also of a zeroed one */
/* For rows begin + i, i < n <= AS_BLOCK: the first row, AS_NO_ROW, or AS_KEY_NULL (so there is
 * a row where it is less than that). `room` has n places; the result is there or in `ready`. */
const uint32_t *as_probe_block(const as_probe *p, uint32_t begin, uint32_t n, uint32_t *room);

/* ---- building a table from text cells (builder.c): test records, wide tables, small inputs
 * ---- */

typedef struct as_builder as_builder;

/* `want[i]` false leaves field i AS_LAYOUT_ABSENT; want NULL = all. */
as_code as_builder_open(as_builder **out, as_str name, const as_schema *s, const bool *want,
                        as_err *e);
void as_builder_close(as_builder *b); /* also after finish; NULL is fine */
/* One record: cells[i] belongs to field i; .ptr NULL = the cell is missing (null). line: where
 * it stands. AS_ENOMEM; AS_EBUDGET: too many records, or values made to collide
 * (AS_PROBES_MAX). */
as_code as_builder_row(as_builder *b, const as_str *cells, uint32_t line, as_err *e);
/* Says that the file has column i, under `header` (copied). A cell that is given marks its
 * column too, under the field's name. Fields never marked are absent. NULL cells in a present
 * column are nulls. Test records mark the fields that any record names. */
void as_builder_present(as_builder *b, uint32_t field, as_str header, uint32_t source_col);
/* Memory that lives as long as the table: for headers, names and the load report of the maker.
 */
as_arena *as_builder_arena(as_builder *b);
/* The table; the caller closes it. The builder takes no more rows, nor does it after any error.
 */
as_code as_builder_finish(as_builder *b, as_table **out, as_err *e);

/* Type one cell's text by its field: shared by the builder and the readers so that a cell means
 * the same everywhere.
 *
 * Outer white space is no part of a value (text keeps it where field->trim is false), then
 * `strip` goes, then the null tokens are compared (letter case apart); an empty cell is always
 * null. integer  digits with an optional sign, the separator only before whole groups of three
 *            ("1,234" but not "12,34"), a fraction only of zeros ("12.0"); fits into int64
 *   number   the same with any fraction; ".5" but not "5."
 *   date     the field's formats in their order
 * An exponent ("1.02E+07": what a spreadsheet makes of a long number) and "%" are bad. So is a
 * cell over which `strip` ran into its limit. */
typedef enum as_cell_kind { AS_CELL_NULL, AS_CELL_VALUE, AS_CELL_BAD } as_cell_kind;
typedef struct as_typed {
    as_str text;    /* text and code: what remains after trim, strip (codes: canonical where
                       listed) */
    uint8_t status; /* as_code_status of a code; EXACT for text */
    int64_t i;
    double f; /* numbers and integers */
    as_date d;
} as_typed;
/* out->text is borrowed from raw, the code list or tmp (cleared first). tmp->failed afterwards:
 * out of memory, the result means nothing. */
as_cell_kind as_cell_type(const as_schema *s, const as_field *f, as_str raw, as_typed *out,
                          as_buf *tmp);

#endif
