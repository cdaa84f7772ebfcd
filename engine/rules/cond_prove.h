/* cond_prove.h: what can be proven of conditions for every record that there could be.
 *
 * The conditions are tried on a stand-in for each sort of value that they tell apart: null,
 * each value that they name, one between neighbours, one that is none of them. What a test says
 * of a stand-in and cannot be known (a pattern on a text that nobody named, one field against
 * another, a field against a parameter) is tried both ways. So every record is like one of
 * those tried, and what holds of all of them is proven; the reverse is not so: what is not
 * proven may hold all the same. */
#ifndef AS_RULES_COND_PROVE_H
#define AS_RULES_COND_PROVE_H

#include "base/truth.h"
#include "rules/cond.h"

#define AS_PROOF_CONDS 4
#define AS_PROOF_WORLDS 81 /* 3 to the power of AS_PROOF_CONDS */

/* Which truths the conditions have together on some record tried. */
typedef struct as_proof {
    size_t count;
    bool met[AS_PROOF_WORLDS]; /* by truth[0] + 3 truth[1] + 9 truth[2] … */
} as_proof;

/* NULL conditions hold for every record. False: nothing can be said (more than a lint should
 * try, or out of memory). */
bool as_proof_make(as_proof *out, const as_schema *self, const as_schema *other,
                   const as_cond *const *conds, size_t count);
/* Whether the claim holds wherever a record could be; `truth` is one for each condition. */
typedef bool (*as_claim)(const as_truth *truth);
bool as_proof_all(const as_proof *p, as_claim claim);

#endif
