/* encoding.h: what an extract's bytes mean as text. For input/, and for
 * worklists that come back.
 *
 * as_encoding_choose looks at the declared name and the first bytes. UTF-8 text is used where
 * it stands; anything else is converted once into memory of its own. Under `auto` a file is
 * taken for UTF-8 until a byte says no; then the reader calls as_encoding_fall_back and starts
 * again. */
#ifndef AS_INPUT_ENCODING_H
#define AS_INPUT_ENCODING_H

#include "base/err.h"

typedef enum as_encoding {
    AS_ENC_UTF8,
    AS_ENC_UTF16LE,
    AS_ENC_UTF16BE,
    AS_ENC_WINDOWS_1252,
    AS_ENC_LATIN_1,
    AS_ENC_MAC_ROMAN
} as_encoding;

typedef struct as_encoded {
    as_encoding encoding;
    bool mark;    /* a byte order mark was there (and is not in `text`) */
    bool guessed; /* `auto`: invalid UTF-8 means that it is windows-1252 after all */
    bool checked; /* text is valid UTF-8 for certain (it was converted) */
    as_str text;  /* UTF-8; 64 bytes past its end may be read */
    char *heap;   /* converted text, or NULL */
} as_encoded;

/* `bytes` must be followed by AS_FILE_PADDING readable bytes. AS_EINPUT: an unknown name, or
 * bytes that the encoding does not have, with their place. */
as_code as_encoding_choose(as_encoded *out, as_str bytes, as_str declared, const char *path,
                           as_err *e);
/* After invalid UTF-8 in a guessed text: the same bytes as windows-1252. */
as_code as_encoding_fall_back(as_encoded *x, as_str bytes, const char *path, as_err *e);
/* Invalid UTF-8 at text offset `at`, where utf-8 was declared. Returns AS_EINPUT. */
as_code as_encoding_invalid(const as_encoded *x, size_t at, const char *path, as_err *e);
void as_encoding_close(as_encoded *x);

/* "utf-8 (byte order mark)", "windows-1252", … */
const char *as_encoding_name(const as_encoded *x);

#endif
