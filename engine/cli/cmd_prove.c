/* cmd_prove.c: do the rules catch what can go wrong in this release? */
#include "cli/cli.h"
#include "prove/prove.h"
#include "rules/files.h"

#include <unistd.h>

#define DEFAULT_SEED 1
#define DEFAULT_EACH 3
#define DEFAULT_LEAST 95.0
#define SORTS_SHOWN 20

static const as_option options[] = {
    {"on", 0, "RELEASE", "The release to plant faults in. Default: release.yaml here."},
    {"faults", 0, "N", "Faults of each kind in each field. Default: 3."},
    {"seed", 0, "N", "Another seed plants in other records. Default: 1."},
    {"only", 0, "ID…",
     "These rules alone (ids or names, commas between), and only faults in what they read."},
    {"earlier", 0, NULL,
     "Plant in tables of years gone by too: NAME_before and NAME_earlier beside NAME."},
    {"at-least", 0, "P", "Exit with 1 where less than P percent is caught. Default: 95."},
    {"format", 'f', "F", "terminal or json. Default: terminal."},
    {"output", 'o', "FILE", "Write it to FILE."},
    {"all", 'a', NULL, "Show every sort of fault that gets through."},
    AS_OPTIONS_END,
};

static void show_progress(void *arg, size_t done, size_t all)
{
    static size_t shown;
    (void)arg;
    if (done == all || done - shown >= all / 100 + 1) {
        shown = done;
        fprintf(stderr, "\r\033[K%zu of %zu faults tried", done, all);
    }
}

/* The pack that args[0] names, by its name or its folder; NULL and AS_EXIT_PASS: all packs. */
static int find_pack(const as_cli *c, const as_project *p, const as_pack **out)
{
    as_str real = AS_NONE, asked = as_str_from(c->arg_count ? c->args[0] : NULL);
    as_err ignored = {0};
    *out = NULL;
    if (!asked.len) {
        return AS_EXIT_PASS;
    }
    bool folder = as_path_real(&real, c->arena, asked.ptr, asked.ptr, &ignored) == AS_OK;
    for (size_t i = 0; i < p->pack_count && !*out; i++) {
        if ((folder && as_str_eq(p->packs[i]->open_folder, real)) ||
            as_str_eq(p->packs[i]->name, asked)) {
            *out = p->packs[i];
        }
    }
    return *out ? AS_EXIT_PASS
                : as_cli_usage(c, "the release does not name the pack \"%s\" under `packs:`",
                               asked.ptr);
}

static bool read_options(as_cli *c, const as_project *p, const as_plan *plan,
                         as_prove_options *o, double *least)
{
    uint64_t jobs = 0, each = DEFAULT_EACH;
    const char *share = as_cli_option(c, "at-least");
    o->seed = DEFAULT_SEED;
    *least = DEFAULT_LEAST;
    if (!as_cli_number(c, "jobs", 1024, &jobs) || !as_cli_number(c, "faults", 1000, &each) ||
        !as_cli_number(c, "seed", INT64_MAX, &o->seed) ||
        !as_cli_only(c, p, plan, &o->only, &o->only_count) ||
        find_pack(c, p, &o->pack) != AS_EXIT_PASS) {
        return false;
    }
    o->jobs = (unsigned)jobs;
    o->each = (unsigned)each;
    o->earlier = as_cli_option(c, "earlier") != NULL;
    if (each == 0) {
        as_cli_usage(c, "--faults 0 would plant nothing");
        return false;
    }
    if (share &&
        (!as_str_to_f64(as_str_from(share), false, least) || *least < 0 || *least > 100)) {
        as_cli_usage(c, "--at-least takes a percentage from 0 to 100, not \"%s\"", share);
        return false;
    }
    if (!c->quiet && isatty(STDERR_FILENO)) {
        o->progress = show_progress;
    }
    return true;
}

static as_code write_bytes(void *arg, as_out out, as_err *e)
{
    const as_buf *b = arg;
    return out.write(out.arg, as_buf_str(b), e);
}

static int show(as_cli *c, const as_proof *proof, bool json, double least)
{
    as_buf b = AS_BUF(AS_REPORT_MAX);
    as_err e = {0};
    const char *output = as_cli_option(c, "output");
    if (json) {
        as_proof_json(proof, &b);
    } else {
        as_proof_text(proof, &b, as_cli_option(c, "all") ? SIZE_MAX : SORTS_SHOWN, least,
                      c->color_out && !output);
    }
    as_code code = b.failed ? as_fail_nomem(&e) : as_cli_write(c, output, write_bytes, &b, &e);
    as_buf_free(&b);
    if (code != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    return as_proof_share(proof) >= least ? AS_EXIT_PASS : AS_EXIT_FINDINGS;
}

static int prove(as_cli *c, const as_project *p, const as_plan *plan, bool json)
{
    as_prove_options o = {0};
    as_proof *proof = NULL;
    as_err e = {0};
    double least;
    if (!read_options(c, p, plan, &o, &least)) {
        return AS_EXIT_USAGE;
    }
    as_code code = as_prove(&proof, plan, &o, &c->diags, &e);
    if (o.progress) {
        fprintf(stderr, "\r\033[K");
    }
    if (code != AS_OK && c->diags.errors == 0) {
        as_diags_error(&c->diags, &e);
    }
    as_cli_diags(c);
    if (code != AS_OK) {
        as_cli_errorf(c, "nothing was proved");
        return AS_EXIT_USAGE;
    }
    int result = show(c, proof, json, least);
    if (proof->count == 0) {
        as_cli_errorf(c, "there was nothing to plant a fault in, so nothing was proved");
        result = AS_EXIT_INCOMPLETE;
    }
    as_proof_close(proof);
    return result;
}

static int run_prove(as_cli *c)
{
    const char *format = as_cli_option(c, "format");
    bool json = format && strcmp(format, "json") == 0;
    as_project *p = NULL;
    as_plan *plan = NULL;
    if (format && !json && strcmp(format, "terminal") != 0) {
        return as_cli_usage(c, "a proof is written as terminal or json, not \"%s\"", format);
    }
    if (as_cli_project(c, as_cli_release_at(c, as_cli_option(c, "on")), &p, &plan) !=
        AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    return prove(c, p, plan, json);
}

const as_command as_command_prove = {
    .name = "prove",
    .usage = "[PACK] [--on RELEASE]",
    .summary = "plant faults in a release, in memory, and say which the rules catch",
    .detail =
        "Reads the release, then plants faults in copies of its tables, one at a time: a "
        "record "
        "twice or missing, a value\n"
        "blank, a code swapped, a date over a boundary, a number with one more nought, and so "
        "on, "
        "in every field, whether a\n"
        "rule reads it or not. A fault is caught when a rule of severity error or warning "
        "finds "
        "what it did not find before.\n"
        "Says for each family of faults and for each rule how many were planted and caught, "
        "what "
        "gets through and why, and\n"
        "which rules nothing made fire. With PACK (a name or a folder) only the rules of that "
        "pack count.\n"
        "No file is changed. The same seed plants the same faults. 0 as many were caught as "
        "were "
        "asked for, 1 fewer,\n"
        "2 something could not be read, 3 there was nothing to plant in.",
    .options = options,
    .examples = "  assay prove rules/childrens-social-care --on fixtures/sample-release\n"
                "  assay prove --only CSC-PLC-001 --all\n"
                "  assay prove --format json --output proof.json\n",
    .max_args = 1,
    .run = run_prove,
};
