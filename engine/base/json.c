/* json.c: see json.h. */
#include "base/json.h"

static void quote(as_buf *out, as_str text)
{
    as_buf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\')
            as_buf_addf(out, "\\%c", c);
        else if ((unsigned char)c < 0x20)
            as_buf_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
        else
            as_buf_addc(out, c);
    }
    as_buf_addc(out, '"');
}

static void line(as_json *j)
{
    as_buf_addf(j->out, "\n%*s", 2 * j->depth, "");
}

void as_json_key(as_json *j, const char *key)
{
    if (j->some[j->depth])
        as_buf_addc(j->out, ',');
    j->some[j->depth] = true;
    if (j->depth)
        line(j);
    if (key) {
        quote(j->out, as_str_from(key));
        as_buf_add(j->out, AS_STR(": "));
    }
}

void as_json_text(as_json *j, const char *key, as_str text)
{
    as_json_key(j, key);
    quote(j->out, text);
}

void as_json_raw(as_json *j, const char *key, const char *json)
{
    as_json_key(j, key);
    as_buf_add(j->out, as_str_from(json));
}

void as_json_open(as_json *j, const char *key, char bracket)
{
    as_json_key(j, key);
    as_buf_addc(j->out, bracket);
    if (j->depth + 1 < AS_JSON_DEPTH_MAX)
        j->depth++;
    else
        j->out->failed = true;
    j->some[j->depth] = false;
}

void as_json_close(as_json *j, char bracket)
{
    bool some = j->some[j->depth];
    j->depth -= j->depth > 0;
    if (some)
        line(j);
    as_buf_addc(j->out, bracket);
}
