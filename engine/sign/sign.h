/* sign.h: the second analyst's signed statement: what it covers, how it is written, signed and
 * checked. Above run, below cli.
 *
 * Order for signing: as_present_read → as_sign_refusals (of the stored run) →
 * as_statement_write → as_ssh_sign → as_sign_off_check. For checking: as_present_read →
 * as_sign_off_check of each file.
 *
 * Invariants: the bytes whose signature is checked are the bytes that are read (both from
 * memory, never the file twice). A problem is a sentence; a sign-off without problems is valid.
 */
#ifndef AS_SIGN_SIGN_H
#define AS_SIGN_SIGN_H

#include "base/hash.h"
#include "run/run.h"

#define AS_SIGN_NAMESPACE "assay-sign-off"
#define AS_SIGN_TYPE "https://in-toto.io/Statement/v1"
#define AS_SIGN_PREDICATE "urn:assay:sign-off:v1"

/* Sentences, in the order in which they are to be read. */
typedef struct as_problems {
    as_arena *arena;
    as_str *items;
    size_t count;
    bool nomem;
} as_problems;
void as_problem(as_problems *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- policy.c: `sign_off` of release.yaml ---- */

typedef struct as_sign_role {
    as_str name;
    as_str *who;
    size_t who_count;
} as_sign_role;
typedef struct as_sign_policy {
    bool required;
    as_str allowed_signers; /* path to open */
    as_str produced_by;
    as_sign_role *roles;
    size_t role_count;
} as_sign_policy;

/* AS_ERULE: it is not there, or lacks what a sign-off needs (roles, the file of signers,
 * `produced_by`): *e says what to write. */
as_code as_sign_policy_read(as_sign_policy *out, const as_project *p, as_arena *a, as_err *e);
const as_sign_role *as_sign_role_find(const as_sign_policy *p, as_str name); /* NULL: none */
bool as_sign_role_has(const as_sign_role *r, as_str who);
/* Case and white space do not count. True where memory ran out: that lets nobody sign. */
bool as_sign_is_producer(const as_sign_policy *p, as_str who);
/* sign-off/ROLE.WHO.json beside release.yaml; characters that are not for file names are `_`.
 */
as_str as_sign_off_path(const as_project *p, as_arena *a, as_str role, as_str who);

/* ---- contents.c: the files that a sign-off covers ---- */

typedef struct as_signed_file {
    as_str name;   /* as release.yaml writes it, from its folder */
    as_str sha256; /* which is signed */
    as_str blake3; /* of an input as it is now: by this a run knows it */
} as_signed_file;
typedef struct as_contents {
    as_signed_file *items; /* by name */
    size_t count;
} as_contents;

/* Inputs, documents, release.yaml, the file of signers, every file of the packs: as they are
 * now. */
as_code as_contents_now(as_contents *out, const as_project *p, as_arena *a, as_err *e);
/* NULL: no such file. */
const as_signed_file *as_contents_find(const as_contents *c, as_str name);
/* What differs, one sentence a file. */
void as_contents_compare(const as_contents *then, const as_contents *now, as_problems *out);

/* ---- present.c: a release as it is now ---- */

typedef struct as_present {
    const as_project *project;
    as_sign_policy policy;
    as_contents contents;
    as_decisions *decisions;      /* of today */
    char accepted[AS_SHA256_HEX]; /* as_decisions_digest; "" = nothing is accepted */
} as_present;

as_code as_present_read(as_present *out, const as_project *p, as_decisions *decisions,
                        as_arena *a, as_err *e);

/* ---- refusal.c: may this stored run be signed off? ---- */

as_code as_sign_refusals(const as_present *now, const as_doc *run, as_problems *out, as_err *e);

/* ---- statement.c: the in-toto Statement ---- */

typedef struct as_statement {
    as_doc run; /* release … exit_code, rules (id, title, severity, status, note, blocking,
                   counts), findings, blocking, accepted, seq, decided (those in force);
                   nothing else of it */
    as_contents subjects;
    as_str signer, role, signed_at, ledger_head, summary;
    as_str decisions_sha256; /* as_present.accepted */
    as_str *findings;        /* fingerprints accepted one by one, in byte order */
    size_t finding_count;
    as_str *links;
    size_t link_count;
    uint64_t round; /* which sign-off of this release and role it is, from 1 */
} as_statement;

/* Canonical JSON: keys in byte order, no white space, whole numbers alone, a newline at the
 * end. */
as_code as_statement_write(const as_statement *s, as_arena *a, as_str *out, as_err *e);
/* AS_EINPUT: not such a statement; `shown` is the file's name. */
as_code as_statement_read(as_statement *out, as_str text, const char *shown, as_arena *a,
                          as_err *e);
/* What the ledger keeps of it: digest of the statement, the signature, by whom. */
as_code as_sign_off_event(const as_statement *s, as_str statement, as_str signature,
                          as_arena *a, as_str *out, as_err *e);

/* ---- ssh.c: ssh-keygen, without a shell ---- */

/* Asks for a passphrase on the terminal where the key has one. AS_EIO: there is no ssh-keygen;
 * AS_EINPUT: it refused (its own words went to stderr). */
as_code as_ssh_sign(as_str message, const char *key, as_arena *a, as_str *signature, as_err *e);
/* *said is what ssh-keygen says of it. Keys that are not valid at this moment
 * (`valid-before=`) are not good. */
as_code as_ssh_verify(as_str message, as_str signature, const char *allowed, as_str who,
                      as_arena *a, bool *good, as_str *said, as_err *e);

/* ---- verify.c ---- */

typedef struct as_sign_off {
    const char *file;
    bool found; /* both files are there */
    bool read;  /* `statement` holds what was signed */
    as_str key; /* the signer's, as ssh-keygen names it: "ED25519 key SHA256:…" */
    as_statement statement;
    as_problems problems;
} as_sign_off;

/* Errors mean that it could not be checked at all; what is wrong with it is in its problems. */
as_code as_sign_off_check(as_sign_off *out, const char *file, const as_present *now,
                          as_arena *a, as_err *e);
/* The same of a statement and its signature at hand. */
as_code as_sign_off_check_text(as_sign_off *out, as_str statement, as_str signature,
                               const as_present *now, as_arena *a, as_err *e);

/* ---- page.c: for reading and printing, with the headings of a quality assurance log ---- */

as_code as_sign_page(const as_sign_off *s, bool html, as_buf *out, as_err *e);

#endif
