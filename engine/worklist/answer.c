/* answer.c: what a steward wrote in the three columns. */
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "worklist/import.h"

enum { SHOWN = 40 };

static bool parse_answer(as_str text, as_answer *out, as_buf *why)
{
    as_str names[3];
    as_buf folded = AS_BUF(AS_FIELD_MAX);
    bool found = false;
    as_text_fold(&folded, text);
    for (size_t i = 0; i < 3; i++) {
        names[i] = as_str_from(as_wl_answers[i]);
        if (as_str_eq(as_buf_str(&folded), names[i])) {
            *out = (as_answer)i;
            found = true;
        }
    }
    if (!found) {
        as_str near = as_text_nearest(text, names, 3);
        as_buf_add(why, AS_STR("the answer is not one of corrected, not an error and query"));
        if (near.len) {
            as_buf_addf(why, " (did you mean %.*s?)", AS_FMT(near));
        }
    }
    as_buf_free(&folded);
    return found;
}

/* As people write dates, as programs store them, and as a spreadsheet counts them. */
static as_date parse_date(as_str text, bool from_1904)
{
    static const char *const formats[] = {"%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y",
                                          "%d %B %Y", "%d-%b-%Y", "%Y-%m-%dT%H:%M:%S"};
    as_date day = as_sheet_day(text, from_1904);
    for (size_t i = 0; i < sizeof formats / sizeof *formats && day == AS_DATE_NULL; i++) {
        day = as_date_parse(text, as_str_from(formats[i]));
    }
    return day;
}

bool as_answer_parse(const as_wl_cells *cells, as_answer *answer, char date[16], as_buf *why)
{
    as_str said = as_str_trim(cells->text[AS_WL_ANSWER]),
           comment = as_str_trim(cells->text[AS_WL_COMMENT]),
           when = as_str_trim(cells->text[AS_WL_DATE]);
    date[0] = '\0';
    if (said.len == 0) {
        as_buf_addf(why, "there is a %s, but no answer", comment.len ? "comment" : "date");
        return false;
    }
    if (!parse_answer(said, answer, why)) {
        return false;
    }
    if (*answer != AS_ANSWER_CORRECTED && comment.len == 0) {
        as_buf_addf(why, "\"%s\" needs a comment that says %s", as_wl_answers[*answer],
                    *answer == AS_ANSWER_QUERY ? "what the question is" : "why");
        return false;
    }
    as_date day = when.len ? parse_date(when, cells->from_1904) : AS_DATE_NULL;
    if (when.len && day == AS_DATE_NULL) {
        as_buf_addf(why, "\"%.*s\" is no date: write it as 2018-05-02 or 02/05/2018",
                    AS_FMT(as_str_sub(when, 0, SHOWN)));
        return false;
    }
    if (when.len) {
        as_date_text(day, date);
    }
    return true;
}
