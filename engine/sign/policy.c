/* policy.c: who may sign a release off, as release.yaml says, and where sign-offs lie. */
#include "base/limits.h"
#include "base/text.h"
#include "reports/text.h"
#include "rules/files.h"
#include "sign/sign.h"

void as_problem(as_problems *p, const char *fmt, ...)
{
    as_buf text = AS_BUF(AS_KIB * 64);
    va_list ap;
    va_start(ap, fmt);
    as_buf_addv(&text, fmt, ap);
    va_end(ap);
    as_buf shown = AS_BUF(AS_KIB * 256);
    as_text_visible(&shown, as_buf_str(&text),
                    true); /* statements are read before they are trusted */
    bool whole = !text.failed && !shown.failed;
    as_str sentence = whole ? as_arena_str(p->arena, as_buf_str(&shown)) : AS_NONE;
    as_buf_free(&text);
    as_buf_free(&shown);
    if ((p->count & (p->count - 1)) == 0) { /* full at each power of two */
        as_str *more = AS_NEW_N(p->arena, as_str, p->count ? p->count * 2 : 1);
        if (more && p->count) {
            memcpy(more, p->items, p->count * sizeof *more);
        }
        p->items = more;
    }
    if (!p->items || !sentence.ptr) {
        p->nomem = true;
        p->count = 0;
        return;
    }
    p->items[p->count++] = sentence;
}

static as_code read_roles(as_sign_policy *out, const as_node *roles, as_arena *a, as_err *e)
{
    out->roles = AS_NEW_N(a, as_sign_role, roles->count + 1);
    for (size_t i = 0; out->roles && i < roles->count; i++) {
        const as_node *names = roles->pairs[i].value;
        as_sign_role *r = &out->roles[out->role_count++];
        r->name = roles->pairs[i].key->text;
        r->who = AS_NEW_N(a, as_str, names->count + 1);
        if (!r->who) {
            return as_fail_nomem(e);
        }
        if (names->kind == AS_NODE_SCALAR) {
            r->who[r->who_count++] = names->text;
        }
        for (size_t k = 0; names->kind == AS_NODE_SEQ && k < names->count; k++) {
            r->who[r->who_count++] = names->items[k]->text;
        }
    }
    return out->roles ? AS_OK : as_fail_nomem(e);
}

as_code as_sign_policy_read(as_sign_policy *out, const as_project *p, as_arena *a, as_err *e)
{
    const as_node *n = p->sign_off, *roles = as_node_get(n, "roles"),
                  *signers = as_node_get(n, "allowed_signers");
    as_span at = n ? n->at : (as_span){p->path.ptr, 0, 0};
    *out = (as_sign_policy){.produced_by = p->produced_by};
    if (!n || !roles || roles->count == 0 || !signers || !signers->text.len) {
        return as_fail(e, AS_ERULE, at,
                       "the release does not say who may sign it off; write `sign_off: "
                       "{required: true, allowed_signers: FILE, roles: {assurer: [WHO]}}`");
    }
    if (!as_str_trim(p->produced_by).len) {
        return as_fail(e, AS_ERULE, at,
                       "the release does not say who produced the figures, so nobody else can "
                       "be told from them; write `produced_by: WHO`");
    }
    const as_node *required = as_node_get(n, "required");
    if (required) {
        as_node_bool(required, &out->required);
    }
    out->allowed_signers = as_path_join(a, p->folder, signers->text);
    return out->allowed_signers.ptr ? read_roles(out, roles, a, e) : as_fail_nomem(e);
}

const as_sign_role *as_sign_role_find(const as_sign_policy *p, as_str name)
{
    for (size_t i = 0; i < p->role_count; i++) {
        if (as_str_eq(p->roles[i].name, name)) {
            return &p->roles[i];
        }
    }
    return NULL;
}

bool as_sign_role_has(const as_sign_role *r, as_str who)
{
    for (size_t i = 0; r && i < r->who_count; i++) {
        if (as_str_eq(r->who[i], who)) {
            return true;
        }
    }
    return false;
}

/* Folded, and all white space left out. Without memory they are taken for the same, which lets
 * nobody sign. */
static bool same_person(as_str x, as_str y)
{
    as_buf texts[2] = {AS_BUF(AS_KIB * 64), AS_BUF(AS_KIB * 64)};
    const as_str names[2] = {x, y};
    for (int i = 0; i < 2; i++) {
        as_text_fold(&texts[i], names[i]);
        size_t kept = 0;
        for (size_t k = 0; k < texts[i].len; k++) {
            if (texts[i].ptr[k] != ' ') {
                texts[i].ptr[kept++] = texts[i].ptr[k];
            }
        }
        texts[i].len = kept;
    }
    bool same = texts[0].failed || texts[1].failed ||
                as_str_eq(as_buf_str(&texts[0]), as_buf_str(&texts[1]));
    as_buf_free(&texts[0]);
    as_buf_free(&texts[1]);
    return same;
}

bool as_sign_is_producer(const as_sign_policy *p, as_str who)
{
    return same_person(p->produced_by, who);
}

static void add_safe(as_buf *out, as_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || c == '@' || c == '+' || c == '-' || c == '_' ||
                    (c == '.' && i > 0);
        as_buf_addc(out, safe ? c : '_');
    }
}

as_str as_sign_off_path(const as_project *p, as_arena *a, as_str role, as_str who)
{
    as_buf name = AS_BUF(AS_KIB * 64);
    as_buf_add(&name, AS_STR("sign-off/"));
    add_safe(&name, role);
    as_buf_addc(&name, '.');
    add_safe(&name, who);
    as_buf_add(&name, AS_STR(".json"));
    as_str path = name.failed ? AS_NONE : as_path_join(a, p->folder, as_buf_str(&name));
    as_buf_free(&name);
    return path;
}
