/* yaml_text.h: text from a file, written so that YAML reads the same text back. Inside init/
 * only. */
#ifndef AS_INIT_YAML_TEXT_H
#define AS_INIT_YAML_TEXT_H

#include "base/buf.h"

/* A scalar: plain where no reader could take it for anything else, else in double quotes with
 * every character escaped that YAML does not allow. */
void as_yaml_scalar(as_buf *out, as_str s);
/* Always in double quotes. */
void as_yaml_quoted(as_buf *out, as_str s);
/* For a comment or a sentence: one line, no control characters, at most `most` characters (then
 * an ellipsis). */
void as_yaml_shown(as_buf *out, as_str s, size_t most);

#endif
