/* moved.c: see moved.h. */
#include "check/moved.h"

static as_code moved_by(const as_eval *ev, const as_table *t, const as_finding *f,
                        const as_evidence *x, as_arena *a, as_move **out, size_t *count,
                        as_err *e)
{
    *count = 0;
    if (!ev->moves || !t || f->row == AS_NO_ROW || x->settled)
        return AS_OK;
    if (x->member_count > 1)
        return as_moves_without(ev->moves, t, x->members + 1, x->member_count - 1, a, out,
                                count, e);
    return as_moves_without(ev->moves, t, &f->row, 1, a, out, count, e);
}

as_code as_moved_tell(const as_eval *ev, const as_table *t, const as_finding *f,
                      const as_evidence *x, as_doc_finding *out, as_err *e)
{
    as_move *moves = NULL;
    size_t count = 0;
    as_code code = moved_by(ev, t, f, x, x->arena, &moves, &count, e);
    if (code != AS_OK || count == 0)
        return code;
    out->moves = count;
    out->moved_count = count < AS_MOVES_MAX ? count : AS_MOVES_MAX;
    out->moved = AS_NEW_N(x->arena, as_doc_move, out->moved_count);
    if (!out->moved)
        return as_fail_nomem(e);
    for (size_t i = 0; i < out->moved_count; i++) {
        const as_measure *m = moves[i].measure;
        out->moved[i] = (as_doc_move){m->name,        m->title,      m->unit,
                                      moves[i].group, moves[i].from, moves[i].to};
    }
    return AS_OK;
}

as_code as_moved_count(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                       const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                       uint64_t *count, as_err *e)
{
    const as_table *t = b->rule->table.len ? as_tables_find(ev->tables, b->rule->table) : NULL;
    as_evidence x;
    as_move *moves = NULL;
    size_t n = 0;
    as_evidence_begin(&x, a);
    as_code code = k->describe(ev, b, plan, r, f, &x, e); /* it knows the members of a group */
    if (code == AS_OK)
        code = moved_by(ev, t, f, &x, a, &moves, &n, e);
    *count = n;
    return code;
}
