/* measure_file.c: `measures:` of a rule file: named counts, sums, means and formulas.
 *
 * Read here: the form. Fields, conditions and formulas are bound by measure/. */
#include "base/limits.h"
#include "rules/load.h"

const as_key_doc as_keys_measure[] = {
    {"count", "table", false, "Counts the records of this table."},
    {"sum", "field", false, "Adds up this field over the records of `of`."},
    {"mean", "field", false, "The mean of this field over the records of `of`."},
    {"distinct", "field", false, "How many different values this field has in `of`."},
    {"of", "table", false, "The table of `sum`, `mean` or `distinct`."},
    {"where", "condition", false, "Which records count."},
    {"found_in", "mapping", false, "Only records that another table has."},
    {"found_in.table", "table", true, "The other table."},
    {"found_in.match", "mapping", true, "This table's field: the other's field."},
    {"found_in.where", "condition", false, "Which records of the other table count."},
    {"missing_from", "mapping", false, "Only records that another table does not have."},
    {"missing_from.table", "table", true, "The other table."},
    {"missing_from.match", "mapping", true, "This table's field: the other's field."},
    {"missing_from.where", "condition", false, "Which records of the other table count."},
    {"by", "texts", false, "A figure for each combination of values of these fields."},
    {"formula", "text", false, "Numbers, measures, + - * / ( )."},
    {"unit", "text", false, "What it is counted in, for sentences."},
    {"title", "text", false, "What it is."},
    {"published", "boolean", false,
     "Its figures are published: findings say whether they move."},
    AS_KEYS_END};
static const char *const op_names[] = {"count", "sum", "mean", "distinct", "formula", NULL};
static const as_measure_op op_values[] = {AS_MEASURE_COUNT, AS_MEASURE_SUM, AS_MEASURE_MEAN,
                                          AS_MEASURE_DISTINCT, AS_MEASURE_FORMULA};
static const char *const measure_example =
    "write {count: TABLE}, {sum: FIELD, of: TABLE} or {formula: \"…\"}";

/* The one of count, sum, mean, distinct, formula that is there; NULL: none, or two (reported).
 */
static const char *find_op(as_load *l, const as_node *n, as_measure *m)
{
    const char *found = NULL;
    for (size_t i = 0; op_names[i]; i++) {
        const as_node *key = as_node_key(n, op_names[i]);
        if (!key)
            continue;
        if (found) {
            as_load_error(l, key->at, "make two measures of it",
                          "measure `%.*s` has both `%s` and `%s`", AS_FMT(m->name), found,
                          op_names[i]);
            return NULL;
        }
        found = op_names[i];
        m->op = op_values[i];
    }
    if (!found)
        as_load_error(l, n->at, measure_example, "measure `%.*s` does not say what it counts",
                      AS_FMT(m->name));
    return found;
}

static void refuse(as_load *l, const as_node *n, const char *key, const char *op)
{
    const as_node *at = as_node_key(n, key);
    if (at)
        as_load_error(l, at->at, "remove it", "`%s` does not go with `%s`", key, op);
}

static void read_where(as_load *l, const as_node *n, as_measure *m)
{
    const as_node *where = as_node_get(n, "where");
    if (!where)
        return;
    if (where->kind == AS_NODE_MAP)
        m->where = where;
    else
        as_load_error(l, where->at, "write {field: value}",
                      "`where` must be a condition, not %s",
                      as_node_is_null(where) ? "empty" : as_node_kind_name(where));
}

static bool read_count(as_load *l, const as_node *n, as_measure *m, const char *op)
{
    bool count = m->op == AS_MEASURE_COUNT;
    bool good = as_need_text(l, n, op, "the measure", count ? &m->table : &m->field);
    if (count)
        refuse(l, n, "of", op);
    else
        good &= as_need_text(l, n, "of", "the measure", &m->table);
    read_where(l, n, m);
    const as_str *by = NULL;
    as_read_texts(l, n, "by", "[provision_type]", &by, &m->by_count);
    m->by = (as_str *)by;
    if (m->by_count > AS_KEY_FIELDS_MAX) {
        as_load_error(l, as_node_get(n, "by")->at, "", "`by` names more than %d fields",
                      AS_KEY_FIELDS_MAX);
        m->by_count = AS_KEY_FIELDS_MAX;
    }
    for (size_t i = 0; i < m->by_count; i++)
        for (size_t j = 0; j < i; j++)
            if (as_str_eq(by[i], by[j]))
                as_load_error(l, as_node_get(n, "by")->items[i]->at, "remove one",
                              "`by` names `%.*s` twice", AS_FMT(by[i]));
    return good;
}

static bool read_formula(as_load *l, const as_node *n, as_measure *m)
{
    refuse(l, n, "of", "formula");
    refuse(l, n, "where", "formula");
    refuse(l, n, "by", "formula");
    refuse(l, n, "found_in", "formula");
    refuse(l, n, "missing_from", "formula");
    return as_need_text(l, n, "formula", "the measure", &m->formula);
}

static void read_measure(as_load *l, const as_pair *pair)
{
    as_project *p = l->project;
    const as_node *n = pair->value;
    as_measure m = {.name = pair->key->text, .node = n, .pack = l->pack, .at = pair->key->at};
    if (!as_read_name(l, pair->key, "a measure"))
        return;
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, measure_example, "measure `%.*s` must be a mapping, not %s",
                      AS_FMT(m.name), as_node_is_null(n) ? "empty" : as_node_kind_name(n));
        return;
    }
    as_read_keys(l, n, as_keys_measure, "", "a measure");
    as_read_text(l, n, "unit", &m.unit);
    as_read_text(l, n, "title", &m.title);
    as_read_bool(l, n, "published", &m.published);
    const char *op = find_op(l, n, &m);
    bool good =
        op && (m.op == AS_MEASURE_FORMULA ? read_formula(l, n, &m) : read_count(l, n, &m, op));
    if (!good)
        return;
    as_measure *all = as_load_room(l, p->measures, p->measure_count, sizeof *all);
    if (!all)
        return;
    p->measures = all;
    all[p->measure_count++] = m;
}

void as_measures_read(as_load *l, const as_node *map)
{
    if (map->kind != AS_NODE_MAP) {
        as_load_error(l, map->at, "write `NAME: {count: TABLE}` under it",
                      "`measures` must be a mapping, not %s", as_node_kind_name(map));
        return;
    }
    if (!as_read_map(l, map, "`measures`"))
        return;
    for (size_t i = 0; i < map->count; i++)
        read_measure(l, &map->pairs[i]);
}
