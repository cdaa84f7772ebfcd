/* cmd_verify.c: do the sign-offs of a release hold for its files as they are now? */
#include "base/limits.h"
#include "cli/cli_sign.h"

static const as_option options[] = {
    {"sign-off", 0, "FILE",
     "This sign-off alone (FILE.sig is its signature). Default: those of every role, in "
     "sign-off/ beside release.yaml."},
    {"page", 0, "FILE",
     "Write the sign-off page: HTML where FILE ends with .html, else Markdown."},
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

static as_code fill_page(void *arg, as_out out, as_err *e)
{
    return out.write(out.arg, as_buf_str(arg), e);
}

static bool is_html(const char *path)
{
    as_str s = as_str_from(path);
    return s.len > 5 && as_str_eq(as_str_sub(s, s.len - 5, 5), AS_STR(".html"));
}

static int write_page(as_cli *c, const as_sign_off *s, const char *path)
{
    as_err e = {0};
    as_buf page = AS_BUF(AS_REPORT_MAX);
    if (!s->read) {
        as_cli_errorf(c, "there is no sign-off to make a page of; %s was not written", path);
        return AS_EXIT_SIGN_OFF;
    }
    as_code code = as_sign_page(s, is_html(path), &page, &e);
    code = code ? code : as_cli_write(c, path, fill_page, &page, &e);
    as_buf_free(&page);
    if (code != AS_OK) {
        as_cli_error(c, &e);
    }
    return code == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

static int run_verify(as_cli *c)
{
    const char *path = as_cli_release_path(c, 0), *file = as_cli_option(c, "sign-off"),
               *page = as_cli_option(c, "page");
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_present s;
    as_sign_off one = {0};
    if (as_cli_project(c, path, &p, &plan) != AS_EXIT_PASS ||
        as_cli_present(c, path, p, plan, &s) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    int code =
        file ? as_cli_sign_off(c, &s, file, &one) : as_cli_sign_offs(c, &s, stdout, &one);
    if (file && code == AS_EXIT_PASS) {
        as_cli_sign_off_say(stdout, &one);
        code = one.problems.count ? AS_EXIT_SIGN_OFF : AS_EXIT_PASS;
    }
    if (page && code != AS_EXIT_USAGE) {
        int written = write_page(c, &one, page);
        code = written == AS_EXIT_USAGE || code == AS_EXIT_PASS ? written : code;
    }
    return code;
}

const as_command as_command_verify = {
    .name = "verify",
    .usage = "[release.yaml]",
    .summary = "check the sign-offs against the files as they are now",
    .detail =
        "Checks each signature against the file of allowed signers, the signer against "
        "the roles of release.yaml\n"
        "and against `produced_by`, and every digest against the files as they are now. "
        "Each file that changed,\n"
        "came or went is named. The exit code is 0 where every role has a valid sign-off, "
        "4 where one is\n"
        "missing or stale, 2 where that cannot be told.",
    .options = options,
    .examples = "  assay verify my-release\n  assay verify my-release --page sign-off.html\n",
    .max_args = 1,
    .run = run_verify,
};
