/* write.c: the files of the output, as text. */
#include "base/text.h"
#include "init/model.h"
#include "init/yaml_text.h"

typedef struct writing {
    as_init_work *w;
    as_init *out;
    as_code code;
    as_err *e;
} writing;

static void keep(writing *x, as_str path, as_buf *text)
{
    as_init_text *t = &x->out->files[x->out->count++];
    *t = (as_init_text){path, as_arena_str(x->w->arena, as_buf_str(text))};
    bool full = text->failed && text->len + AS_KIB > text->cap;
    if (text->failed || !path.ptr || !t->text.ptr) {
        x->code = full ? as_fail(x->e, AS_EBUDGET, AS_NOWHERE,
                                 "%.*s would be larger than %zu bytes (AS_YAML_FILE_MAX): the "
                                 "files have too many columns or too long headers",
                                 AS_FMT(path), AS_YAML_FILE_MAX)
                       : as_fail_nomem(x->e);
    }
    as_buf_free(text);
}

static void add_list(as_buf *out, const as_str *items, size_t count)
{
    as_buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        as_buf_add(out, i ? AS_STR(", ") : AS_STR(""));
        as_yaml_quoted(out, items[i]);
    }
    as_buf_addc(out, ']');
}

/* A comment of one or more sentences. */
static void add_comment(as_buf *out, const char *indent, as_str text)
{
    as_buf_addf(out, "%s# ", indent);
    as_yaml_shown(out, text, 600);
    as_buf_addc(out, '\n');
}

/* ---- release.yaml ---- */

/* The last day that a file's name gives; 31 December stands for a year without a day. */
static void latest_day(const as_init_work *w, as_buf *out)
{
    as_date latest = AS_DATE_NULL;
    char text[AS_DATE_TEXT];
    for (size_t i = 0; i < w->table_count; i++) {
        bool day = !strstr(as_date_text(w->tables[i].date, text), "-12-31");
        latest = day && w->tables[i].date > latest ? w->tables[i].date : latest;
    }
    if (latest != AS_DATE_NULL)
        as_buf_addf(out,
                    "# as_at: %s      # the day of the snapshot (a guess: a file's name)\n",
                    as_date_text(latest, text));
    else
        as_buf_add(out, AS_STR("# as_at: 2020-03-31      # the day of the snapshot\n"));
    as_buf_add(out, AS_STR("# period: {from: 2019-04-01, to: 2020-03-31}\n"));
}

static void add_table(const as_init_work *w, const as_init_table *t, as_buf *out)
{
    const as_init_schema *s = &w->schemas[t->schema];
    as_str delimiter = {&t->delimiter, 1};
    as_buf_add(out, AS_STR("  # "));
    as_yaml_shown(out, t->encoding, 60);
    as_buf_addf(out, ", %.*s between cells, header in row %u; ", AS_FMT(t->delimiter_name),
                t->header_row);
    as_text_thousands(out, t->table->rows);
    as_buf_addf(out, " records\n  %.*s: {file: ", AS_FMT(t->name));
    as_yaml_quoted(out, t->from);
    if (!as_str_eq(t->name, s->name))
        as_buf_addf(out, ", schema: %.*s", AS_FMT(s->name));
    if (t->source.range.len)
        as_buf_addf(out, ", range: \"%.*s\"", AS_FMT(t->source.range));
    else if (t->header_row > AS_HEADER_SEARCH_ROWS)
        as_buf_addf(out, ", header: %u", t->header_row);
    if (t->delimiter != ',' && t->delimiter) {
        as_buf_add(out, AS_STR(", delimiter: "));
        as_yaml_quoted(out, delimiter);
    }
    as_buf_add(out, AS_STR("}\n"));
    if (t->source.range.len)
        as_buf_add(out, AS_STR("  # ^ the range leaves out what stands above and below the "
                               "table: mend it when rows are added\n"));
}

/* Built-in rules that find something today which is known: a warning, not an error. */
static void add_settings(const as_init_work *w, as_buf *out)
{
    as_buf text = AS_BUF(AS_INIT_TEXT_MAX);
    for (size_t i = 0; i < w->table_count; i++) {
        const as_init_table *t = &w->tables[i];
        const as_init_schema *s = &w->schemas[t->schema];
        for (size_t k = 0; k < s->count; k++)
            if (t->table->columns[k].bad_count)
                as_buf_addf(
                    &text,
                    "  %.*s.%.*s.type: {severity: warning} # values that cannot be read: %zu; "
                    "an error once they are mended\n",
                    AS_FMT(t->name), AS_FMT(s->fields[k].name), t->table->columns[k].bad_count);
        if (t->table->report.ragged_count)
            as_buf_addf(
                &text,
                "  %.*s.rows.ragged: {severity: warning} # rows with too many or too few "
                "cells: %zu\n",
                AS_FMT(t->name), t->table->report.ragged_count);
    }
    if (text.len)
        as_buf_addf(out, "rules:\n%.*s", AS_FMT(as_buf_str(&text)));
    out->failed = out->failed || text.failed;
    as_buf_free(&text);
}

static void write_release(writing *x)
{
    as_buf out = AS_BUF(AS_INIT_TEXT_MAX);
    const as_init_work *w = x->w;
    as_buf_add(&out, AS_STR("# Written by assay init: a first guess, to be read and mended. "
                            "Comments say what was guessed.\nrelease: "));
    as_yaml_scalar(&out, w->pack);
    as_buf_add(&out, AS_STR(" # the title of what is published\n"));
    latest_day(w, &out);
    as_buf_addf(&out, "packs: [rules/%.*s]\ntables:\n", AS_FMT(w->pack));
    for (size_t i = 0; i < w->table_count; i++)
        add_table(w, &w->tables[i], &out);
    add_settings(w, &out);
    as_buf_add(&out,
               AS_STR("gate: {fail_on: error} # suggested rules are warnings: they do not "
                      "block\n"));
    keep(x, AS_STR("release.yaml"), &out);
}

/* ---- the pack ---- */

static as_str in_pack(const as_init_work *w, const char *folder, as_str name)
{
    return as_arena_printf(w->arena, "rules/%.*s/%s%.*s.yaml", AS_FMT(w->pack), folder,
                           AS_FMT(name));
}

static void write_pack(writing *x)
{
    as_buf out = AS_BUF(AS_INIT_TEXT_MAX);
    as_buf_addf(
        &out,
        "# Written by assay init. Rules are in suggested.yaml: move those that you keep "
        "to a file of their own.\npack: %.*s\nversion: \"0.1\"\n",
        AS_FMT(x->w->pack));
    keep(x, in_pack(x->w, "", AS_STR("pack")), &out);
}

static void write_rules(writing *x)
{
    as_buf out = AS_BUF(AS_INIT_TEXT_MAX);
    if (x->w->rule_count == 0)
        return;
    as_buf_add(
        &out, AS_STR("# Suggestions by assay init: what holds of the records today, or nearly. "
                     "Every one is a warning until you\n# have looked at it: keep it with a "
                     "title and a reason of your own, or delete it. `flags` and `passes` are "
                     "made-up\n# records that show what the rule finds; `assay test` runs "
                     "them.\nrules:"));
    as_buf_add(&out, as_buf_str(&x->w->rules));
    out.failed = out.failed || x->w->rules.failed;
    keep(x, in_pack(x->w, "", AS_STR("suggested")), &out);
}

static void add_field(const as_init_work *w, const as_init_field *f, as_buf *out)
{
    const as_field *d = f->field;
    if (f->note.len)
        add_comment(out, "  ", f->note);
    if (f->sensitive)
        as_buf_add(out, AS_STR("  # may identify a person or where one lives: masked in "
                               "reports\n"));
    if (!f->required)
        as_buf_add(out, AS_STR("  # not in every file, so not required\n"));

    as_buf_addf(out, "  %.*s: {type: %s", AS_FMT(f->name), as_type_name(d->type));
    if (d->type == AS_TYPE_CODE)
        as_buf_addf(out, ", list: %.*s", AS_FMT(w->lists[f->list].name));
    if (f->required)
        as_buf_add(out, AS_STR(", required: true"));
    if (f->sensitive)
        as_buf_add(out, AS_STR(", sensitive: true"));
    if (d->type == AS_TYPE_DATE) {
        as_buf_add(out, AS_STR(", formats: "));
        add_list(out, d->formats, d->format_count);
    }
    if (f->strip_text.len) {
        as_buf_add(out, AS_STR(", strip: "));
        as_yaml_quoted(out, f->strip_text);
    }
    if (f->own_nulls) {
        as_buf_add(out, AS_STR(", nulls: "));
        add_list(out, d->nulls, d->null_count);
    }
    as_buf_add(out, AS_STR(", header: "));
    add_list(out, &f->header, 1);
    as_buf_add(out, AS_STR("}\n"));
}

static as_str next_line(as_str *rest)
{
    const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t n = end ? (size_t)(end - rest->ptr) : rest->len;
    as_str line = as_str_sub(*rest, 0, n);
    *rest = as_str_sub(*rest, n + 1, rest->len);
    return line;
}

static void add_left_out(const as_init_schema *s, as_buf *out)
{
    for (size_t i = 0; i < s->left_out_count; i++) {
        const as_init_left_out *l = &s->left_out[i];
        as_buf_addf(out, "# left out: column %u of ", l->column + 1);
        as_yaml_shown(out, as_init_file_name(l->path), 120);
        as_buf_addf(out, ", because %s", l->why);
        if (as_str_trim(l->header).len) {
            as_buf_add(out, AS_STR(": "));
            as_yaml_shown(out, l->header, 60);
        }
        as_buf_addc(out, '\n');
    }
}

static void add_key(const as_init_schema *s, as_buf *out)
{
    if (s->schema.key_count == 0) {
        as_buf_add(out, AS_STR("# key: [] # none was found: name the fields that tell records "
                               "apart, so that findings have a name\n"));
        return;
    }
    as_buf_add(out, AS_STR("key: ["));
    for (size_t i = 0; i < s->schema.key_count; i++)
        as_buf_addf(out, "%s%.*s", i ? ", " : "", AS_FMT(s->fields[s->schema.key[i]].name));
    if (s->key_repeats || s->key_nulls)
        as_buf_addf(out, "] # a guess: repeated by %llu of the records, empty in %llu\n",
                    (unsigned long long)s->key_repeats, (unsigned long long)s->key_nulls);
    else
        as_buf_addf(out, "] # a guess: %s\n",
                    s->schema.key_count == 1 ? "no two records share it"
                                             : "together they tell all records apart");
}

static void write_schema(writing *x, const as_init_schema *s)
{
    as_buf out = AS_BUF(AS_INIT_TEXT_MAX);
    as_buf_add(&out, AS_STR("# Written by assay init from all records of:"));
    for (size_t i = 0; i < x->w->table_count; i++)
        if (&x->w->schemas[x->w->tables[i].schema] == s) {
            as_buf_add(&out, AS_STR(" "));
            as_yaml_shown(&out, as_init_file_name(x->w->tables[i].path), 120);
        }
    as_buf_addf(&out, "\ntable: %.*s\n", AS_FMT(s->name));
    add_key(s, &out);
    if (s->schema.null_count > 1) {
        as_buf_add(&out, AS_STR("nulls: "));
        add_list(&out, s->schema.nulls, s->schema.null_count);
        as_buf_add(&out, AS_STR(" # found in the records: taken for \"no value\"\n"));
    }
    add_left_out(s, &out);
    as_buf_add(&out, AS_STR("fields:\n"));
    for (size_t i = 0; i < s->count; i++)
        add_field(x->w, &s->fields[i], &out);
    keep(x, in_pack(x->w, "tables/", s->name), &out);
}

static void write_list(writing *x, const as_init_list *l)
{
    as_buf out = AS_BUF(AS_INIT_TEXT_MAX);
    as_buf_add(&out, AS_STR("# Written by assay init: the values of "));
    as_buf_add(&out, l->used_by);
    as_buf_addf(
        &out,
        ", with the number of records.\n# A value that is none of these is an error from "
        "now on: take out what is wrong, add what is missing.\nlist: %.*s\nsource: seen "
        "in the files by assay init\ncodes:\n",
        AS_FMT(l->name));
    for (size_t i = 0; i < l->list.count; i++) {
        const as_code_entry *c = &l->list.entries[i];
        as_buf_add(&out, AS_STR("  "));
        as_yaml_quoted(&out, c->code);
        as_buf_add(&out, AS_STR(": "));
        add_list(&out, c->variants, c->variant_count);
        as_buf_add(&out, AS_STR(" # "));
        as_text_thousands(&out, (int64_t)l->counts[i]);
        if (l->notes[i].len) {
            as_buf_add(&out, AS_STR("; "));
            as_yaml_shown(&out, l->notes[i], 160);
        }
        as_buf_addc(&out, '\n');
    }
    keep(x, in_pack(x->w, "codelists/", l->name), &out);
}

/* ---- for the terminal ---- */

static void summarise(writing *x)
{
    as_init_work *w = x->w;
    as_buf out = AS_BUF(AS_INIT_TEXT_MAX);
    for (size_t i = 0; i < w->table_count; i++) {
        const as_init_table *t = &w->tables[i];
        const as_init_schema *s = &w->schemas[t->schema];
        as_buf_addf(&out, "%.*s: ", AS_FMT(t->name));
        as_yaml_shown(&out, t->path, 200);
        as_buf_add(&out, AS_STR("\n  "));
        as_text_thousands(&out, t->table->rows);
        as_buf_addf(&out, " records, %u columns, header in row %u; ", t->width, t->header_row);
        as_yaml_shown(&out, t->encoding, 60);
        as_buf_addf(&out, ", %.*s%s%.*s\n  key: ", AS_FMT(t->delimiter_name),
                    t->source.range.len ? ", range " : "", AS_FMT(t->source.range));
        for (size_t k = 0; k < s->schema.key_count; k++)
            as_buf_addf(&out, "%s%.*s", k ? ", " : "",
                        AS_FMT(s->fields[s->schema.key[k]].name));
        as_buf_addf(&out, "%s\n", s->schema.key_count ? "" : "none found");
    }
    if (w->doubts.len) {
        as_buf_add(&out, AS_STR("\nTo look at:\n"));
        for (as_str rest = as_buf_str(&w->doubts); rest.len;) {
            as_str line = next_line(&rest);
            as_buf_add(&out, AS_STR("  "));
            as_yaml_shown(&out, line, 300);
            as_buf_addc(&out, '\n');
        }
    }
    as_buf_addf(
        &out, "\n%zu rules are suggested, all as warnings; records break %zu of them today.\n",
        w->rule_count, w->broken_count);
    bool failed = out.failed || w->doubts.failed;
    x->out->summary = failed ? AS_NONE : as_arena_str(w->arena, as_buf_str(&out));
    if (!x->out->summary.ptr)
        x->code = as_fail_nomem(x->e);
    as_buf_free(&out);
}

static void note_left_out(as_init_work *w)
{
    for (size_t i = 0; i < w->schema_count; i++) {
        const as_init_schema *s = &w->schemas[i];
        if (s->left_out_count)
            as_init_doubt(w, "%.*s: %zu %s without a header of its own %s left out",
                          AS_FMT(s->name), s->left_out_count,
                          s->left_out_count == 1 ? "column" : "columns",
                          s->left_out_count == 1 ? "is" : "are");
    }
}

as_code as_init_write_texts(as_init_work *w, as_init *out, as_err *e)
{
    writing x = {w, out, AS_OK, e};
    out->files = AS_NEW_N(w->arena, as_init_text, w->schema_count + w->list_count + 4);
    if (!out->files)
        return as_fail_nomem(e);
    note_left_out(w);
    write_release(&x);
    write_pack(&x);
    write_rules(&x);
    for (size_t i = 0; i < w->schema_count; i++)
        write_schema(&x, &w->schemas[i]);
    for (size_t i = 0; i < w->list_count; i++)
        write_list(&x, &w->lists[i]);
    summarise(&x);
    return x.code;
}
