/* cli_sign.c: the sign-offs of a release, looked for where `assay sign` puts them. Every role
 * of release.yaml needs one that is valid, by anybody whom the role names. */
#include "cli/cli_sign.h"

int as_cli_present(as_cli *c, const char *path, const as_project *p, const as_plan *plan,
                   as_present *out)
{
    as_err e = {0};
    as_decisions *decisions = NULL;
    if (!as_cli_decisions(c, p, plan, as_cli_ledger_path(c, p, path), &decisions)) {
        return AS_EXIT_USAGE;
    }
    if (as_present_read(out, p, decisions, c->arena, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    return AS_EXIT_PASS;
}

int as_cli_sign_off(as_cli *c, const as_present *s, const char *file, as_sign_off *out)
{
    as_err e = {0};
    if (as_sign_off_check(out, file, s, c->arena, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    return AS_EXIT_PASS;
}

void as_cli_sign_off_say(FILE *f, const as_sign_off *s)
{
    const as_statement *t = &s->statement;
    if (s->problems.count == 0) {
        fprintf(f, "sign-off: %.*s, %.*s, %.*s, of this content (run %llu, %.*s)\n",
                AS_FMT(t->signer), AS_FMT(t->role), AS_FMT(t->signed_at),
                (unsigned long long)t->run.seq, AS_FMT(t->run.run));
        return;
    }
    fprintf(f, "sign-off: %s is not valid\n", s->file);
    for (size_t i = 0; i < s->problems.count; i++) {
        fprintf(f, "  %.*s\n", AS_FMT(s->problems.items[i]));
    }
}

/* One role: the first valid sign-off counts; without one, what is wrong with those there are.
 */
static int role_signed(as_cli *c, const as_present *s, const as_sign_role *role, FILE *f,
                       as_sign_off *first)
{
    as_sign_off *all = AS_NEW_N(c->arena, as_sign_off, role->who_count + 1);
    size_t found = 0;
    for (size_t i = 0; all && i < role->who_count; i++) {
        as_str file = as_sign_off_path(s->project, c->arena, role->name, role->who[i]);
        if (!file.ptr || as_cli_sign_off(c, s, file.ptr, &all[found]) != AS_EXIT_PASS) {
            return AS_EXIT_USAGE;
        }
        as_sign_off *one = &all[found];
        if (!one->found) {
            continue;
        }
        if (one->read && (!as_str_eq(one->statement.role, role->name) ||
                          !as_str_eq(one->statement.signer, role->who[i]))) {
            as_problem(&one->problems, "it is by %.*s as %.*s, not what its name says",
                       AS_FMT(one->statement.signer), AS_FMT(one->statement.role));
        }
        if (one->read && !first->read) {
            *first = *one;
        }
        if (one->problems.count == 0) {
            as_cli_sign_off_say(f, one);
            return AS_EXIT_PASS;
        }
        found++;
    }
    for (size_t i = 0; i < found; i++) {
        as_cli_sign_off_say(f, &all[i]);
    }
    if (found == 0) {
        fprintf(f,
                "sign-off: missing: nobody has signed as %.*s (`assay sign --as WHO --key "
                "KEYFILE --role %.*s`)\n",
                AS_FMT(role->name), AS_FMT(role->name));
    }
    return all ? AS_EXIT_SIGN_OFF : AS_EXIT_USAGE;
}

int as_cli_sign_offs(as_cli *c, const as_present *s, FILE *f, as_sign_off *first)
{
    int result = AS_EXIT_PASS;
    *first = (as_sign_off){0};
    for (size_t i = 0; i < s->policy.role_count; i++) {
        int code = role_signed(c, s, &s->policy.roles[i], f, first);
        if (code == AS_EXIT_USAGE) {
            return code;
        }
        result = code == AS_EXIT_PASS ? result : code;
    }
    return result;
}
