/* write.c: a worklist as a file. CSV is written here, spreadsheets by engine/sheets. */
#include "base/limits.h"
#include "reports/text.h"
#include "worklist/worklist.h"

#include <strings.h>

#define BYTE_ORDER_MARK AS_STR("\xef\xbb\xbf") /* without it Excel reads windows-1252 */

bool as_worklist_format(const char *path, as_wl_format *out)
{
    static const char *const endings[] = {
        [AS_WL_XLSX] = ".xlsx", [AS_WL_ODS] = ".ods", [AS_WL_CSV] = ".csv"};
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (len > n && strcasecmp(path + len - n, endings[i]) == 0) {
            *out = (as_wl_format)i;
            return true;
        }
    }
    return false;
}

static as_code write_csv(as_worklist *w, as_buf *out, as_err *e)
{
    as_buf_add(out, BYTE_ORDER_MARK);
    for (int c = 0; c < AS_WL_COLUMNS; c++) {
        as_buf_add(out, c ? AS_STR(",") : AS_NONE);
        as_csv_cell(out, as_str_from(as_wl_columns[c].header));
    }
    as_buf_add(out, AS_STR("\r\n"));
    for (size_t row = 0; row < w->count; row++) {
        for (int c = 0; c < AS_WL_COLUMNS; c++) {
            as_buf_add(out, c ? AS_STR(",") : AS_NONE);
            as_csv_cell(out, as_worklist_cell(w, row, (as_wl_column)c));
        }
        as_buf_add(out, AS_STR("\r\n"));
    }
    return out->failed ? as_fail_nomem(e) : AS_OK;
}

/* ---- spreadsheets ---- */

static as_str cell(void *arg, size_t row, size_t column)
{
    return as_worklist_cell(arg, row, (as_wl_column)column);
}

enum { NOTES_MAX = 16 };

typedef struct notes {
    as_note items[NOTES_MAX];
    size_t count;
} notes;

static void note(notes *n, const char *label, as_str text)
{
    n->items[n->count++] = (as_note){as_str_from(label), text};
}

static void add_notes(notes *n, const as_worklist *w, as_buf *run, as_buf *rows)
{
    const as_doc *d = w->doc;
    as_buf_addf(run, "%llu (%.*s) of %.*s", (unsigned long long)d->seq, AS_FMT(d->run),
                AS_FMT(d->started));
    as_buf_addf(rows, "%zu, of %zu findings", w->count, w->findings);
    note(n, "Release", d->release);
    note(n, "Run", as_buf_str(run));
    note(n, "Rows", as_buf_str(rows));
    note(n, "What this is",
         AS_STR("Records to look at, one row for each record and field. Values stand here as "
                "they are in the extract, also those that reports mask: keep this file where "
                "the register itself may be kept, and delete it when it is done."));
    note(n, "How to fill it in",
         AS_STR("Only Answer, Comment and Date can be changed. Leave a row empty if you have "
                "nothing to say of it."));
    note(n, "corrected",
         AS_STR("The register is right now. Date says since when. The next extract shows "
                "whether it is."));
    note(n, "not an error",
         AS_STR("The record is right as it is. Comment must say why: the second analyst "
                "decides on it."));
    note(n, "query",
         AS_STR("You cannot tell yet, or you have a question. Comment must say "
                "what it is."));
    note(n, "Several rows of one finding",
         AS_STR("Two records that are one are found once and have a row each. Answer one of "
                "the rows, or all of them alike."));
    note(n, "Sorting and filtering",
         AS_STR("Filter with the arrows in the first row. To sort, and in some programs to "
                "filter, take the protection off (there is no password); rows are known again "
                "in any order, also when rows "
                "are deleted or columns added."));
    note(n, "Sending it back",
         AS_STR("Save it as XLSX, ODS or CSV under any name, and send it to who sent it to "
                "you: `assay worklist import FILE --as WHO` takes it."));
}

as_code as_worklist_write(as_worklist *w, as_wl_format format, as_buf *out, uint64_t *cut,
                          as_err *e)
{
    *cut = 0;
    if (format == AS_WL_CSV) {
        return write_csv(w, out, e);
    }
    notes n = {.count = 0};
    as_buf run = AS_BUF(AS_MESSAGE_MAX), rows = AS_BUF(AS_MESSAGE_MAX);
    add_notes(&n, w, &run, &rows);
    as_book book = {.title = w->doc->release,
                    .created = w->doc->started,
                    .notes = n.items,
                    .note_count = n.count,
                    .columns = as_wl_columns,
                    .column_count = AS_WL_COLUMNS,
                    .print_columns = AS_WL_DATE + 1,
                    .sheets = w->sheets,
                    .sheet_count = w->sheet_count,
                    .cell = cell,
                    .arg = w};
    as_code code =
        format == AS_WL_XLSX ? as_xlsx_write(&book, out, e) : as_ods_write(&book, out, e);
    *cut = book.cut;
    as_buf_free(&run);
    as_buf_free(&rows);
    return code;
}
