/* Lua predicates: results, typed values, null, declared fields, groups, dates, parameters, the
 * helpers; where an error is told. Dates and distances are computed by hand. */
#include "lua_fixture.h"

static fixture f;

static int setup(void **state)
{
    (void)state;
    static const as_lua_param params[] = {
        {{"as_at", 5}, {"2017-03-31", 10}}, {{"days", 4}, {"90", 2}},
        {{"rate", 4}, {"0.5", 3}},          {{"prefix", 6}, {"SC", 2}},
        {{"exponent", 8}, {"1e5", 3}},      {{"empty", 5}, {"", 0}}};
    as_lua_setup s = {.params = params, .param_count = 6};
    f = fixture_with(&s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static void test_results(void **state)
{
    (void)state;
    says(&f, 0, "return true", AS_TRUE, "");
    says(&f, 0, "return false", AS_FALSE, "");
    says(&f, 0, "return 'too few'", AS_FALSE, "too few");
    says(&f, 0, "return ''", AS_FALSE, "");
    says(&f, 0, "return false, 'why'", AS_FALSE, "why");
    says(&f, 0, "return nil", AS_UNDECIDED, "");
    says(&f, 0, "", AS_UNDECIDED, "");
    says(&f, 0, "local x = 1", AS_UNDECIDED, "");
    says(&f, 0, "return true, nil", AS_TRUE, "");
    fails(&f, 0, "return 7", AS_ESCRIPT, 12,
          "CSC-1: returned a number; a predicate returns true, false, a sentence or nil");
    fails(&f, 0, "return {}", AS_ESCRIPT, 12, "returned a table");
    fails(&f, 0, "return r", AS_ESCRIPT, 12, "returned a record");
    fails(&f, 0, "return r.opened", AS_ESCRIPT, 12, "returned a date");
    fails(&f, 0, "return print_", AS_ESCRIPT, 12, "nothing called 'print_'");
    fails(&f, 0, "return true, 'x'", AS_ESCRIPT, 12, "second value");
    fails(&f, 0, "return nil, 'x'", AS_ESCRIPT, 12, "second value");
    fails(&f, 0, "return 'a', 'b'", AS_ESCRIPT, 12, "second value");
    fails(&f, 0, "return false, 'a', 3", AS_ESCRIPT, 12, "returned 3 values");
}

static void test_sentence(void **state)
{
    (void)state;
    as_truth truth;
    says(&f, 0, "return 'caf\xC3\xA9'", AS_FALSE, "caf\xC3\xA9");
    /* Half a character becomes U+FFFD: reports are UTF-8. */
    says(&f, 0, "return ('caf\xC3\xA9'):sub(1, 4) .. 'x'", AS_FALSE, "caf\xEF\xBF\xBDx");
    says(&f, 0, "return '\\255\\255'", AS_FALSE, "\xEF\xBF\xBD\xEF\xBF\xBD");
    /* 4096 bytes fit; what is longer says that it was cut, at a character. */
    assert_int_equal(call_text(&f, 0, AS_STR("return ('x'):rep(4096)"), &truth), AS_OK);
    assert_int_equal(f.why.len, 4096);
    assert_int_equal(call_text(&f, 0, AS_STR("return ('\xC3\xA9'):rep(3000)"), &truth), AS_OK);
    assert_true(f.why.len <= 4096 && f.why.len > 4080);
    assert_string_equal(f.why.ptr + f.why.len - 8, "\xC3\xA9 [\xE2\x80\xA6]");
}

static void test_types(void **state)
{
    (void)state;
    holds(&f, "r.owner == 'Somerset County Council'");
    holds(&f, "math.type(r.places) == 'integer' and r.places == 4");
    holds(&f, "math.type(r.score) == 'float' and r.score == 2.5");
    holds(&f, "type(r.opened) == 'userdata' and tostring(r.opened) == '2016-02-29'");
    holds(&f, "r.closed == nil");
    says(&f, 1,
         "return r.urn == 'A2' and r.owner == nil and r.places == nil and r.score == nil "
         "and r.opened == nil",
         AS_TRUE, "");
    says(&f, 2, "return r.places == 0 and r.score == -1.0", AS_TRUE, "");
    holds(&f, "tostring(r) == 'record' and tostring({}) == 'table'");
    holds(&f, "r == r and tostring(nil) == 'nil' and tostring(1.5) == '1.5'");
    fails(&f, 1, "return r.places > 3", AS_ESCRIPT, 12, "attempt to compare number with nil");
    fails(&f, 1, "return r.owner:find('x')", AS_ESCRIPT, 12, "attempt to index a nil value");
}

/* Text in every layout, and a column that is not in the file. */
static void test_layouts(void **state)
{
    (void)state;
    static const char chunk[] =
        "return (r.urn or '-') .. (r.owner or '-') .. tostring(r.places)";
    fixture x = fixture_open();
    relayout(x.arena, x.table, 0, AS_LAYOUT_PACK8, 0);
    relayout(x.arena, x.table, 1, AS_LAYOUT_SLICE, 0);
    says(&x, 0, chunk, AS_FALSE, "A1Somerset County Council4");
    says(&x, 1, chunk, AS_FALSE, "A2-nil");
    x.table->columns[1].layout = AS_LAYOUT_ABSENT;
    says(&x, 0, chunk, AS_FALSE, "A1-4");
    x.table->columns[1].layout = AS_LAYOUT_SLICE;
    fixture_close(&x);
}

static void test_reads(void **state)
{
    (void)state;
    fails(&f, 0, "return r.secret == 'x'", AS_ESCRIPT, 12,
          "reads secret, which its `reads` does not name");
    fails(&f, 0, "return r.ownr == 'x'", AS_ESCRIPT, 12,
          "providers has no field 'ownr'; did you mean owner?");
    fails(&f, 0, "return r.xyzzy", AS_ESCRIPT, 12, "providers has no field 'xyzzy'");
    fails(&f, 0, "return r[1]", AS_ESCRIPT, 12, "read by name");
    fails(&f, 0, "r.owner = 'x'", AS_ESCRIPT, 12, "owner is read-only");
    fails(&f, 0, "for k in pairs(r) do end", AS_ESCRIPT, 12, "a record has no list of fields");
    fails(&f, 0, "return owner == 'x'", AS_ESCRIPT, 12, "the field is r.owner");
    fails(&f, 0, "return g[1]", AS_ESCRIPT, 12, "rules with `per`");
}

/* An error's words show no sensitive value, whichever way the chunk got it in. */
static void test_masked_errors(void **state)
{
    (void)state;
    fixture x = fixture_open();
    as_truth truth;
    static const uint32_t rows[] = {0, 2};
    as_table *odd = table_of(x.schema, "A1|two\tpart name|||||||\n");
    x.schema->fields[1].sensitive = x.schema->fields[3].sensitive = true;
    fails(&x, 0, "error('bad: ' .. r.owner .. '/' .. r.owner)", AS_ESCRIPT, 12,
          "CSC-1: bad: (masked)/(masked)");
    fails(&x, 0, "error(r.owner)", AS_ESCRIPT, 12, "CSC-1: (masked)");
    fails(&x, 0, "error('n = ' .. r.places)", AS_ESCRIPT, 12, "n = (masked)");
    fails(&x, 0, "return assay.date(r.owner)", AS_ESCRIPT, 12, "'(masked)' is no date");
    fails(&x, 0, "return ('x'):find(r.owner .. '[')", AS_ESCRIPT, 12, "\"(masked)[\"");
    fails(&x, 1, "error('nothing to mask')", AS_ESCRIPT, 12, "CSC-1: nothing to mask");
    fails(&x, 0, "error(('-'):rep(1000) .. r.owner)", AS_ESCRIPT, 12,
          "may hold sensitive values");
    assert_null(strstr(x.err.text, "Somer"));
    fails(&x, 0, "error((r.owner .. '\\n'):rep(20))", AS_ESCRIPT, 12, "(masked) (masked)");
    assert_int_equal(group_text(&x, rows, 2, "error(g[1].owner .. '+' .. g[2].owner)", &truth),
                     AS_ESCRIPT);
    assert_string_equal(x.err.text, "CSC-1: (masked)+(masked)");
    as_table_close(x.table);
    x.table = odd;
    assert_int_equal(call_text(&x, 0, AS_STR("error('<' .. r.owner .. '>')"), &truth),
                     AS_ESCRIPT);
    assert_string_equal(x.err.text, "CSC-1: <(masked)>");
    fixture_close(&x);
}

static void test_places_of_errors(void **state)
{
    (void)state;
    fails(&f, 0, "local a = 1\nlocal b = nil\nreturn a < b", AS_ESCRIPT, 14, "compare number");
    fails(&f, 0, "\n\nerror('no such thing')", AS_ESCRIPT, 14, "CSC-1: no such thing");
    fails(&f, 0, "\nerror('plain', 0)", AS_ESCRIPT, 13, "plain");
    fails(&f, 0, "local function f()\n error('below', 2)\nend\nf()", AS_ESCRIPT, 15, "below");
    fails(&f, 0, "\nassert(r.places == 5, 'not five')", AS_ESCRIPT, 13, "not five");
    fails(&f, 0, "\nassert(false)", AS_ESCRIPT, 13, "assertion failed!");
    fails(&f, 0, "\nerror()", AS_ESCRIPT, 13, "without a sentence");
    fails(&f, 0, "\nerror({})", AS_ESCRIPT, 13, "no sentence");
    fails(&f, 0, "\nerror(42)", AS_ESCRIPT, 13, "no sentence");
    fails(&f, 0, "local x = 1\nreturn x ==", AS_ESCRIPT, 13, "unexpected symbol near <eof>");
    fails(&f, 0, "if r.places then\n\n\nreturn true", AS_ESCRIPT, 15, "'end' expected");
    fails(&f, 0, "local s = 'open\nreturn s", AS_ESCRIPT, 12, "unfinished string");
    fails(&f, 0, "\r\n\r\nerror('windows')", AS_ESCRIPT, 14, "windows");
    fails(&f, 0, "\nerror('a\\27[31m\\255b\\n\xC3\xA9')", AS_ESCRIPT, 13, "a [31m?b \xC3\xA9");
    fails(&f, 0, "\nerror(('x'):rep(1e6))", AS_ESCRIPT, 13, "CSC-1: xxxx");
    fails(&f, 0, "\nreturn assay.fold(nil)", AS_ESCRIPT, 13, "string expected, got nil");
    fails(&f, 0, "\nlocal t = table.concat(5)", AS_ESCRIPT, 13, "table expected, got number");
    fails(&f, 0, "\nlocal t = {3, 'a'}\ntable.sort(t)", AS_ESCRIPT, 14, "compare");
}

static void test_groups(void **state)
{
    (void)state;
    static const uint32_t rows[] = {2, 0, 1};
    static const struct {
        const char *chunk;
        as_truth truth;
        uint32_t which;
        const char *why;
    } cases[] = {
        {"return true", AS_TRUE, AS_NO_ROW, ""},
        {"return false", AS_FALSE, AS_NO_ROW, ""},
        {"return 'all of them'", AS_FALSE, AS_NO_ROW, "all of them"},
        {"return nil", AS_UNDECIDED, AS_NO_ROW, ""},
        {"return 1, 'first'", AS_FALSE, 2, "first"},
        {"return 2", AS_FALSE, 0, ""},
        {"return 3.0, nil", AS_FALSE, 1, ""},
        {"return #g == 3 and g[1].urn == 'A3' and g[2].urn == 'A1' and g[3].urn == 'A2'",
         AS_TRUE, AS_NO_ROW, ""},
        {"return g[4] == nil and g[0] == nil and g[-1] == nil", AS_TRUE, AS_NO_ROW, ""},
        {"return g[1] == g[1] and g[1] ~= g[2]", AS_TRUE, AS_NO_ROW, ""},
        {"local s = '' for i, x in ipairs(g) do s = s .. i .. x.urn end return s", AS_FALSE,
         AS_NO_ROW, "1A32A13A2"},
        {"local s = '' for i, x in pairs(g) do s = s .. i .. x.urn end return s", AS_FALSE,
         AS_NO_ROW, "1A32A13A2"},
        {"for i = 2, #g do if g[i].opened and g[i - 1].opened and g[i].opened < g[i - "
         "1].opened "
         "then return i, g[i].urn .. ' opened before ' .. g[i - 1].urn end end return true",
         AS_FALSE, 0, "A1 opened before A3"},
    };
    as_truth truth;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        as_code code = group_text(&f, rows, 3, cases[i].chunk, &truth);
        if (code != AS_OK || truth != cases[i].truth || f.which != cases[i].which)
            fail_msg("%s: code %d truth %d which %u %s", cases[i].chunk, (int)code, (int)truth,
                     f.which, f.err.text);
        assert_string_equal(f.why.ptr ? f.why.ptr : "", cases[i].why);
    }
    static const struct {
        const char *chunk, *part;
    } wrong[] = {
        {"return 4", "returned record 4 of a group of 3"},
        {"return 0", "returned record 0"},
        {"return 1.5", "returned record 1.5"},
        {"return {}", "or the number of a record and a sentence"},
        {"return 1, 2", "second value"},
        {"return g.urn", "g[1].field"},
        {"g[1] = g[2]", "read-only"},
        {"table.insert(g, g[1])", "read-only"},
        {"return r.urn", "with `per`"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        as_code code = group_text(&f, rows, 3, wrong[i].chunk, &truth);
        expect_error(&f, code, AS_ESCRIPT, 12, wrong[i].part, __FILE__, __LINE__);
        assert_int_equal(f.which, AS_NO_ROW);
    }
    assert_int_equal(group_text(&f, rows, 0, "return #g == 0 and g[1] == nil", &truth), AS_OK);
    assert_int_equal(truth, AS_TRUE);
}

/* One handle, many calls, in both forms. */
static void test_handles(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0};
    as_predicate p = predicate_of(&f, AS_STR("return r.places ~= nil and r.places > 0"));
    int first = -1, second = -1;
    as_truth truth;
    assert_int_equal(as_lua_compile(f.lua, &p, &first, &f.err), AS_OK);
    p.chunk = AS_STR("return g and #g == 1 or r.urn == 'A1'");
    assert_int_equal(as_lua_compile(f.lua, &p, &second, &f.err), AS_OK);
    assert_int_not_equal(first, second);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(as_lua_call(f.lua, first, f.table, 0, &truth, &f.why, &f.err), AS_OK);
        assert_int_equal(truth, AS_TRUE);
        assert_int_equal(as_lua_call(f.lua, first, f.table, 1, &truth, NULL, NULL), AS_OK);
        assert_int_equal(truth, AS_FALSE);
        assert_int_equal(as_lua_call_group(f.lua, second, f.table, rows, 1, &truth, &f.which,
                                           &f.why, &f.err),
                         AS_OK);
        assert_int_equal(truth, AS_TRUE);
    }
    static const char both[] = "local n = 0 for k in pairs(_ENV) do n = n + 1 "
                               "if k == 'r' then return r.urn end return #g .. g[1].urn end";
    static const uint32_t two[] = {2, 1};
    p.chunk = as_str_from(both);
    assert_int_equal(as_lua_compile(f.lua, &p, &first, &f.err), AS_OK);
    for (int i = 0; i < 3; i++) { /* the forms in turn */
        assert_int_equal(as_lua_call(f.lua, first, f.table, 2, &truth, &f.why, &f.err), AS_OK);
        assert_string_equal(f.why.ptr, "A3");
        assert_int_equal(as_lua_call(f.lua, first, f.table, 0, &truth, &f.why, &f.err), AS_OK);
        assert_string_equal(f.why.ptr, "A1");
        assert_int_equal(
            as_lua_call_group(f.lua, first, f.table, two, 2, &truth, &f.which, &f.why, &f.err),
            AS_OK);
        assert_string_equal(f.why.ptr, "2A3");
    }
    assert_int_equal(as_lua_call(f.lua, 100000, f.table, 0, &truth, &f.why, &f.err),
                     AS_ESCRIPT);
    assert_int_equal(as_lua_call(f.lua, -1, f.table, 0, &truth, &f.why, NULL), AS_ESCRIPT);
    uint32_t wild[] = {8};
    p.reads = wild;
    p.read_count = 1;
    assert_int_equal(as_lua_compile(f.lua, &p, &first, &f.err), AS_ERULE);
    as_schema *other = schema_of(f.arena, "places", "urn:text:key places:integer");
    as_table *t = table_of(other, "A1|4\n");
    assert_int_equal(as_lua_call(f.lua, second, t, 0, &truth, &f.why, &f.err), AS_ERULE);
    as_table_close(t);
}

static void test_params(void **state)
{
    (void)state;
    holds(&f, "p.as_at == assay.date(2017, 3, 31)");
    holds(&f, "p.days == 90 and math.type(p.days) == 'integer'");
    holds(&f, "p.rate == 0.5 and p.prefix == 'SC' and p.exponent == '1e5' and p.empty == ''");
    says(&f, 0, "local s = '' for k in pairs(p) do s = s .. k .. ' ' end return s", AS_FALSE,
         "as_at days empty exponent prefix rate ");
    fails(&f, 0, "return p.day", AS_ESCRIPT, 12, "no parameter 'day'; did you mean days?");
    fails(&f, 0, "return p.nothing_like_it", AS_ESCRIPT, 12, "no parameter 'nothing_like_it'");
    fails(&f, 0, "p.days = 1", AS_ESCRIPT, 12, "days is read-only");
}

static void test_dates(void **state)
{
    (void)state;
    /* 29 February 2016; 2016 has 366 days, 2017 has 365. */
    holds(&f, "tostring(r.opened + 1) == '2016-03-01'");
    holds(&f, "tostring(1 + r.opened) == '2016-03-01'");
    holds(&f, "tostring(r.opened - 1) == '2016-02-28'");
    holds(&f, "p.as_at - r.opened == 396"); /* 365 to 28 February 2017, and 31 */
    holds(&f, "math.type(p.as_at - r.opened) == 'integer' and r.opened - p.as_at == -396");
    holds(&f, "assay.date '2016-03-01' - assay.date '2016-02-28' == 2");
    holds(&f, "assay.date '2017-03-01' - assay.date '2017-02-28' == 1");
    holds(&f, "assay.date '2000-03-01' - assay.date '2000-02-28' == 2");
    holds(&f, "assay.date '1900-03-01' - assay.date '1900-02-28' == 1");
    holds(&f, "r.opened < p.as_at and p.as_at > r.opened and r.opened <= r.opened");
    holds(&f, "not (r.opened >= p.as_at) and r.opened ~= p.as_at");
    holds(&f, "r.opened == assay.date(2016, 2, 29) and r.opened + 0 == r.opened");
    holds(&f, "r.opened + 2.0 == assay.date(2016, 3, 2)");
    holds(&f, "({[r.opened] = 1})[assay.date '2016-02-29'] == 1"); /* as a key */
    holds(&f, "r.opened.year == 2016 and r.opened.month == 2 and r.opened.day == 29");
    holds(&f, "'on ' .. r.opened .. '.' == 'on 2016-02-29.'");
    holds(&f, "('%s'):format(r.opened) == '2016-02-29'");
    holds(&f, "tostring(assay.date(2017, 1, 31):add_months(1)) == '2017-02-28'");
    holds(&f, "tostring(assay.date(2016, 1, 31):add_months(1)) == '2016-02-29'");
    holds(&f, "tostring(assay.date(2016, 12, 31):add_months(2)) == '2017-02-28'");
    holds(&f, "tostring(assay.date(2017, 3, 31):add_months(-1)) == '2017-02-28'");
    holds(&f, "tostring(assay.date(2017, 1, 15):add_months(-13)) == '2015-12-15'");
    holds(&f, "tostring(r.opened:add_years(1)) == '2017-02-28'");
    holds(&f, "tostring(r.opened:add_years(4)) == '2020-02-29'");
    holds(&f, "tostring(r.opened:add_years(-116)) == '1900-02-28'");
    holds(&f, "assay.date(r.opened) == r.opened");
    holds(&f, "r.opened ~= '2016-02-29'"); /* == between a date and text is false: documented */
    holds(&f, "tostring(assay.date(1, 1, 1)) == '0001-01-01'");
    holds(&f, "tostring(assay.date(9999, 12, 31)) == '9999-12-31'");
}

static void test_wrong_dates(void **state)
{
    (void)state;
    fails(&f, 0, "return assay.date '2017-02-29'", AS_ESCRIPT, 12, "no date of the form");
    fails(&f, 0, "return assay.date '31/03/2017'", AS_ESCRIPT, 12, "no date of the form");
    fails(&f, 0, "return assay.date(2017, 2, 29)", AS_ESCRIPT, 12, "no such day");
    fails(&f, 0, "return assay.date(2017, 13, 1)", AS_ESCRIPT, 12, "no such day");
    fails(&f, 0, "return assay.date(1e18 // 1 | 0, 1, 1)", AS_ESCRIPT, 12, "no such day");
    fails(&f, 0, "return assay.date(9999, 12, 31) + 1 > p.as_at", AS_ESCRIPT, 12, "1 to 9999");
    fails(&f, 0, "return assay.date(1, 1, 1) - 1 > p.as_at", AS_ESCRIPT, 12, "1 to 9999");
    fails(&f, 0, "return p.as_at + math.maxinteger", AS_ESCRIPT, 12, "1 to 9999");
    fails(&f, 0, "return p.as_at - math.mininteger", AS_ESCRIPT, 12, "1 to 9999");
    fails(&f, 0, "return p.as_at:add_years(math.maxinteger)", AS_ESCRIPT, 12, "1 to 9999");
    fails(&f, 0, "return p.as_at:add_years(8000)", AS_ESCRIPT, 12, "1 to 9999");
    fails(&f, 0, "return p.as_at + 1.5", AS_ESCRIPT, 12,
          "whole number of days, not a fraction");
    fails(&f, 0, "return p.as_at + '1'", AS_ESCRIPT, 12, "whole number of days, not string");
    fails(&f, 0, "return p.as_at + p.as_at", AS_ESCRIPT, 12, "whole number of days");
    fails(&f, 0, "return 5 - p.as_at", AS_ESCRIPT, 12, "taken from a number");
    fails(&f, 0, "return r.closed < p.as_at", AS_ESCRIPT, 12, "nil: the field is null");
    fails(&f, 0, "return p.as_at - r.closed > 3", AS_ESCRIPT, 12, "nil: the field is null");
    fails(&f, 0, "return p.as_at > '2017-01-01'", AS_ESCRIPT, 12, "compared with text");
    fails(&f, 0, "return p.as_at > 2017", AS_ESCRIPT, 12, "compared with a number");
    fails(&f, 0, "return p.as_at.weekday", AS_ESCRIPT, 12, "no 'weekday'");
    fails(&f, 0, "p.as_at.day = 1", AS_ESCRIPT, 12, "read-only");
    fails(&f, 0, "return p.as_at.add_months(1)", AS_ESCRIPT, 12, "d:add_months(1)");
    fails(&f, 0, "return 'x' .. {} .. p.as_at", AS_ESCRIPT, 12, "joined with a table");
}

static void test_helpers(void **state)
{
    (void)state;
    holds(&f, "assay.fold('  Children\xE2\x80\x99s\\n  HOME ') == \"children's home\"");
    holds(&f, "assay.fold('') == ''");
    says(&f, 2, "return assay.fold(r.owner) == \"caf\xC3\xA9 'oak'\"", AS_TRUE, "");
    holds(&f, "assay.contains(r.owner, 'county  COUNCIL')");
    holds(&f, "not assay.contains(r.owner, 'borough') and assay.contains(r.owner, '')");
    holds(&f, "assay.contains('50% (net)', '% (')"); /* no pattern */
    holds(&f, "assay.starts(r.owner, 'SOMERSET') and not assay.starts(r.owner, 'county')");
    /* kitten → sitting: two substitutions and an insertion */
    holds(&f, "assay.distance('kitten', 'sitting') == 3");
    holds(&f, "assay.distance('kitten', 'sitting', 3) == 3");
    holds(&f, "assay.distance('kitten', 'sitting', 2) == 3");
    holds(&f, "assay.distance('kitten', 'sitting', 1) == 2"); /* above max: max + 1 */
    holds(&f, "assay.distance('', 'abc') == 3 and assay.distance('ab', 'ba') == 1");
    holds(&f, "assay.distance('abc', 'abc', 0) == 0 and assay.distance('abc', 'abd', 0) == 1");
    holds(&f, "assay.distance(('a'):rep(600), ('b'):rep(600)) == 600");
    holds(&f, "assay.distance(('a'):rep(600), ('b'):rep(600), 5) == 6");
    holds(&f, "assay.thousands(2071) == '2,071' and assay.thousands(-1000000) == '-1,000,000'");
    holds(&f, "assay.thousands(12.0) == '12'");
    fails(&f, 0, "return assay.thousands(1.5)", AS_ESCRIPT, 12, "integer representation");
    fails(&f, 0, "return assay.distance('a', 'b', -1)", AS_ESCRIPT, 12, "at least 0");
    fails(&f, 0, "return assay.distance(('a'):rep(4097), 'b')", AS_EBUDGET, 12, "4096 bytes");
    fails(&f, 0, "return assay.fold(('x'):rep(1048577))", AS_EBUDGET, 12, "at most 1024 KiB");
    fails(&f, 0, "return assay.fould('x')", AS_ESCRIPT, 12,
          "assay has no 'fould'; it has contains, date, distance, fold, module, starts, "
          "thousands");
}

/* The worked example of the design. */
static void test_example(void **state)
{
    (void)state;
    static const char chunk[] =
        "local owner = assay.fold(r.owner or \"\")\n"
        "if owner:find(\"council\", 1, true) and r.sector ~= \"Local Authority\" then\n"
        "  return (\"owner %q reads like a local authority\"):format(r.owner)\n"
        "end\n"
        "return true\n";
    says(&f, 0, chunk, AS_FALSE,
         "owner \"Somerset County Council\" reads like a local authority");
    says(&f, 1, chunk, AS_TRUE, "");
    says(&f, 2, chunk, AS_TRUE, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results), cmocka_unit_test(test_sentence),
        cmocka_unit_test(test_types),   cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_reads),   cmocka_unit_test(test_masked_errors),
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_places_of_errors),
        cmocka_unit_test(test_handles), cmocka_unit_test(test_params),
        cmocka_unit_test(test_dates),   cmocka_unit_test(test_wrong_dates),
        cmocka_unit_test(test_helpers), cmocka_unit_test(test_example),
    };
    return cmocka_run_group_tests_name("lua predicates", tests, setup, teardown);
}
