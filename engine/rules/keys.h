/* keys.h: which keys the files have: one table for each form, from which the readers check what
 * people wrote, and from which the JSON Schema is made (run/json_schema.c), so that the two
 * cannot part. A table lies in the file that reads its form.
 *
 * Names are paths: `period.from` is the key `from` of the mapping `period`; `*` stands for
 * every entry of a mapping or item of a list: `tables.*.file`. A mapping whose keys are given
 * here has no others. */
#ifndef AS_RULES_KEYS_H
#define AS_RULES_KEYS_H

#include "rules/yaml_doc.h"

/* `type` is one of these, or several, as "measure or number":
 *   text, number, boolean, date; value (any scalar, also null); texts (a list of texts)
 *   field, fields (one or a list), table, measure, measures (one or a list), code list, lua
 *   condition; test (what stands behind a field in a condition); enum:a|b|c
 *   mapping, names (a mapping whose keys are names), list
 *   records, test case, codes: what a test, a code list holds
 *   @FORM: another table: @rule, @measure, @bound, @other, @length
 * A number may have a %, as tolerances do; number, boolean, date and (of a check kind) enum may
 * be a $param. */
typedef struct as_key_doc {
    const char *name; /* "" = the block itself, when it is not a mapping (unique: [urn]) */
    const char *type;
    bool required;
    const char *text; /* one sentence */
} as_key_doc;

#define AS_KEYS_END                                                                            \
    {                                                                                          \
        NULL, NULL, false, NULL                                                                \
    }

extern const as_key_doc as_keys_release[];   /* release.c */
extern const as_key_doc as_keys_decisions[]; /* decision_file.c: decisions.yaml */
extern const as_key_doc as_keys_pack[];      /* pack.c: pack.yaml */
extern const as_key_doc as_keys_schema[];    /* schema_file.c: tables/NAME.yaml */
extern const as_key_doc as_keys_code_list[]; /* codelist_file.c */
extern const as_key_doc as_keys_rule_file[]; /* rule_file.c */
extern const as_key_doc as_keys_rule[];      /* rule_file.c: without the check kinds */
extern const as_key_doc as_keys_measure[];   /* measure_file.c */
extern const as_key_doc as_keys_case[];      /* cases.c: a test with `tables:` */
extern const as_key_doc as_keys_bound[];     /* cond_ops.c: {field: g, plus: 90} */
extern const as_key_doc as_keys_other[];     /* cond_ops.c: {record: g} */
extern const as_key_doc as_keys_length[];    /* cond_ops.c: {min: 3, max: 8} */
/* cond_ops.c: the operators on a field, one after the other; NULL behind the last. */
const as_key_doc *as_key_operator(size_t i);

/* The entry's own key where it stands directly under `under` ("" = at the top); NULL: it stands
 * elsewhere. */
const char *as_key_under(const as_key_doc *k, const char *under);
/* Report keys of `map` that do not stand under `under`, each with a "did you mean". `what`
 * names the mapping. */
void as_keys_check(const as_node *map, const as_key_doc *keys, const char *under,
                   const char *what, as_diags *d);

#endif
