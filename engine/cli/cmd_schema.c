/* cmd_schema.c: a JSON Schema of the files that people write, for their editors. */
#include "base/limits.h"
#include "cli/cli.h"

static const as_option options[] = {AS_OPTIONS_END};

static int run_schema(as_cli *c)
{
    as_str form = as_str_from(c->arg_count ? c->args[0] : "");
    as_buf out = AS_BUF(AS_JSON_SCHEMA_MAX);
    as_err e = {0};
    if (form.len && !as_json_schema_form(form)) {
        return as_cli_usage(
            c,
            "there is no schema of \"%.*s\": write release, pack, rules, table, "
            "codelist, decisions, or nothing for all of them",
            AS_FMT(form));
    }
    as_code code = as_json_schema(form, &out, &e);
    if (code == AS_OK) {
        fwrite(out.ptr, 1, out.len, stdout);
    } else {
        as_cli_error(c, &e);
    }
    as_buf_free(&out);
    return code == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

const as_command as_command_schema = {
    .name = "schema",
    .usage = "[release | pack | rules | table | codelist | decisions]",
    .summary = "a JSON Schema of the files you write, for your editor",
    .detail =
        "Prints a JSON Schema (draft 7) with which an editor completes and checks "
        "release.yaml, "
        "pack.yaml, rules,\n"
        "schemas of tables, code lists and decisions.yaml. Without an argument one for all of "
        "them: each file "
        "is "
        "known by its keys.\n"
        "It knows keys, kinds and forms of values; names of fields, tables and parameters are "
        "what `assay lint` checks.",
    .options = options,
    .examples = "  assay schema >assay.schema.json\n  assay schema rules\n",
    .max_args = 1,
    .run = run_schema,
};
