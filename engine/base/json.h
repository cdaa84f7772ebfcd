/* json.h: JSON that is written, indented by two. Order: open, (key | text | raw | open…close)*,
 * close. Nothing is escaped but texts and keys. A depth over AS_JSON_DEPTH_MAX sets
 * out->failed, as does running out of memory. */
#ifndef AS_BASE_JSON_H
#define AS_BASE_JSON_H

#include "base/buf.h"

#define AS_JSON_DEPTH_MAX 64

typedef struct as_json {
    as_buf *out;
    int depth;
    bool some[AS_JSON_DEPTH_MAX]; /* the container at this depth has an entry */
} as_json;

#define AS_JSON(buf) ((as_json){.out = (buf)})

/* Keys are NULL in lists. */
void as_json_key(as_json *j, const char *key); /* the value is the caller's to append */
void as_json_text(as_json *j, const char *key, as_str text);
void as_json_raw(as_json *j, const char *key, const char *json);
void as_json_open(as_json *j, const char *key, char bracket);
void as_json_close(as_json *j, char bracket);

#endif
