-- junit.lua: one testcase for each rule, for CI services that show test results (docs/formats/junit.md).
--
-- A failure is a rule that blocks, so that the file and the exit code never disagree. Findings that do not block
-- stand in the output of a test that passed.

local doc, options
local most -- findings listed of one rule

-- No control characters, and none that turn the direction of what follows.
local function esc(s) return escape_xml(escape_terminal(s, true)) end

local function attribute(name, value) return " " .. name .. '="' .. esc(value) .. '"' end

local function count(name, n) return " " .. name .. '="' .. math.tointeger(n) .. '"' end

-- What a rule is to a test runner.
local function outcome(rule)
  if rule.status == "error" then return "error" end
  if rule.status == "empty" then return rule.blocking and "error" or "skipped" end
  if rule.status == "off" then return "skipped" end
  return rule.status == "fail" and rule.blocking and "failure" or "pass"
end

local function sentence(rule)
  return common.title(rule) .. ": " .. common.plural(rule.findings, "finding") .. " of " .. thousands(rule.selected) .. " checked"
end

local function finding(f)
  local where = {}
  local place = common.place_of(f)
  if place ~= "" then where[#where + 1] = place end
  if doc.previous then where[#where + 1] = f.state end
  if f.decision ~= "" then where[#where + 1] = f.decision end
  write("\n- ", esc(common.sentence(f)), #where > 0 and " (" .. esc(common.list(where)) .. ")" or "")
end

local function findings_of(rule)
  if rule.why ~= "" then write("\n", esc(rule.why)) end
  if rule.source ~= "" then write("\nsource: ", esc(rule.source)) end
  local left_out = common.parts_left_out(rule)
  if #left_out > 0 then write("\n", esc(common.list(left_out))) end
  local n = 0
  for f in findings{rule = rule.id, limit = most} do
    n = n + 1
    finding(f)
  end
  local left = rule.findings - n
  if left > 0 then
    local how = options.filtered and " not listed here (the others do not match, or are too many); all: " or " not listed here; all: "
    write("\n", common.plural(left, "finding"), how, esc(common.command(doc, rule)))
  end
  write("\n")
end

local function testcase(rule)
  local kind = outcome(rule)
  local name = rule.builtin and rule.id or rule.id .. " " .. rule.name
  write("    <testcase", attribute("classname", rule.table ~= "" and rule.table or "figures"), attribute("name", name))
  if kind == "pass" and rule.findings == 0 then
    write("/>\n")
    return
  end
  write(">\n")
  if kind == "skipped" then
    write("      <skipped", attribute("message", rule.note ~= "" and rule.note or "no reason given"), "/>\n")
  elseif kind == "error" then
    local what = rule.status == "empty" and "looked at nothing" or "could not be evaluated"
    write("      <error", attribute("message", common.title(rule) .. ": " .. what), attribute("type", rule.status), ">",
      esc(rule.note), "</error>\n")
  elseif kind == "failure" then
    write("      <failure", attribute("message", sentence(rule)), attribute("type", rule.severity), ">", esc(sentence(rule)))
    findings_of(rule)
    write("</failure>\n")
  else
    write("      <system-out>", esc(sentence(rule)), "; these do not block (", esc(rule.severity), ")")
    findings_of(rule)
    write("</system-out>\n")
  end
  write("    </testcase>\n")
end

local function property(name, value)
  if value ~= "" then write("      <property", attribute("name", name), attribute("value", value), "/>\n") end
end

local function properties()
  write("    <properties>\n")
  property("assay.version", doc.assay)
  property("assay.run", doc.run)
  property("assay.verdict", doc.verdict)
  property("assay.exit_code", tostring(math.tointeger(doc.exit_code)))
  property("assay.since", common.since(doc) or "")
  property("release.as_at", doc.as_at)
  property("rules.sha256", doc.rules_sha256)
  for _, input in ipairs(doc.inputs) do
    property("input." .. input.table .. ".file", input.file)
    property("input." .. input.table .. ".digest", input.digest)
  end
  write("    </properties>\n")
end

return function(d, o)
  doc, options = d, o
  most = options.limit or 20
  local n = {error = 0, failure = 0, skipped = 0, pass = 0}
  for _, rule in ipairs(doc.rules) do
    local kind = outcome(rule)
    n[kind] = n[kind] + 1
  end
  local counts = count("tests", #doc.rules) .. count("failures", n.failure) .. count("errors", n.error) .. count("skipped", n.skipped)
  local name = attribute("name", doc.release ~= "" and doc.release or "(a release without a name)")
  write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites', attribute("name", "assay"), counts, ">\n  <testsuite", name, counts, ">\n")
  properties()
  for _, rule in ipairs(doc.rules) do testcase(rule) end
  local _, said = common.verdict(doc)
  write("    <system-out>", esc(common.list({doc.verdict, table.unpack(said)})), "</system-out>\n  </testsuite>\n</testsuites>\n")
end
