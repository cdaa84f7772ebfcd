/* bridge.h: which records account for a stock-flow identity that does not close. Used by
 * reconcile alone.
 *
 * Order: as_bridge_bind (with the rule), as_bridge_walk (once the tables are there: what every
 * record adds to closing − expected, in which group), as_bridge_explain (for one group with its
 * residual), as_bridge_close.
 *
 * The method. For one key and one group let o, c, j, l be how often it stands in the opening
 * records, the closing records, among the joiners and among the leavers. The identity closes
 * when the sum of e = c − o − j + l over all keys is 0; so e is what a key adds to closing −
 * expected, the effects of all keys add up to the residual where both ends hold every record,
 * and no effect is counted twice. With `value` e is the same sum of that field. Where a table
 * does not hold every record (`complete: false`), absence from it is no evidence: a key that is
 * missing there is taken to be there once, in the group in which that makes its account come
 * out even, if there is one. A key with e < 0 in one group and e > 0 in another was
 * reclassified; the kind of any other is told by where the key stands and where it does not.
 * Movements dated outside the period are a weaker sign, used only where the records themselves
 * do not decide (the opening table lacks some records): they count if all such candidates with
 * the sign of what is left, or just those of one kind that equal it, do not go beyond it.
 * Otherwise they are named as possible, with effect 0. */
#ifndef AS_CHECK_BRIDGE_H
#define AS_CHECK_BRIDGE_H

#include "check/by_group.h"

typedef struct as_bridge_plan as_bridge_plan;
typedef struct as_bridge as_bridge;

/* The block `bridge:`; mistakes go to b->diags. `by` are the fields of the rule's measures.
 * *out may be NULL where there were mistakes. */
as_code as_bridge_bind(as_bridge_plan **out, as_bind *b, const as_node *n, const as_str *by,
                       size_t by_count, as_err *e);
/* Both ends hold every record, so that what records say is measured rather than guessed. */
bool as_bridge_complete(const as_bridge_plan *p);

typedef struct as_bridge_groups {
    const as_str *const *keys; /* of the rule's measures, sorted */
    size_t count, by_count;
} as_bridge_groups;

/* *out holds heap memory until as_bridge_close; texts live in ev->arena. */
as_code as_bridge_walk(as_bridge **out, as_eval *ev, const as_bind *b, const as_bridge_plan *p,
                       as_bridge_groups groups, as_err *e);
void as_bridge_close(as_bridge *x); /* NULL is fine */
uint64_t as_bridge_key_nulls(const as_bridge *x);

/* Records of a group at both ends (in no movement) and the change of their values; those of
 * them that have no value at just one end, apart; and what reclassified records brought into
 * the group less what they took out of it. */
typedef struct as_bridge_steady {
    uint64_t records;
    double change;
    uint64_t nulls;
    double null_change;
    uint64_t moved;
    double moved_change;
} as_bridge_steady;
as_bridge_steady as_bridge_steady_of(const as_bridge *x, size_t group);

/* How the group stands, for as_bridge_explain. */
typedef struct as_bridge_ask {
    size_t group;
    double residual;
    bool closes;   /* residual is 0 */
    bool measured; /* the change of records at both ends is a term already, not a cause */
} as_bridge_ask;
/* Fills out->causes, explained, unexplained. */
as_code as_bridge_explain(as_bridge *x, as_bridge_ask ask, as_doc_bridge *out, as_err *e);
/* "−3 gone but not listed as leavers, +1 …": causes with an effect. Appends; false: there is
 * none. */
bool as_bridge_say(const as_doc_bridge *d, as_buf *out);

#endif
