/* fuzz_rules.c: any bytes as a pack's file of rules: read, linked, its conditions parsed and
 * put into words.
 *
 * The pack around it is made once; each input gets a project of its own over it. Besides
 * crashes: a condition that is refused has said why, and one that is accepted can be told. */
#include "base/limits.h"
#include "rules/cond.h"
#include "rules/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const kinds[] = {"expect",  "unique",    "lookup",  "changed", "lua",
                                    "compare", "reconcile", "columns", NULL};
static as_project *base;

static const char *const files[][2] = {
    {"pack.yaml", "pack: small\nstewards: {registration: r@example.org}\nparams: {least: 1, "
                  "since: 2016-04-01}\n"
                  "patterns: {postcode: \"[A-Z]{1,2}[0-9]\"}\n"},
    {"codelists/kinds.yaml",
     "list: kinds\ncodes: {Children's home: [CH], Secure: [], School: }\n"},
    {"codelists/some.yaml", "list: some\ncodes: [Secure, Elsewhere]\n"},
    {"tables/homes.yaml",
     "table: homes\nkey: [urn]\nfields:\n  urn:\n  kind: {type: code, list: kinds}\n"
     "  places: {type: integer}\n  share: {type: number}\n  opened: {type: date}\n"
     "  closed: {type: date}\n  name: {sensitive: true}\n"},
    {"tables/visits.yaml",
     "table: visits\nfields: {urn: , day: {type: date}, kind: {type: code, list: kinds}}\n"},
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void write_pack(const char *folder)
{
    char path[256];
    static const char *const sub[] = {"codelists", "tables"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, sub[i]);
        check(mkdir(path, 0755) == 0);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i][0]);
        FILE *f = fopen(path, "w");
        check(f && fputs(files[i][1], f) >= 0 && fclose(f) == 0);
    }
}

static void remove_pack(const char *folder)
{
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i][0]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/codelists", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/tables", folder);
    rmdir(path);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    char folder[] = "/tmp/assay-fuzz-XXXXXX";
    static as_arena *a;
    as_diags d;
    as_err e = {0};
    a = as_arena_open();
    check(a && mkdtemp(folder));
    as_diags_init(&d, a);
    write_pack(folder);
    check(as_project_open_pack(&base, a, folder, kinds, &d, &e) == AS_OK && base->usable);
    remove_pack(folder);
    return 0;
}

static void try_condition(const as_cond_env *env, const as_node *n)
{
    size_t errors = env->diags->errors;
    as_cond *c = as_cond_parse(env, n);
    as_buf words = AS_BUF(64 * AS_MIB);
    check((c == NULL) == (env->diags->errors > errors));
    if (c)
        as_cond_words(c, env->self, env->other, &words);
    check(!c || words.len > 0);
    as_buf_free(&words);
}

static void try_rule(const as_project *p, const as_rule *r, as_arena *a, as_diags *d)
{
    as_cond_env env = {
        .project = p, .self = as_project_table_schema(p, r->table), .arena = a, .diags = d};
    if (!env.self)
        return;
    if (r->where)
        try_condition(&env, r->where);
    try_condition(&env, r->spec);
    env.other = as_project_schema(p, AS_STR("visits"));
    env.plain = AS_SIDE_OTHER;
    try_condition(&env, r->spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_arena *a = as_arena_open();
    check(a != NULL);
    as_diags d;
    as_diags_init(&d, a);
    as_err e = {0};
    as_node *root = NULL;
    as_project p = *base;
    p.arena = a;
    as_load l = {.project = &p,
                 .arena = a,
                 .diags = &d,
                 .kinds = kinds,
                 .pack = p.packs[0],
                 .broken = {.arena = a}};
    if (as_yaml_parse(&root, a, (as_str){(const char *)data, size}, "f.yaml", &e) == AS_OK) {
        as_rule_file_read(&l, root);
        as_link_names(&l);
        as_link_tables(&l);
        as_cases_link(&l);
        for (size_t i = 0; i < p.rule_count; i++)
            try_rule(&p, &p.rules[i], a, &d);
        as_diags_sort(&d);
        check(!l.nomem);
    }
    as_arena_close(a);
    return 0;
}
