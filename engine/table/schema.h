/* schema.h: what a table's fields are called and what they hold. Made by rules/ from
 * tables/NAME.yaml and codelists/NAME.yaml, read by input/ and by everything above. Immutable
 * once made. */
#ifndef AS_TABLE_SCHEMA_H
#define AS_TABLE_SCHEMA_H

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/regex.h"

typedef enum as_type {
    AS_TYPE_TEXT,
    AS_TYPE_CODE,    /* text that belongs to a code list */
    AS_TYPE_INTEGER, /* int64 */
    AS_TYPE_NUMBER,  /* double */
    AS_TYPE_DATE     /* as_date */
} as_type;
const char *as_type_name(as_type t); /* "text" … */

/* How a raw value stands to a code list. */
typedef enum as_code_status {
    AS_CODE_EXACT,   /* written as the canonical code is */
    AS_CODE_VARIANT, /* a listed variant, or the code but for case and white space */
    AS_CODE_UNKNOWN  /* on no line of the list */
} as_code_status;

typedef struct as_code_entry {
    as_str code;            /* canonical */
    const as_str *variants; /* as written in the list */
    size_t variant_count;
    as_span at;
} as_code_entry;

/* codelists/NAME.yaml. Look-up is by as_text_fold. */
typedef struct as_code_list {
    as_str name;
    as_code_entry *entries; /* in the order of the file */
    size_t count;
    as_str source;
    as_span at;
    bool used; /* set by binding; lint reports the unused */
    struct as_code_index *index;
} as_code_list;

/* Build the index; reports to `d` a variant that two codes claim, codes that differ by case and
 * white space alone, and an empty code. Lives in `a`. */
as_code as_code_list_seal(as_code_list *l, as_arena *a, as_diags *d, as_err *e);
/* The entry that `raw` (trimmed by the callee) stands for; NULL: unknown. *status may be NULL.
 */
const as_code_entry *as_code_list_find(const as_code_list *l, as_str raw,
                                       as_code_status *status);
/* The same without memory of its own: the folded text is appended to `tmp`, in which `raw` must
 * not lie. tmp->failed afterwards: out of memory, the result means nothing. */
const as_code_entry *as_code_list_find_in(const as_code_list *l, as_str raw,
                                          as_code_status *status, as_buf *tmp);

typedef struct as_field {
    as_str name; /* canonical */
    as_type type;
    const as_code_list *list; /* TYPE_CODE */
    const as_str
        *headers; /* aliases; the name itself (also with blanks for _) always matches */
    size_t header_count;
    const as_str *formats; /* TYPE_DATE; default "%d/%m/%Y", "%Y-%m-%d" */
    size_t format_count;
    const as_str *nulls; /* tokens of this field; NULL: the schema's */
    size_t null_count;
    as_regex *strip; /* parts removed before typing ("[Note 3]"), or NULL */
    bool required;   /* the column must be there (its cells may still be null) */
    bool sensitive;  /* masked in every report but the worklist */
    bool trim;       /* default true */
    char thousands;  /* separator accepted in numbers, 0 = none; default ',' */
    as_span at;
} as_field;

/* Wide to long. Each source row becomes one row for every column that is not in `keep`: its
 * header goes to field `name_to`, its cell to `value_to`. Columns whose header is empty are
 * left out. */
typedef struct as_unpivot {
    bool on;
    const as_str *keep; /* field names that stay as they are */
    size_t keep_count;
    as_str name_to, value_to; /* field names */
    bool skip_null; /* default true: empty cells make no row; their number is reported */
} as_unpivot;

typedef struct as_schema {
    as_str name;
    as_field *fields;
    size_t count;
    uint32_t key[16]; /* indexes of fields; key_count 0 = no key */
    size_t key_count;
    const as_str *nulls; /* default: "" */
    size_t null_count;
    as_unpivot unpivot;
    as_str title, source;
    as_span at;
    bool used;
} as_schema;

#define AS_NO_FIELD UINT32_MAX
uint32_t as_schema_field(const as_schema *s, as_str name); /* index or AS_NO_FIELD */

/* Where a table's records are and how they are written: what release.yaml says of one file. */
typedef struct as_source {
    as_str path;      /* as the user wrote it */
    as_str open_path; /* resolved against the folder of release.yaml */
    as_str sheet;     /* "" = the first */
    as_str range;     /* "A6:Q13", the header row included; "" = all */
    as_str encoding;  /* "auto", "utf-8", "windows-1252", "utf-16", "utf-16le", "utf-16be",
                         "mac-roman", "latin-1" */
    char delimiter;   /* 0 = auto (comma, semicolon, tab, bar) */
    uint32_t header;  /* row from 1; 0 = auto */
    as_span at;
} as_source;

#endif
