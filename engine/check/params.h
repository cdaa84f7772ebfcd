/* params.h: reading the block of YAML that belongs to a check kind.
 *
 * Whatever is wrong is reported to b->diags, with its place and what to do, and the function
 * returns false (or NULL, AS_NO_FIELD); a kind goes on, so that all mistakes of a rule are told
 * at once. A node that is NULL means "not written": the functions return false and report
 * nothing, unless they say otherwise. Fields are wanted (read from the file) through
 * as_bind_want; as_bind_read also shows them with findings. */
#ifndef AS_CHECK_PARAMS_H
#define AS_CHECK_PARAMS_H

#include "check/check.h"

/* Report a mistake at `n` (or at the rule, where n is NULL). hint may be NULL. */
void as_params_error(as_bind *b, const as_node *n, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The kind's block as a mapping whose keys are all in kind->params; required keys that are
 * missing are reported. False: it is not a mapping. */
bool as_params_block(as_bind *b, const as_check_kind *kind);
/* Value of a key in the kind's block; NULL: not written. */
const as_node *as_params_get(const as_bind *b, const char *key);

/* Scalars, with $param resolved. `what` names the thing in messages: "compare: tolerance". */
bool as_params_text(as_bind *b, const as_node *n, const char *what, as_str *out);
bool as_params_number(as_bind *b, const as_node *n, const char *what, double *out);
bool as_params_date(as_bind *b, const as_node *n, const char *what, as_date *out);
bool as_params_bool(as_bind *b, const as_node *n, const char *what, bool *out);
/* One of `names` (NULL-terminated); *out is its index. */
bool as_params_enum(as_bind *b, const as_node *n, const char *what, const char *const *names,
                    int *out);

/* `0`, `2.5` or `0.5%`: never negative. */
typedef struct as_tolerance {
    double value; /* 0.5 for 0.5% */
    bool percent;
} as_tolerance;
bool as_params_tolerance(as_bind *b, const as_node *n, const char *what, as_tolerance *out);
/* The same with either sign: "-5%", "25". */
bool as_params_amount(as_bind *b, const as_node *n, const char *what, as_tolerance *out);
/* A number that is not negative. */
bool as_params_minimum(as_bind *b, const as_node *n, const char *what, double *out);
/* |a - b| <= tolerance, a percentage being of |base|. A little room for binary fractions (1e-12
 * of the larger number), so that 0.1 + 0.2 is within 0 of 0.3. */
bool as_within(double a, double b, double base, as_tolerance t);

/* One field of `s`; a name that is none is reported with a suggestion. */
uint32_t as_params_field(as_bind *b, const as_schema *s, const as_node *n, const char *what);
/* One field or a list of fields, none twice, at most `max`, into `out` (room for `max`). False
 * also when the list is empty. */
bool as_params_fields(as_bind *b, const as_schema *s, const as_node *n, const char *what,
                      uint32_t *out, size_t *count, size_t max);
/* A table of the release, a reference table, or a schema; NULL: reported with a suggestion. */
const as_schema *as_params_table(as_bind *b, const as_node *n, const char *what, as_str *name);

/* `{field of this record: field of the other}`: how records of two tables belong together.
 * Fills mine[] and theirs[] (room for AS_KEY_FIELDS_MAX), wants and shows what is read; returns
 * how many pairs are right. NULL: nothing reported, 0. */
size_t as_params_match(as_bind *b, const as_node *n, const char *what, as_str table,
                       const as_schema *other, uint32_t *mine, uint32_t *theirs);

/* Say that a field of a table is read. */
void as_bind_want(as_bind *b, as_str table, uint32_t field);
/* The same for the rule's own table, and the field is shown with findings. */
void as_bind_read(as_bind *b, uint32_t field);
/* Every field that a condition reads: self side in rule->table (shown too), other side in
 * `other`. */
void as_bind_cond(as_bind *b, const as_cond *c, as_str other);

/* The table, or AS_ERULE naming what the release lacks. */
as_code as_eval_table(const as_eval *ev, const as_bind *b, as_str name, const as_table **out,
                      as_err *e);
/* The rows that the rule asked for (as_bind.ask): those given, or made now; then *own is to be
 * closed with as_other_rows_close. */
as_code as_eval_other_rows(const as_eval *ev, const as_bind *b, const as_other_rows **out,
                           as_other_rows **own, as_err *e);
/* The rule's records (of `self`) looked up in those rows; to be closed with as_probe_close. */
as_code as_eval_probe(as_probe *out, const as_eval *ev, const as_bind *b, const as_table *self,
                      const as_other_rows *rows, as_err *e);

#endif
