/* cli_sign.h: what sign, verify and gate share. */
#ifndef AS_CLI_CLI_SIGN_H
#define AS_CLI_CLI_SIGN_H

#include "cli/cli.h"
#include "sign/sign.h"

/* A release that was opened, as it is now; problems are said. AS_EXIT_PASS or AS_EXIT_USAGE. */
int as_cli_present(as_cli *c, const char *path, const as_project *p, const as_plan *plan,
                   as_present *out);
/* One sign-off, checked; errors are said. AS_EXIT_PASS (also where it has problems) or
 * AS_EXIT_USAGE. */
int as_cli_sign_off(as_cli *c, const as_present *s, const char *file, as_sign_off *out);
/* One line, or one and a line a problem. */
void as_cli_sign_off_say(FILE *f, const as_sign_off *s);
/* Is every role signed? Says each on `f`; *first is one that was read, where there is one.
 * AS_EXIT_PASS, AS_EXIT_SIGN_OFF, AS_EXIT_USAGE. */
int as_cli_sign_offs(as_cli *c, const as_present *s, FILE *f, as_sign_off *first);

#endif
