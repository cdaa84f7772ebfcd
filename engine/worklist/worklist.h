/* worklist.h: what a data steward has to correct, and what comes back.
 *
 * A worklist has one row for each record and field: a finding about several records has one row
 * for each of them, all with its fingerprint. Values stand as they are, sensitive ones too: a
 * steward cannot correct what is masked. Everything else about privacy is in
 * docs/formats/worklist.md.
 *
 * Out: as_worklist_make, as_worklist_write. Back: as_worklist_make with `accepted` too,
 * as_import_read, and the caller adds the events to the ledger. Then as_worklist_close. */
#ifndef AS_WORKLIST_WORKLIST_H
#define AS_WORKLIST_WORKLIST_H

#include "ledger/event.h"
#include "sheets/sheets.h"

/* ---- the columns: columns.c ---- */

typedef enum as_wl_column {
    AS_WL_KEY,
    AS_WL_FIELD,
    AS_WL_VALUE,
    AS_WL_EXPECTED,
    AS_WL_MESSAGE,
    AS_WL_ANSWER, /* these three are filled in */
    AS_WL_COMMENT,
    AS_WL_DATE,
    AS_WL_WHY,
    AS_WL_RULE,
    AS_WL_SEVERITY,
    AS_WL_STEWARD,
    AS_WL_STATE,
    AS_WL_DECISION,
    AS_WL_FIRST_SEEN,
    AS_WL_FIRST_RUN,
    AS_WL_AGE,
    AS_WL_MOVES,
    AS_WL_TABLE,
    AS_WL_FILE,
    AS_WL_LINE,
    AS_WL_FINGERPRINT,
    AS_WL_COLUMNS
} as_wl_column;

typedef enum as_answer {
    AS_ANSWER_CORRECTED,
    AS_ANSWER_NOT_AN_ERROR,
    AS_ANSWER_QUERY
} as_answer;

extern const as_sheet_column as_wl_columns[AS_WL_COLUMNS];
extern const char *const as_wl_answers[]; /* by as_answer, then NULL */

/* ---- the list: model.c ---- */

typedef struct as_wl_row {
    as_str key, table, file, field, value, expected, message, fingerprint, state, decision;
    as_str asked; /* the end of `expected`: what the rule asks, without what is elsewhere */
    const as_doc_rule *rule;
    as_str steward; /* of the finding */
    as_str severity;
    as_str first_seen; /* date; empty: unknown */
    uint64_t first_run;
    int64_t age;    /* days from first_seen to the run; -1 unknown */
    uint64_t moves; /* published figures that the finding moves */
    uint32_t line;
    bool key_sensitive, value_sensitive; /* not to be told in messages */
    size_t finding;                      /* rows of one finding have the same number */
    size_t order;                        /* as they came */
} as_wl_row;

typedef struct as_worklist {
    const as_doc *doc;
    as_wl_row *rows; /* by steward, then in the run's order */
    size_t count, findings;
    uint64_t accepted; /* findings left out because somebody accepted them */
    as_sheet *sheets;
    size_t sheet_count;
    as_buf cell; /* as_worklist_cell's */
} as_worklist;

/* Texts live in `a`. `accepted`: those too. rows_max: of one sheet, its header among them; what
 * is more goes to further sheets. as_worklist_close frees what is not in `a`. */
as_code as_worklist_make(as_worklist *out, as_ledger *l, const as_doc *doc,
                         const as_finding_filter *filter, bool accepted, size_t rows_max,
                         as_arena *a, as_err *e);
void as_worklist_close(as_worklist *w);
/* As the sheets show it; lives until the next call. */
as_str as_worklist_cell(as_worklist *w, size_t row, as_wl_column column);

/* ---- the file: write.c ---- */

typedef enum as_wl_format { AS_WL_XLSX, AS_WL_ODS, AS_WL_CSV } as_wl_format;

/* By the ending of a file's name; false: none of them. */
bool as_worklist_format(const char *path, as_wl_format *out);
/* *cut: cells that a spreadsheet cannot hold whole. */
as_code as_worklist_write(as_worklist *w, as_wl_format format, as_buf *out, uint64_t *cut,
                          as_err *e);

/* ---- back: import.c, read.c ---- */

typedef struct as_import_problem {
    as_str sheet; /* empty: the file is a CSV */
    uint32_t row;
    as_str text; /* a sentence, without sensitive values */
} as_import_problem;

typedef struct as_import {
    as_event *events; /* to be added to the ledger; one a finding */
    size_t event_count;
    uint64_t made[3];              /* of them, by as_answer */
    uint64_t answered, unanswered; /* rows */
    uint64_t already;              /* findings of which the ledger says the same already */
    as_import_problem *problems;
    size_t problem_count;
} as_import;

/* Takes out what the ledger holds already, word for word; called again when nobody else can
 * write (as_ledger_events_make). */
as_code as_import_drop_known(as_import *out, as_ledger *l, as_arena *a, as_err *e);
/* Reads the file at `path` against the list of the run (with accepted findings). Everything
 * lives in `a`. AS_EINPUT, AS_EBUDGET: the file cannot be read, or is no worklist. */
as_code as_import_read(as_import *out, as_worklist *known, as_ledger *l, const char *path,
                       as_str who, as_arena *a, as_err *e);

/* read.c: the rows of an XLSX, ODS or CSV file; what it is, its bytes say. */
as_code as_worklist_read(const char *path, const as_sheet_reader *reader, as_err *e);

#endif
