/* figures.c: the numbers in the commentary: sentences of a document bound to measures, and
 * every number that nothing verifies. The parts are in figures.h. */
#include "check/figures.h"

#include "check/by_group.h"
#include "check/evidence.h"

bool as_figures_tell(as_figures_run *r, as_figure_finding f)
{
    as_finding compact = {AS_NO_ROW, AS_NO_FIELD, AS_NO_ROW, (uint32_t)r->told_count};
    if (r->told_count == r->told_size) {
        size_t size = r->told_size ? 2 * r->told_size : 64;
        as_figure_finding *told = AS_NEW_N(r->arena, as_figure_finding, size);
        if (!told)
            return false;
        if (r->told_count)
            memcpy(told, r->told, r->told_count * sizeof *told);
        r->told = told;
        r->told_size = size;
    }
    r->told[r->told_count++] = f;
    return as_findings_add(&r->out->findings, compact);
}

static as_code find_document(const as_eval *ev, const as_bind *b, const as_figures_plan *p,
                             const as_document **out, as_err *e)
{
    *out = as_documents_find(ev->documents, p->document);
    if (*out)
        return AS_OK;
    return as_fail(e, AS_ERULE, b->rule->at,
                   "there is no document `%.*s`, which this rule needs: name its file under "
                   "`documents:` of the release, or say under `without:` why there is none",
                   AS_FMT(p->document));
}

static as_code read_text(as_figures_run *r, const as_document *d, as_err *e)
{
    const as_figures_plan *p = r->plan;
    as_code code = as_figure_text_make(&r->text, d, r->arena, e);
    if (code == AS_OK)
        code = as_figures_scan(&r->all, &r->text, r->arena, e);
    for (size_t i = 0; i < p->ignore_count && code == AS_OK; i++)
        code = as_figures_ignore(&r->all, &r->text, p->ignore[i], p->ignore_at[i], e);
    if (code == AS_OK && !(r->flags = AS_NEW_N(r->arena, uint8_t, r->all.count + 1)))
        code = as_fail_nomem(e);
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const as_figures_plan *p = plan_;
    as_figures_run *r = AS_NEW(ev->arena, as_figures_run);
    const as_document *d = NULL;
    if (!r)
        return as_fail_nomem(e);
    *r = (as_figures_run){.plan = p, .arena = ev->arena, .out = out};
    out->state = r;
    as_code code = find_document(ev, b, p, &d, e);
    if (code == AS_OK)
        code = read_text(r, d, e);
    if (code == AS_OK)
        code = as_expressions_eval(p->expressions, ev->tables, ev->pool, ev->arena, &r->results,
                                   e);
    for (size_t i = 0; i < p->item_count && code == AS_OK; i++) {
        r->muted = i >= p->foreign;
        code = as_figures_weigh(r, &p->items[i], e);
    }
    if (code == AS_OK && p->unverified != AS_REST_NONE)
        code = as_figures_rest(r, e);
    return code;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan,
                        const as_result *result, const as_finding *f, as_evidence *out,
                        as_err *e)
{
    const as_figures_run *r = result->state;
    const as_figure_finding *told = &r->told[f->detail];
    bool ok = true;
    (void)ev;
    (void)b;
    (void)plan;
    out->key = told->key;
    out->field = told->field;
    out->expected = told->expected;
    out->sentence = told->sentence;
    out->file = r->text.document->path;
    if (told->at != SIZE_MAX)
        as_figure_place(&r->text, told->at, &out->line, &out->column);
    as_evidence_extra(out, AS_STR("stated"), told->stated, !told->stated.ptr, false);
    if (told->has_measured)
        ok = as_extra_number(out, "measured", told->measured);
    else
        as_evidence_extra(out, AS_STR("measured"), AS_STR(""), true, false);
    return ok ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"document", "text", true, "The document of the release, by its name under `documents:`."},
    {"quotes", "list", false,
     "Sentences with `{}` where the numbers stand, and what the numbers must be."},
    {"quotes.*", "mapping", false, "One sentence, or several whose numbers belong together."},
    {"quotes.*.quote", "text or texts", true,
     "The sentence or sentences; `{a}` names a number, `{_}` is one that is not looked at."},
    {"quotes.*.equals", "text or list or mapping", false,
     "What the numbers must be: a formula for one `{}`, a list in order (`null` leaves one "
     "out), "
     "or `{name: formula}`."},
    {"quotes.*.equals.*", "value or mapping", false,
     "A formula, or a mapping with one of `formula`, `share_of` and `part`."},
    {"quotes.*.equals.*.formula", "text", false, "The formula."},
    {"quotes.*.equals.*.share_of", "text", false,
     "Some whole number of so many is this percentage."},
    {"quotes.*.equals.*.part", "text", false,
     "So many are this percentage of some whole number."},
    {"quotes.*.equals.*.group", "mapping", false, "The group for this number alone."},
    {"quotes.*.equals.*.group.*", "value", false, "The group's value of this field."},
    {"quotes.*.equals.*.is", "enum:equal|at_most|at_least|below|above", false,
     "For this number alone."},
    {"quotes.*.equals.*.tolerance", "number", false, "For this number alone."},
    {"quotes.*.holds", "text or texts", false,
     "Comparisons (`= != < <= > >=`) between numbers and measures: `a + b = c`."},
    {"quotes.*.group", "mapping", false, "Which group of a measure that has `by`."},
    {"quotes.*.group.*", "value", false, "The group's value of this field."},
    {"quotes.*.is", "enum:equal|at_most|at_least|below|above", false,
     "What the formula is to the number; `equal` where nothing is said."},
    {"quotes.*.tolerance", "number", false,
     "`1` or `0.5%`, instead of the precision with which the number is shown."},
    {"quotes.*.occurrence", "number", false,
     "Which place, from 1, where the sentence stands at several."},
    {"quotes.*.all", "boolean", false, "Every place where the sentence stands counts."},
    {"unverified", "enum:no|list|count", false,
     "`list`: a finding for every number that no rule on the document verifies; `count`: only "
     "how many there are. `no` where nothing is said."},
    {"ignore", "text or texts", false,
     "Regular expressions: a number within a match is no figure (a match lies on one line)."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_figures = {
    .name = "figures",
    .summary = "numbers in the commentary that differ from the measures they state, and "
               "numbers that nothing verifies",
    .detail =
        "Binds sentences of a document (plain text or Markdown, under `documents:` of the\n"
        "release) to measures. A quote is copied from the document with `{}` where a number\n"
        "stands; white space, typographic quotes and dashes, Markdown emphasis, links and\n"
        "footnote references make no difference, case does. It must be found exactly once,\n"
        "unless `occurrence: 2` says which or `all: true` says that every place counts.\n"
        "\n"
        "```yaml\n"
        "figures:\n"
        "  document: commentary\n"
        "  quotes:\n"
        "    - quote: \"there were {} active homes, {} more than last year ({})\"\n"
        "      equals: [homes, homes - homes_before, homes_before]\n"
        "    - quote: \"LAs ran {a}, or {b}%, of all homes\"\n"
        "      equals: {a: homes_by_sector, b: 100 * homes_by_sector / homes}\n"
        "      group: {sector: Local Authority}\n"
        "    - quote: \"{a} of {n} homes ({p}%) closed; {_} more may\"\n"
        "      holds: [\"100 * a / n = p\", \"a < n\"]\n"
        "```\n"
        "\n"
        "Formulas have measures, numbers and names of the same entry (words that no measure "
        "has). Instead of a formula a\n"
        "number may have `{share_of: 127}` (some whole number of 127 is this percentage) or\n"
        "`{part: 16}` (16 are this percentage of some whole number). `is: above` is for "
        "\"more\n"
        "than a third\", where the formula must be above the number.\n"
        "\n"
        "A number must equal its formula at the precision shown: `20%` is anything that "
        "rounds\n"
        "to 20, halves away from zero. Numbers may be in digits (`2,145`, `3.5`, `−2`) or "
        "words\n"
        "(`Thirty-seven`, `one hundred and twenty`). A fraction in words (`half`, `two "
        "thirds`)\n"
        "equals a share between 0 and 1 within 0.025. A name that stands at several places "
        "must\n"
        "be the same number everywhere.\n"
        "\n"
        "`unverified: list` gives a finding for every other number of the document and, as "
        "the\n"
        "rule's note, how many figures are verified of all; the quotes of every `figures` rule "
        "on\n"
        "the document count, and it is best a rule of its own at severity `info`. No figures "
        "are:\n"
        "dates, years (`2017`, `2016-17`), numbers behind a label (`Chart 3`, `[p.4]`, `[3: "
        "…]`),\n"
        "list numbers, codes (`SC049`), web addresses, ordinals, the word \"one\" by itself, "
        "and\n"
        "what a pattern of `ignore` matches. They are counted by sort, and a quote may bind "
        "them\n"
        "all the same.\n",
    .level = AS_LEVEL_FIGURE,
    .needs_table = false,
    .params = params,
    .example =
        "measures:\n"
        "  ex_homes: {count: providers, where: {registration_status: Active}}\n"
        "  ex_by_sector: {count: providers, where: {registration_status: Active}, by: "
        "[sector]}\n"
        "rules:\n"
        "  - id: EX-FIG-001\n"
        "    name: commentary\n"
        "    title: The commentary says what the records give\n"
        "    why: Readers quote the sentence, not the table.\n"
        "    figures:\n"
        "      document: commentary\n"
        "      quotes:\n"
        "        - quote: \"there were {} homes, of which local authorities ran {} ({}%)\"\n"
        "          equals: [ex_homes, ex_by_sector, 100 * ex_by_sector / ex_homes]\n"
        "          group: {sector: Local Authority}\n"
        "    flags:\n"
        "      - documents: {commentary: \"Then there were 3 homes, of which local authorities "
        "ran one (50%).\"}\n"
        "        tables:\n"
        "          providers:\n"
        "            - {urn: A1, sector: Local Authority, registration_status: Active}\n"
        "            - {urn: A2, sector: Private, registration_status: Active}\n"
        "            - {urn: A3, sector: Private, registration_status: Active}\n"
        "      - documents: {commentary: \"At the end there were three homes.\"}\n"
        "        tables: {providers: []}\n"
        "    passes:\n"
        "      - documents:\n"
        "          commentary: \"Then there were **three** homes, of which local authorities "
        "ran 1 (33%).\"\n"
        "        tables:\n"
        "          providers:\n"
        "            - {urn: A1, sector: Local Authority, registration_status: Active}\n"
        "            - {urn: A2, sector: Private, registration_status: Active}\n"
        "            - {urn: A3, sector: Private, registration_status: Active}\n"
        "            - {urn: A4, sector: Private, registration_status: Resigned}\n"
        "  - id: EX-FIG-002\n"
        "    name: unverified\n"
        "    title: Every figure of the commentary is verified\n"
        "    why: A number that nobody has looked at is the one that is wrong.\n"
        "    severity: info\n"
        "    figures: {document: commentary, unverified: list, ignore: [\"helpline [0-9]+\"]}\n"
        "    flags:\n"
        "      - documents: {commentary: \"As at 31 March 2017 some 12 homes were empty.\"}\n"
        "    passes:\n"
        "      - documents:\n"
        "          commentary: >-\n"
        "            Then there were 2 homes, of which local authorities ran one (50%): see "
        "Chart 3,\n"
        "            or call the helpline 1234.\n"
        "        tables:\n"
        "          providers:\n"
        "            - {urn: A1, sector: Local Authority, registration_status: Active}\n"
        "            - {urn: A2, sector: Private, registration_status: Active}\n",
    .bind = as_figures_bind,
    .eval = eval,
    .describe = describe,
};
