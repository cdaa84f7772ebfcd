/* cli_sign.h: what sign, verify and gate share. */
#ifndef AS_CLI_CLI_SIGN_H
#define AS_CLI_CLI_SIGN_H

#include "cli/cli.h"
#include "sign/sign.h"

/* A release with what a sign-off of it covers. */
typedef struct as_cli_signing {
    const as_project *project;
    as_sign_policy policy;
    as_contents now;
} as_cli_signing;

/* Of a project that was opened; problems are said. AS_EXIT_PASS or AS_EXIT_USAGE. */
int as_cli_signing_open(as_cli *c, const as_project *p, as_cli_signing *out);
/* One sign-off, checked; errors are said. AS_EXIT_PASS (also where it has problems) or
 * AS_EXIT_USAGE. */
int as_cli_sign_off(as_cli *c, const as_cli_signing *s, const char *file, as_sign_off *out);
/* One line, or one and a line a problem. */
void as_cli_sign_off_say(FILE *f, const as_sign_off *s);
/* Is every role signed? Says each on `f`; *first is one that was read, where there is one.
 * AS_EXIT_PASS, AS_EXIT_SIGN_OFF, AS_EXIT_USAGE. */
int as_cli_sign_offs(as_cli *c, const as_cli_signing *s, FILE *f, as_sign_off *first);

#endif
