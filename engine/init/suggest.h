/* suggest.h: the parts of as_init_suggest. Inside init/ only. */
#ifndef AS_INIT_SUGGEST_H
#define AS_INIT_SUGGEST_H

#include "init/model.h"

/* suggest_when.c: fields that are filled for some codes and empty for others. */
as_code as_suggest_when(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                        as_err *e);
/* suggest_dates.c: windows of days, and which of two days comes first. */
as_code as_suggest_dates(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                         as_err *e);

#endif
