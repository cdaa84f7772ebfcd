/* builtin.h: the rules that come with a schema: TABLE.FIELD.type, .unknown, .variant,
 * TABLE.rows.ragged. They are ordinary rules of ordinary kinds ("type", "unknown", "variant",
 * "ragged") that nobody has to write. */
#ifndef AS_CHECK_BUILTIN_H
#define AS_CHECK_BUILTIN_H

#include "check/check.h"

/* One as_rule for each, for every table of the release, with the overrides of release.yaml
 * `rules:` applied. */
as_code as_builtin_rules(const as_project *p, as_arena *a, as_rule **out, size_t *count,
                         as_diags *d, as_err *e);
bool as_builtin_is(const as_rule *r);

#endif
