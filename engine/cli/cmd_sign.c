/* cmd_sign.c: sign the last run of a release off. Nothing is evaluated: the run is taken from
 * the ledger, and digests tell whether it is of what is here now. */
#include "cli/cli_sign.h"
#include "ledger/event.h"
#include "rules/files.h"

#include <errno.h>
#include <sys/stat.h>

static const as_option options[] = {
    {"as", 0, "WHO", "Who signs, as release.yaml and the file of allowed signers call you."},
    {"key", 0, "KEYFILE",
     "Your private SSH key, or the public one of a key that the agent holds."},
    {"role", 0, "ROLE", "In which role of release.yaml. Default: assurer."},
    {"summary", 0, "TEXT", "What you found, in a sentence or two, for the page."},
    {"link", 0, "TEXT", "Where more is to be read; may be given several times."},
    {"output", 'o', "FILE",
     "Where the statement goes; FILE.sig is its signature. Default: "
     "sign-off/ROLE.WHO.json beside release.yaml."},
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

typedef struct signing {
    as_present of;
    as_doc run;
    as_statement statement;
    as_str text, signature;
    const char *ledger, *file;
} signing;

/* ---- refusing ---- */

static int refuse(as_cli *c, const as_problems *why)
{
    as_cli_errorf(c, "not signed off:");
    for (size_t i = 0; i < why->count; i++) {
        fprintf(stderr, "  %.*s\n", AS_FMT(why->items[i]));
    }
    return AS_EXIT_SIGN_OFF;
}

static void look_at_person(const signing *s, as_problems *why)
{
    const as_sign_policy *policy = &s->of.policy;
    as_str who = s->statement.signer, role = s->statement.role;
    if (as_sign_is_producer(policy, who)) {
        as_problem(why, "%.*s produced the figures; somebody else has to sign them off",
                   AS_FMT(who));
    }
    if (!as_sign_role_has(as_sign_role_find(policy, role), who)) {
        as_problem(why,
                   "%.*s is not %.*s of this release: `sign_off: roles:` of %.*s says who is",
                   AS_FMT(who), AS_FMT(role), AS_FMT(s->of.project->path));
    }
}

/* Nothing that another tool wrote into the ledger may be signed. */
static as_code look_at_ledger(as_ledger *l, as_problems *why, as_err *e)
{
    as_verified v;
    as_code code = as_ledger_verify(l, why->arena, &v, e);
    for (size_t i = 0; code == AS_OK && i < v.fault_count; i++) {
        as_problem(why, "the ledger was changed: %.*s: %.*s", AS_FMT(v.faults[i].where),
                   AS_FMT(v.faults[i].what));
    }
    return code;
}

/* ---- reading ---- */

static as_code next_round(as_ledger *l, as_cli *c, signing *s, as_err *e)
{
    as_event_list list = {0};
    as_code code = as_ledger_events(l, c->arena, AS_STR("sign_off"), s->run.release, &list, e);
    s->statement.round = list.count + 1;
    return code;
}

static as_code read_run(as_cli *c, signing *s, as_problems *why, as_err *e)
{
    as_ledger *l = NULL;
    as_code code = as_ledger_open_read(&l, s->ledger, e);
    code = code ? code
                : as_ledger_read(l, c->arena, AS_STR(""), s->of.project->release, &s->run, e);
    code = code ? code : look_at_ledger(l, why, e);
    code = code ? code : as_ledger_head(l, c->arena, &s->statement.ledger_head, e);
    code = code ? code : next_round(l, c, s, e);
    as_ledger_close(l);
    return code ? code : as_sign_refusals(&s->of, &s->run, why, e);
}

/* ---- writing ---- */

static as_code fill(void *arg, as_out out, as_err *e)
{
    const as_str *text = arg;
    return out.write(out.arg, *text, e);
}

static as_code make_folder(as_cli *c, const char *file, as_err *e)
{
    as_str folder = as_arena_str(c->arena, as_path_folder(as_str_from(file)));
    if (!folder.ptr) {
        return as_fail_nomem(e);
    }
    return folder.len == 0 || mkdir(folder.ptr, 0777) == 0 || errno == EEXIST
               ? AS_OK
               : as_fail_errno(e, errno, folder.ptr);
}

static as_code add_event(as_cli *c, const signing *s, as_err *e)
{
    as_ledger *l = NULL;
    as_event ev = {.kind = AS_STR("sign_off"),
                   .at = s->statement.signed_at,
                   .who = s->statement.signer,
                   .release = s->run.release};
    as_code code =
        as_sign_off_event(&s->statement, s->text, s->signature, c->arena, &ev.body, e);
    code = code ? code : as_ledger_open(&l, s->ledger, e);
    code = code ? code : as_ledger_event_add(l, &ev, c->arena, e);
    as_ledger_close(l);
    return code;
}

static as_code keep(as_cli *c, signing *s, as_err *e)
{
    as_str sig = as_arena_printf(c->arena, "%s.sig", s->file);
    as_code code = sig.ptr ? make_folder(c, s->file, e) : as_fail_nomem(e);
    code = code ? code : add_event(c, s, e);
    code = code ? code : as_cli_write(c, sig.ptr, fill, &s->signature, e);
    return code ? code : as_cli_write(c, s->file, fill, &s->text, e);
}

/* ---- the command ---- */

static bool accepted_findings(as_cli *c, const as_decisions *d, as_statement *out)
{
    out->findings = AS_NEW_N(c->arena, as_str, d->standing_count + 1);
    for (size_t i = 0; out->findings && i < d->standing_count; i++) {
        if (as_standing_accepted(&d->standing[i])) {
            out->findings[out->finding_count++] = d->standing[i].finding;
        }
    }
    return out->findings != NULL;
}

static bool prepare(as_cli *c, signing *s)
{
    const char *who = as_cli_option(c, "as"), *role = as_cli_option(c, "role"),
               *path = as_cli_release_path(c, 0);
    char now[AS_TIME_TEXT];
    as_project *p = NULL;
    as_plan *plan = NULL;
    if (!who || !*who || !as_cli_option(c, "key")) {
        as_cli_usage(c, "who signs, and with which key? Give --as WHO and --key KEYFILE");
        return false;
    }
    if (as_cli_project(c, path, &p, &plan) != AS_EXIT_PASS ||
        as_cli_present(c, path, p, plan, &s->of) != AS_EXIT_PASS) {
        return false;
    }
    as_statement *t = &s->statement;
    t->signer = as_str_from(who);
    t->role = role ? as_str_from(role) : AS_STR("assurer");
    t->summary = as_str_from(as_cli_option(c, "summary"));
    t->signed_at = as_arena_str(c->arena, as_str_from(as_time_text(now)));
    t->subjects = s->of.contents;
    t->decisions_sha256 = as_str_from(s->of.accepted);
    t->links = AS_NEW_N(c->arena, as_str, c->given_count + 1);
    for (size_t i = 0; t->links && i < c->given_count; i++) {
        if (strcmp(c->given[i].option->name, "link") == 0) {
            t->links[t->link_count++] = as_str_from(c->given[i].value);
        }
    }
    s->ledger = as_cli_ledger_path(c, p, path);
    s->file = as_cli_option(c, "output");
    s->file = s->file ? s->file : as_sign_off_path(p, c->arena, t->role, t->signer).ptr;
    return s->file && accepted_findings(c, s->of.decisions, t) && t->links &&
           t->signed_at.ptr && s->ledger;
}

static int sign(as_cli *c, signing *s, as_err *e)
{
    as_problems why = {.arena = c->arena};
    as_sign_off made = {.file = s->file};
    look_at_person(s, &why);
    as_code code = read_run(c, s, &why, e);
    if (code != AS_OK) {
        return AS_EXIT_USAGE;
    }
    if (why.count) {
        return refuse(c, &why);
    }
    s->statement.run = s->run;
    code = as_statement_write(&s->statement, c->arena, &s->text, e);
    code =
        code ? code : as_ssh_sign(s->text, as_cli_option(c, "key"), c->arena, &s->signature, e);
    code =
        code ? code : as_sign_off_check_text(&made, s->text, s->signature, &s->of, c->arena, e);
    if (code != AS_OK) {
        return AS_EXIT_USAGE;
    }
    if (made.problems.count) {
        return refuse(c, &made.problems);
    }
    return keep(c, s, e) == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

static int run_sign(as_cli *c)
{
    signing s = {0};
    as_err e = {0};
    if (!prepare(c, &s)) {
        return AS_EXIT_USAGE;
    }
    int result = sign(c, &s, &e);
    if (result == AS_EXIT_USAGE) {
        as_cli_error(c, &e);
    } else if (result == AS_EXIT_PASS) {
        printf("signed: run %llu (%.*s), %zu files, by %.*s as %.*s\n  %s\n  %s.sig\n",
               (unsigned long long)s.run.seq, AS_FMT(s.run.run), s.of.contents.count,
               AS_FMT(s.statement.signer), AS_FMT(s.statement.role), s.file, s.file);
    }
    return result;
}

const as_command as_command_sign = {
    .name = "sign",
    .usage = "[release.yaml] --as WHO --key KEYFILE",
    .summary = "sign the last run of a release off",
    .detail = "Writes a statement over the digests of every input and every file of the rules, "
              "signs it with your SSH key\n"
              "(ssh-keygen -Y sign) and notes it in the ledger. Nothing is evaluated: the last "
              "run in the ledger is signed.\n"
              "Refused with exit code 4 where the figures are your own (`produced_by`), where "
              "release.yaml does not give you\n"
              "the role, where blocking findings are open, where a rule was empty or had an "
              "error, where the run was\n"
              "partial, and where a file, a rule or the tool is not what the run used.",
    .options = options,
    .examples =
        "  assay sign my-release --as second.analyst@example.org --key ~/.ssh/id_ed25519\n",
    .max_args = 1,
    .run = run_sign,
};
