/* made_doc.h: a hand-made run for the tests of the ledger and of the reports: no engine behind
 * it. */
#ifndef MADE_DOC_H
#define MADE_DOC_H

#include "ledger/ledger.h"

#include <math.h>

#define S(text) AS_STR(text)

/* A release with two inputs and five rules: one fails, one reconciles with a gap, one passes,
 * one is empty, one is built in. Everything static: copy before changing. */
static as_doc_input made_inputs[] = {
    {.table = S("providers"),
     .file = S("extracts/providers.csv"),
     .digest = S("blake3:aa11"),
     .encoding = S("windows-1252"),
     .rows = 2145,
     .bytes = 400000,
     .banner_rows = 1,
     .blank_rows = 3,
     .header_row = 2},
    {.table = S("movements"),
     .file = S("extracts/movements.csv"),
     .digest = S("blake3:bb22"),
     .encoding = S("utf-8"),
     .rows = 382,
     .bytes = 30000,
     .header_row = 1},
};

static as_str made_group_field[] = {S("provision_type")};
static as_str made_group_closed[] = {S("Children's Home")};
static as_str made_group_gap[] = {S("Residential Holiday Scheme")};
static as_str made_cause_records[] = {S("1229765")};
static as_doc_cause made_causes[] = {
    {.kind = S("joiner_before_period"),
     .sentence = S("joined before the year, listed as a joiner"),
     .records = made_cause_records,
     .record_count = 1,
     .effect = -1},
};
static as_doc_term made_terms[] = {
    {.name = S("joined"), .label = S("joiners"), .value = 2, .sign = '+'},
    {.name = S("left"), .label = S("leavers"), .value = 1, .sign = '-'},
};
static as_doc_term made_closed_terms[] = {
    {.name = S("joined"), .label = S("joiners"), .value = 228, .sign = '+'},
    {.name = S("left"), .label = S("leavers"), .value = 154, .sign = '-'},
};
static as_doc_bridge made_bridges[] = {
    {.fields = made_group_field,
     .values = made_group_closed,
     .group_count = 1,
     .opening = 2071,
     .plus = 228,
     .minus = 154,
     .expected = 2145,
     .closing = 2145,
     .terms = made_closed_terms,
     .term_count = 2,
     .sentence = S("Children's Home: 2,071 + 228 - 154 = 2,145")},
    {.fields = made_group_field,
     .values = made_group_gap,
     .group_count = 1,
     .opening = 15,
     .plus = 2,
     .minus = 1,
     .expected = 16,
     .closing = 15,
     .residual = -1,
     .explained = -1,
     .terms = made_terms,
     .term_count = 2,
     .causes = made_causes,
     .cause_count = 1,
     .sentence = S("Residential Holiday Scheme: 15 + 2 - 1 = 16, published 15")},
};

static const as_doc_rule made_rules[] = {
    {.id = S("CSC-PLC-001"),
     .name = S("places-missing"),
     .title = S("Every provider of a type that has places has places above zero"),
     .kind = S("expect"),
     .severity = S("error"),
     .steward = S("registration"),
     .why = S("A null or zero count is replaced by an estimate in the published figures."),
     .source = S("methodology-report"),
     .table = S("providers"),
     .status = S("fail"),
     .blocking = true,
     .selected = 2071,
     .findings = 2,
     .undecided = 4},
    {.id = S("CSC-REC-001"),
     .name = S("providers-reconcile"),
     .title = S("Openings, joiners and leavers account for the providers at the close"),
     .kind = S("reconcile"),
     .severity = S("error"),
     .table = S("providers"),
     .status = S("fail"),
     .blocking = true,
     .selected = 2,
     .findings = 1,
     .bridge = made_bridges,
     .bridge_count = 2,
     .has_bridge = true},
    {.id = S("CSC-DUP-001"),
     .name = S("urn-twice"),
     .title = S("No provider is listed twice"),
     .kind = S("unique"),
     .severity = S("error"),
     .table = S("providers"),
     .status = S("pass"),
     .selected = 2145,
     .key_nulls = 1},
    {.id = S("CSC-JDG-004"),
     .name = S("judgement-term"),
     .title = S("Judgements are terms of their framework"),
     .kind = S("lookup"),
     .severity = S("warning"),
     .table = S("inspections"),
     .status = S("empty"),
     .note = S("no record was selected"),
     .blocking = true},
    {.id = S("providers.places.type"),
     .name = S("providers.places.type"),
     .title = S("places of providers is an integer"),
     .kind = S("type"),
     .severity = S("error"),
     .table = S("providers"),
     .status = S("pass"),
     .builtin = true,
     .selected = 2145},
};
enum { MADE_RULES = sizeof made_rules / sizeof *made_rules };

static as_doc_value made_values_a[] = {
    {S("provision_type"), S("Children's Home"), false, false},
    {S("places"), AS_NONE, true, false},
    {S("name"), S("Rose Cottage"), false, true},
};
static as_doc_value made_values_b[] = {
    {S("provision_type"), S("Boarding School"), false, false},
    {S("places"), S("0"), false, false},
    {S("name"), S("Oak House"), false, true},
};
static as_doc_record made_members[] = {
    {S("movements"), S("1229765"), S("extracts/movements.csv"), 17, 16},
    {S("movements"), S("1229766"), S("extracts/movements.csv"), 19, 18},
};

/* Two of three figures are told. */
static as_doc_move made_moves[] = {
    {.measure = S("schools"),
     .title = S("Providers by type"),
     .unit = S("providers"),
     .group = S("Boarding School"),
     .from = 2145,
     .to = 2144},
    {.measure = S("share"), .from = 50.5, .to = NAN},
};

static const as_doc_finding made_findings[] = {
    {.rule = S("CSC-PLC-001"),
     .severity = S("error"),
     .table = S("providers"),
     .key = S("SC001"),
     .file = S("extracts/providers.csv"),
     .field = S("places"),
     .expected = S("at least 1"),
     .message = S("SC001: Children's Home has no places"),
     .fingerprint = S("00112233445566778899aabbccddeeff"),
     .steward = S("registration"),
     .line = 12,
     .row = 10,
     .column = 7,
     .values = made_values_a,
     .value_count = 3},
    {.rule = S("CSC-PLC-001"),
     .severity = S("error"),
     .table = S("providers"),
     .key = S("SC002"),
     .file = S("extracts/providers.csv"),
     .field = S("places"),
     .expected = S("at least 1"),
     .message = S("SC002: Boarding School has 0 places"),
     .fingerprint = S("10112233445566778899aabbccddeeff"),
     .steward = S("registration"),
     .line = 40,
     .row = 38,
     .column = 7,
     .values = made_values_b,
     .value_count = 3,
     .moves = 3,
     .moved = made_moves,
     .moved_count = 2},
    {.rule = S("CSC-REC-001"),
     .severity = S("error"),
     .table = S("providers"),
     .key = S("Residential Holiday Scheme"),
     .expected = S("16"),
     .message = S("Residential Holiday Scheme: 15 + 2 - 1 = 16, published 15"),
     .fingerprint = S("20112233445566778899aabbccddeeff"),
     .records = made_members,
     .record_count = 2},
};
enum { MADE_FINDINGS = sizeof made_findings / sizeof *made_findings };

/* `rules` is the caller's copy: the ledger writes counts into it. */
static inline as_doc made_doc(as_doc_rule rules[MADE_RULES])
{
    memcpy(rules, made_rules, sizeof made_rules);
    return (as_doc){.assay = S("0.1.0"),
                    .release = S("Children's social care in England 2016 to 2017"),
                    .release_file = S("release.yaml"),
                    .produced_by = S("first.analyst@example.org"),
                    .as_at = S("2017-03-31"),
                    .run = S("3f9c2a7b41d0"),
                    .started = S("2017-04-28T09:00:00Z"),
                    .rules_sha256 = S("cc33"),
                    .verdict = S("incomplete"),
                    .exit_code = 3,
                    .inputs = made_inputs,
                    .input_count = 2,
                    .rules = rules,
                    .rule_count = MADE_RULES,
                    .findings = 3,
                    .blocking = 3};
}

#endif
