/* names.c: names from headers and file names. */
#include "init/names.h"

#include "base/text.h"
#include "init/model.h"

#include <stdlib.h>
#include <utf8proc.h>

/* ---- names ---- */

static void add_name_char(as_buf *out, char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter)
        as_buf_addc(out, c);
    else if (c >= 'A' && c <= 'Z')
        as_buf_addc(out, (char)(c | 32));
    else if (c != '\'' && out->len && out->ptr[out->len - 1] != '_')
        as_buf_addc(out, '_');
}

/* Accents apart from their letters, so that é is e; what stays is ASCII. */
static void add_name(as_buf *out, as_str text)
{
    as_buf folded = AS_BUF(AS_FIELD_MAX);
    as_text_fold(&folded, text);
    const uint8_t *p = (const uint8_t *)folded.ptr;
    for (size_t at = 0; !folded.failed && at < folded.len;) {
        utf8proc_int32_t c, parts[8];
        utf8proc_ssize_t n = utf8proc_iterate(p + at, (utf8proc_ssize_t)(folded.len - at), &c);
        if (n <= 0) {
            at++;
            continue;
        }
        at += (size_t)n;
        int last;
        utf8proc_ssize_t count = utf8proc_decompose_char(
            c, parts, 8, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK, &last);
        for (utf8proc_ssize_t i = 0; i < count && i < 8; i++)
            add_name_char(out, parts[i] == '%' ? 'p' : parts[i] < 128 ? (char)parts[i] : '_');
        if (c == '%')
            as_buf_add(out, AS_STR("ercent_"));
    }
    out->failed = out->failed || folded.failed;
    as_buf_free(&folded);
}

as_str as_name_of(as_str text, as_arena *a)
{
    static const char *const taken[] = {"any", "all", "not", "null", NULL};
    as_buf out = AS_BUF(AS_FIELD_MAX);
    add_name(&out, as_str_sub(text, 0, 4 * AS_KIB));
    as_str name = as_str_sub(as_buf_str(&out), 0, AS_INIT_NAME_MAX);
    if (out.len > name.len &&
        out.ptr[name.len] != '_') /* rather a word less than half of one */
        for (size_t cut = name.len; cut > AS_INIT_NAME_MAX / 2; cut--)
            if (name.ptr[cut - 1] == '_') {
                name.len = cut;
                break;
            }
    while (name.len && name.ptr[name.len - 1] == '_')
        name.len--;
    bool digit = name.len && name.ptr[0] >= '0' && name.ptr[0] <= '9', word = false;
    for (size_t i = 0; taken[i]; i++)
        word = word || as_str_eq(name, as_str_from(taken[i]));
    as_str made =
        as_arena_printf(a, "%s%.*s%s", digit ? "c_" : "", AS_FMT(name), word ? "_" : "");
    as_str result = out.failed ? AS_NONE : made;
    as_buf_free(&out);
    return result;
}

bool as_name_has(as_str name, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= name.len; at++)
        if (memcmp(name.ptr + at, word, len) == 0 && (at == 0 || name.ptr[at - 1] == '_') &&
            (at + len == name.len || name.ptr[at + len] == '_'))
            return true;
    return false;
}

static bool has_any(as_str name, const char *const *words)
{
    for (; *words; words++)
        if (as_name_has(name, *words))
            return true;
    return false;
}

static bool ends_with_any(as_str name, const char *const *words)
{
    for (; *words; words++) {
        size_t len = strlen(*words);
        if (name.len >= len && memcmp(name.ptr + name.len - len, *words, len) == 0 &&
            (name.len == len || name.ptr[name.len - len - 1] == '_'))
            return true;
    }
    return false;
}

/* docs/tutorials/first-rules.md lists these words. */
bool as_name_sensitive(as_str name)
{
    static const char *const words[] = {
        "name",     "names",      "forename",  "forenames", "surname",     "firstname",
        "lastname", "fullname",   "initials",  "alias",     "address",     "addr",
        "street",   "postcode",   "zip",       "zipcode",   "email",       "e_mail",
        "mail",     "phone",      "telephone", "tel",       "mobile",      "fax",
        "dob",      "birth",      "birthday",  "born",      "death",       "nhs",
        "nino",     "ni",         "insurance", "passport",  "licence_no",  "upn",
        "uln",      "ssn",        "iban",      "bank",      "sort_code",   "ip",
        "easting",  "northing",   "latitude",  "longitude", "lat",         "lon",
        "uprn",     "owner",      "contact",   "manager",   "patient",     "staff",
        "employee", "person",     "child",     "pupil",     "parent",      "carer",
        "religion", "disability", "ethnicity", "ethnic",    "nationality", "signature",
        "username", "login",      "post_code", NULL};
    static const char *const counts[] = {"number_of",  "count", "total",   "percent",
                                         "percentage", "rate",  "average", "mean",
                                         "no_of",      "num",   NULL};
    static const char *const areas[] = {"la_name",
                                        "region_name",
                                        "country_name",
                                        "area_name",
                                        "authority_name",
                                        "lad_name",
                                        "ward_name",
                                        "county_name",
                                        "ons_name",
                                        "district_name",
                                        "table_name",
                                        "file_name",
                                        "field_name",
                                        "indicator_name",
                                        "measure_name",
                                        "column_name",
                                        "council_name",
                                        "constituency_name",
                                        NULL};
    return has_any(name, words) && !has_any(name, counts) && !ends_with_any(name, areas);
}

bool as_name_identifier(as_str name)
{
    static const char *const words[] = {"id",   "ids",  "urn",  "ukprn", "uprn",
                                        "upn",  "uln",  "ref",  "nino",  "laestab",
                                        "guid", "uuid", "isbn", "nhs",   NULL};
    static const char *const ends[] = {"number",     "no",  "reference", "code",
                                       "identifier", "num", "key",       NULL};
    return (has_any(name, words) || ends_with_any(name, ends)) && !as_name_telephone(name);
}

bool as_name_telephone(as_str name)
{
    static const char *const words[] = {"phone", "telephone", "tel", "mobile", "fax", NULL};
    return has_any(name, words);
}

/* ---- file names ---- */

static bool digits(as_str s, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at + i >= s.len || s.ptr[at + i] < '0' || s.ptr[at + i] > '9')
            return false;
    return true;
}

static int number(as_str s, size_t at, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (s.ptr[at + i] - '0');
    return v;
}

/* Length of the date or year that begins at `at`; 0: none. */
static size_t date_at(as_str s, size_t at, as_date *date)
{
    if ((at > 0 && digits(s, at - 1, 1)) || !digits(s, at, 4))
        return 0;
    int year = number(s, at, 4);
    size_t n = 4;
    if (digits(s, at + 4, 4) && !digits(s, at + 8, 1)) {
        *date = as_date_from(year, number(s, at + 4, 2), number(s, at + 6, 2));
        n = 8;
    } else if (at + 10 <= s.len && !digits(s, at + 4, 1) && digits(s, at + 5, 2) &&
               !digits(s, at + 7, 1) && digits(s, at + 8, 2)) {
        *date = as_date_from(year, number(s, at + 5, 2), number(s, at + 8, 2));
        n = 10;
    } else if (at + 7 <= s.len && digits(s, at + 5, 2) && !digits(s, at + 7, 1) &&
               number(s, at + 5, 2) == (year + 1) % 100) { /* 2016-17 */
        *date = as_date_from(year + 1, 12, 31);
        n = 7;
    } else {
        *date = as_date_from(year, 12, 31);
        n = digits(s, at + 4, 1) ? 0 : 4;
    }
    return year >= 1900 && year <= 2100 && *date != AS_DATE_NULL ? n : 0;
}

as_str as_name_stem(as_str path, as_arena *a, as_date *date)
{
    as_str file = as_init_file_name(path);
    size_t dot = file.len;
    while (dot > 0 && file.ptr[dot - 1] != '.')
        dot--;
    if (dot > 1)
        file.len = dot - 1;
    as_buf kept = AS_BUF(AS_FIELD_MAX);
    *date = AS_DATE_NULL;
    for (size_t at = 0; at < file.len;) {
        as_date found = AS_DATE_NULL;
        size_t n = date_at(file, at, &found);
        if (n) {
            *date = found;
            as_buf_addc(&kept, ' ');
        } else {
            as_buf_addc(&kept, file.ptr[at]);
        }
        at += n ? n : 1;
    }
    as_str name = kept.failed ? AS_NONE : as_name_of(as_buf_str(&kept), a);
    as_buf_free(&kept);
    static const char *const hanging[] = {"at",   "as_at", "to",  "in",  "for",
                                          "from", "of",    "and", "the", NULL};
    for (bool again = true; again && name.ptr;) {
        again = false;
        for (size_t i = 0; hanging[i]; i++) {
            size_t len = strlen(hanging[i]);
            if (name.len > len + 1 && name.ptr[name.len - len - 1] == '_' &&
                memcmp(name.ptr + name.len - len, hanging[i], len) == 0) {
                name.len -= len + 1;
                again = true;
            }
        }
    }
    return name.ptr && name.len == 0 ? as_arena_str(a, AS_STR("records")) : name;
}
