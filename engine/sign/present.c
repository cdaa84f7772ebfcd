/* present.c: all that a sign-off is held against: who may sign, the files, what is accepted. */
#include "sign/sign.h"

as_code as_present_read(as_present *out, const as_project *p, as_decisions *decisions,
                        as_arena *a, as_err *e)
{
    *out = (as_present){.project = p, .decisions = decisions};
    as_code code = as_sign_policy_read(&out->policy, p, a, e);
    code = code ? code : as_contents_now(&out->contents, p, a, e);
    return code ? code : as_decisions_digest(decisions, out->accepted, e);
}
