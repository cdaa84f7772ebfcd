/* model.h: what init has found out so far. Inside init/ only. Everything lives in one arena;
 * tables are closed when init is done. */
#ifndef AS_INIT_MODEL_H
#define AS_INIT_MODEL_H

#include "base/pool.h"
#include "init/facts.h"
#include "init/init.h"
#include "input/input.h"

/* ---- limits, so that a wide or a hostile file costs no more than time for reading it ---- */
#define AS_INIT_TABLES_MAX 200 /* tables of all files */
#define AS_INIT_BLOCKS_MAX 20  /* tables of one sheet */
#define AS_INIT_NAME_MAX 64    /* of a field's name, in bytes */

/* One table of one file. */
typedef struct as_init_table {
    as_str name;      /* in release.yaml */
    as_str stem;      /* of the file's name, without dates */
    as_date date;     /* in the file's name; AS_DATE_NULL: none */
    as_str path;      /* as the user wrote it */
    as_str from;      /* the path from the output folder */
    as_source source; /* what a check will be told */
    uint32_t header_row;
    uint32_t width;
    as_str *headers; /* per column, as written */
    as_str encoding, delimiter_name;
    char delimiter;
    as_str note; /* what is doubtful of the layout; "" = nothing */
    size_t schema;
    as_table *table; /* read with the schema */
} as_init_table;

typedef struct as_init_field {
    as_str name, header;
    as_str label;  /* "schools.urn", for messages */
    bool required; /* every file has it */
    bool sensitive, identifier;
    bool distinct;    /* an identifier that nearly all records have to themselves (keys.c) */
    uint64_t repeats; /* records that repeat an earlier one's */
    as_facts facts;
    as_field *field;   /* what was decided */
    size_t list;       /* of a code: which list */
    uint64_t odd;      /* values that the type cannot read */
    bool own_nulls;    /* field->nulls holds more than the schema's */
    as_str strip_text; /* of field->strip */
    as_str note;       /* "" or a comment */
} as_init_field;

typedef struct as_init_spelling {
    as_str text, folded;
    uint64_t count;
} as_init_spelling;

typedef struct as_init_list {
    as_str name;
    as_code_list list; /* after as_init_lists_make */
    uint64_t *counts;  /* per entry, all spellings */
    as_str *notes;     /* per entry: "" or what is odd about it */
    as_str used_by;    /* fields, for a comment */
    as_str field;
    as_init_spelling *spellings;
    size_t spelling_count;
} as_init_list;

typedef struct as_init_left_out {
    as_str path, header;
    uint32_t column; /* from 0 */
    const char *why;
} as_init_left_out;

typedef struct as_init_schema {
    as_str name;
    as_init_field *fields;
    size_t count;
    as_schema schema;
    as_str key_note;
    uint64_t key_repeats; /* records that share their key with another */
    uint64_t key_nulls;
    as_init_left_out *left_out; /* columns that no field can have */
    size_t left_out_count;
} as_init_schema;

typedef struct as_init_work {
    const as_init_options *options;
    as_arena *arena;
    as_pool *pool;
    as_diags *diags;
    as_init_table *tables;
    size_t table_count;
    as_init_schema *schemas;
    size_t schema_count;
    as_init_list *lists;
    size_t list_count;
    as_str pack;
    as_buf rules; /* suggested.yaml */
    size_t rule_count, broken_count;
    as_str *rule_ids;
    size_t rule_room;
    as_buf doubts;   /* for the summary, one line each */
    as_buf settings; /* `rules:` of release.yaml */
} as_init_work;

/* One line a doubt, for the summary. */
void as_init_doubt(as_init_work *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Folded (as headers compare), in the arena; .ptr NULL: out of memory. */
as_str as_init_fold(as_arena *a, as_str text);

/* The last part of a path. */
as_str as_init_file_name(as_str path);

/* layout.c: one file to its tables. The tables' names are not unique yet. */
as_code as_init_file_tables(as_init_work *w, const char *path, as_err *e);
/* group.c: tables to schemas, columns to fields, unique names for all. */
as_code as_init_group(as_init_work *w, as_err *e);
/* guess.c: the type of a field whose facts are complete. */
as_code as_init_guess(as_init_work *w, as_init_schema *s, as_init_field *f, as_err *e);
/* lists.c: the field gets a code list of its spellings, or joins one. Then all lists are made:
 * spellings under their codes. */
as_code as_init_list_join(as_init_work *w, as_init_schema *s, as_init_field *f, as_err *e);
as_code as_init_lists_make(as_init_work *w, as_err *e);
/* keys.c: the schema's key, from the tables as a check reads them. */
as_code as_init_find_key(as_init_work *w, as_init_schema *s, as_err *e);
/* suggest.c: rules of one schema; relate.c: rules between tables. */
as_code as_init_suggest(as_init_work *w, as_init_schema *s, as_err *e);
as_code as_init_relate(as_init_work *w, as_err *e);
/* write.c: all texts of the output, and the summary. */
as_code as_init_write_texts(as_init_work *w, as_init *out, as_err *e);

/* The tables that are read with a schema: the first (latest) one, or the next. NULL: none. */
as_init_table *as_init_table_of(as_init_work *w, const as_init_schema *s, size_t nth);

#define AS_INIT_TEXT_MAX AS_YAML_FILE_MAX

#endif
