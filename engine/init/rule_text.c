/* rule_text.c: what all suggested rules have in common. */
#include "init/rule_text.h"

#include "base/text.h"
#include "init/yaml_text.h"

#include <stdarg.h>

bool as_rule_worth(uint64_t n, uint64_t broken)
{
    return n > 0 && (broken == 0 || (n >= 100 && broken * 100 <= n));
}

static void add_count(as_buf *out, uint64_t n)
{
    as_text_thousands(out, (int64_t)n);
}

static void add_why(as_init_work *w, const as_rule_text *r)
{
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    as_buf_add(&text, AS_STR("Suggested by assay init from "));
    add_count(&text, r->records);
    as_buf_addf(&text, " %s; ", r->unit ? r->unit : "records");
    if (r->broken) {
        add_count(&text, r->broken);
        as_buf_addf(&text, " of them %s it. Review: a mistake in the records, or in the rule?",
                    r->broken == 1 ? "breaks" : "break");
    } else {
        as_buf_add(&text, AS_STR("all hold today. Review: is it meant to hold?"));
    }
    as_buf_add(&w->rules, AS_STR("    why: "));
    as_yaml_quoted(&w->rules, as_buf_str(&text));
    as_buf_addc(&w->rules, '\n');
    w->rules.failed = w->rules.failed || text.failed;
    as_buf_free(&text);
}

/* Ids have at most 100 characters, of which 25 are not names. */
#define ID_TABLE 30
#define ID_FIELD 44

static bool id_taken(const as_init_work *w, as_str id)
{
    for (size_t i = 0; i < w->rule_count; i++)
        if (as_str_eq(w->rule_ids[i], id))
            return true;
    return false;
}

/* "suggest-schools-urn-unique", with a number where another rule is called so. Kept in
 * rule_ids. */
static as_str new_id(as_init_work *w, const as_rule_text *r)
{
    as_str table = as_str_sub(r->table->name, 0, ID_TABLE),
           field = as_str_sub(r->field, 0, ID_FIELD), id;
    id = as_arena_printf(w->arena, "suggest-%.*s-%.*s-%s", AS_FMT(table), AS_FMT(field),
                         r->what);
    for (unsigned k = 2; id.ptr && id_taken(w, id); k++)
        id = as_arena_printf(w->arena, "suggest-%.*s-%.*s-%s-%u", AS_FMT(table), AS_FMT(field),
                             r->what, k);
    if (w->rule_count == w->rule_room) {
        size_t more = w->rule_room ? 2 * w->rule_room : 256;
        as_str *ids = AS_NEW_N(w->arena, as_str, more);
        if (ids && w->rule_count)
            memcpy(ids, w->rule_ids, w->rule_count * sizeof *ids);
        w->rule_ids = ids ? ids : w->rule_ids;
        w->rule_room = ids ? more : w->rule_room;
    }
    if (!id.ptr || w->rule_count == w->rule_room) {
        w->rules.failed = true;
        return AS_STR("");
    }
    w->rule_ids[w->rule_count++] = id;
    return id;
}

void as_rule_begin(as_init_work *w, const as_rule_text *r, const char *title, ...)
{
    as_buf *out = &w->rules, text = AS_BUF(AS_MESSAGE_MAX);
    va_list ap;
    va_start(ap, title);
    as_buf_addv(&text, title, ap);
    va_end(ap);
    w->broken_count += r->broken > 0;
    as_str id = new_id(w, r);
    as_buf_addf(out, "\n  - id: %.*s\n    title: ", AS_FMT(id));
    as_yaml_quoted(out, as_buf_str(&text));
    as_buf_addc(out, '\n');
    add_why(w, r);
    as_buf_add(out, AS_STR("    source: "));
    as_buf source = AS_BUF(AS_MESSAGE_MAX);
    as_buf_add(&source, AS_STR("assay init, from "));
    as_yaml_shown(&source, as_init_file_name(r->table->path), 120);
    as_yaml_quoted(out, as_buf_str(&source));
    as_buf_addf(out, "\n    severity: warning\n    table: %.*s\n", AS_FMT(r->table->name));
    out->failed = out->failed || text.failed || source.failed;
    as_buf_free(&source);
    as_buf_free(&text);
}

static void add_day_part(as_buf *out, char c, int y, int m, int d)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    switch (c) {
    case 'd':
        as_buf_addf(out, "%02d", d);
        break;
    case 'm':
        as_buf_addf(out, "%02d", m);
        break;
    case 'Y':
        as_buf_addf(out, "%04d", y);
        break;
    case 'y':
        as_buf_addf(out, "%02d", y % 100);
        break;
    case 'B':
        as_buf_add(out, as_str_from(months[m - 1]));
        break;
    case 'b':
        as_buf_addf(out, "%.3s", months[m - 1]);
        break;
    default:
        as_buf_add(out, AS_STR("00")); /* hours, minutes, seconds */
    }
}

void as_rule_day(as_buf *out, const as_init_field *f, as_date day)
{
    int y, m, d;
    as_date_civil(day, &y, &m, &d);
    as_str form = f->field->formats[0];
    as_buf_addc(out, '"');
    for (size_t i = 0; i < form.len; i++) {
        if (form.ptr[i] == '%' && i + 1 < form.len)
            add_day_part(out, form.ptr[++i], y, m, d);
        else
            as_buf_addc(out, form.ptr[i]);
    }
    as_buf_addc(out, '"');
}

void as_rule_value(as_init_work *w, const as_init_field *f, unsigned nth)
{
    as_buf *out = &w->rules;
    as_buf_addf(out, "%.*s: ", AS_FMT(f->name));
    switch (f->field->type) {
    case AS_TYPE_INTEGER:
    case AS_TYPE_NUMBER:
        as_buf_addf(out, "%u", nth + 1);
        break;
    case AS_TYPE_DATE:
        as_rule_day(out, f, as_date_from(2001, 2, (int)(3 + nth)));
        break;
    case AS_TYPE_CODE:
        if (nth < f->field->list->count) {
            as_yaml_scalar(out, f->field->list->entries[nth].code);
            break;
        }
        /* fall through */
    case AS_TYPE_TEXT:
        as_buf_addf(out, "%c%u", 'A' + (int)(nth % 26), nth + 1);
    }
}
