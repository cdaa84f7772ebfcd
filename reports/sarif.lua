-- sarif.lua: SARIF 2.1.0 for code scanning (docs/formats/sarif.md). "§" names sections of the OASIS standard.
--
-- GitHub takes 25,000 results of a run and refuses a file with more; so at most that many are written, at most 1,000
-- of a rule, and a notification of the invocation says for each rule how many are not there.

local doc, options
local results_max, per_rule, members_max = 25000, 1000, 20
local index_of = {}   -- of a rule in the list of rules
local artifact_of = {} -- of a file in the list of artifacts

-- A message (§3.11): braces are doubled, and no part of it becomes a link. No control characters, and none that
-- turn the direction of what follows.
local function message(s, plain)
  s = escape_terminal(s, true)
  if not plain then s = s:replace("{", "{{"):replace("}", "}}"):replace("](", "] (") end
  return {text = s ~= "" and s or "(no sentence)"}
end

local hex = "0123456789ABCDEF"
local unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"

local function uri(path)
  local out = {}
  for at = 1, #path do
    local c = path:sub(at, at)
    local b = c:byte()
    local first, last = b >> 4, b & 15
    out[at] = unreserved:find(c) and c or "%" .. hex:sub(first + 1, first + 1) .. hex:sub(last + 1, last + 1)
  end
  return (path:sub(1, 1) == "/" and "file://" or "") .. table.concat(out)
end

local levels = {error = "error", warning = "warning", info = "note"}

local function level_of(severity) return levels[severity] or "warning" end

---- rules ----

local function help_of(rule)
  local text, mark = {common.title(rule) .. "."}, {"**" .. escape_markdown(common.title(rule)) .. "**"}
  local function add(head, s)
    if s == "" then return end
    text[#text + 1] = (head ~= "" and head .. ": " or "") .. s
    mark[#mark + 1] = (head ~= "" and "*" .. head .. ":* " or "") .. escape_markdown(s)
  end
  add("", rule.why)
  add("Source", rule.source)
  add("Table", rule.table)
  add("Corrected by", rule.steward)
  return {text = escape_terminal(table.concat(text, " "), true), markdown = table.concat(mark, "\n\n")}
end

local function descriptor(rule)
  local tags = {rule.kind ~= "" and rule.kind or "rule"}
  if rule.table ~= "" then tags[#tags + 1] = rule.table end
  local properties = {tags = tags, status = rule.status, selected = rule.selected, findings = rule.findings,
    accepted = rule.accepted, undecided = rule.undecided, blocking = rule.blocking}
  properties["problem.severity"] = rule.severity == "info" and "recommendation" or rule.severity
  return {id = rule.id, name = rule.name ~= "" and rule.name or rule.id, shortDescription = message(common.title(rule)),
    fullDescription = message(rule.why ~= "" and common.title(rule) .. ". " .. rule.why or common.title(rule)), help = help_of(rule),
    defaultConfiguration = {level = level_of(rule.severity), enabled = rule.status ~= "off"}, properties = properties}
end

local function each(items, describe)
  for i, item in ipairs(items) do write(i > 1 and ",\n        " or "\n        ", json(describe(item, i))) end
  write(#items > 0 and "\n      " or "")
end

local function rules()
  for i, rule in ipairs(doc.rules) do index_of[rule.id] = i - 1 end
  write('    "tool": {"driver": {"name": "assay", "version": ', json(doc.assay), ', "semanticVersion": ', json(doc.assay), ',\n      "rules": [')
  each(doc.rules, descriptor)
  write("]}},\n")
end

---- files ----

-- By the name of its kind; a run of before has SHA-256 alone.
local function hashes(digest)
  local colon = digest:find(":")
  if colon then return {[digest:sub(1, colon - 1)] = digest:sub(colon + 1)} end
  return digest ~= "" and {["sha-256"] = digest} or nil
end

local function artifacts()
  local files = {}
  for _, input in ipairs(doc.inputs) do
    local path = common.path(doc, input.file)
    if not artifact_of[path] then
      files[#files + 1] = {location = {uri = uri(path)}, roles = {"analysisTarget"}, length = input.bytes,
        hashes = hashes(input.digest)}
      artifact_of[path] = #files - 1
    end
  end
  write('      "artifacts": [')
  each(files, function(file) return file end)
  write("],\n")
end

-- A figure that stands in no file is at the release file.
local function physical(file, line)
  local path = common.path(doc, file)
  return {artifactLocation = {uri = uri(path), index = artifact_of[path]}, region = line and {startLine = line} or nil}
end

local function location(f)
  local name = f.table
  if f.key ~= "" then name = name .. (name ~= "" and "/" or "") .. f.key end
  local logical = {}
  if name ~= "" then logical[1] = {name = escape_terminal(f.key ~= "" and f.key or f.table, true), fullyQualifiedName = escape_terminal(name, true), kind = "record"} end
  if f.field ~= "" then
    logical[#logical + 1] = {name = escape_terminal(f.field, true), kind = "field",
      fullyQualifiedName = escape_terminal((name ~= "" and name .. "/" or "") .. f.field, true)}
  end
  return {physicalLocation = physical(f.file, f.line or (f.file == "" and 1 or nil)), logicalLocations = #logical > 0 and logical or nil}
end

local function members(f)
  if #f.records == 0 then return nil end
  local out = {}
  for i, r in ipairs(f.records) do
    if i > members_max then break end
    out[i] = {id = i, physicalLocation = physical(r.file, r.line), message = message(r.key ~= "" and r.key or r.table)}
  end
  return out
end

---- results ----

local baseline = {new = "new", open = "unchanged", reopened = "new"}
local any_accepted = false

local function result(f)
  local properties = {key = f.key, row = f.row, column = f.column, sheet = f.sheet ~= "" and f.sheet or nil, state = f.state ~= "" and f.state or nil}
  if #f.records > members_max then properties.recordsLeftOut = #f.records - members_max end
  local out = {ruleId = f.rule, ruleIndex = index_of[f.rule], level = level_of(f.severity), message = message(common.sentence(f)),
    locations = {location(f)}, relatedLocations = members(f), partialFingerprints = {["assay/v1"] = f.fingerprint}, properties = properties}
  if doc.previous then out.baselineState = baseline[f.state] or "new" end -- on all or on none (§3.27.24)
  if any_accepted then -- likewise (§3.27.23)
    out.suppressions = common.accepted(f) and {{kind = "external", status = "accepted", justification = escape_terminal(f.decision, true)}} or {}
  end
  return out
end

-- Returns notifications for rules of which findings are not there.
local function results()
  local left_out, all = {}, 0
  for _, rule in ipairs(doc.rules) do any_accepted = any_accepted or rule.accepted > 0 end
  write('      "results": [')
  for _, rule in ipairs(common.ranked(doc.rules)) do
    local n, most = 0, math.min(per_rule, results_max - all)
    if rule.findings > 0 and most > 0 then
      for f in findings{rule = rule.id, limit = most} do
        write(all > 0 and ",\n        " or "\n        ", json(result(f)))
        n, all = n + 1, all + 1
      end
    end
    if n < rule.findings then left_out[#left_out + 1] = {rule = rule, n = rule.findings - n} end
  end
  write(all > 0 and "\n      ],\n" or "],\n")
  return left_out
end

---- what happened ----

local function about(rule, level, text)
  return {level = level, message = message(text), associatedRule = {id = rule.id, index = index_of[rule.id]}}
end

local function invocation(left_out)
  local notes, complete = {}, true
  for _, rule in ipairs(doc.rules) do
    if rule.status == "error" or rule.status == "empty" and rule.blocking then
      local what = rule.status == "empty" and "looked at nothing" or "could not be evaluated"
      notes[#notes + 1] = about(rule, "error", rule.id .. " " .. what .. (rule.note ~= "" and ": " .. rule.note or ""))
      complete = false
    end
  end
  for _, x in ipairs(left_out) do
    local why = options.filtered and " (the others do not match what was asked for, or are too many)" or ""
    notes[#notes + 1] = about(x.rule, "warning", common.plural(x.n, "finding") .. " of " .. x.rule.id .. (x.n == 1 and " is" or " are")
      .. " not in this file" .. why .. "; all: " .. common.command(doc, x.rule))
  end
  write('      "invocations": [{"executionSuccessful": ', json(complete), ', "exitCode": ', math.tointeger(doc.exit_code),
    ', "exitCodeDescription": ', json(common.exits[doc.exit_code] or "unknown"), ',\n      "toolExecutionNotifications": [')
  each(notes, function(note) return note end)
  write("]}],\n")
end

-- What the verdict rests on, also what covers nothing (any more) and so is on no result.
local function decisions()
  local all = {}
  for _, d in ipairs(doc.decisions) do
    all[#all + 1] = {state = d.state, decision = d.name, on = common.decided_on(d), sentence = escape_terminal(d.sentence, true),
      ["until"] = d["until"] ~= "" and d["until"] or nil, findings = d.count}
  end
  return all
end

return function(d, o)
  doc, options = d, o
  per_rule = options.limit or per_rule
  write('{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n  "version": "2.1.0",\n  "runs": [{\n')
  rules()
  artifacts()
  local left_out = results()
  invocation(left_out)
  write('      "columnKind": "unicodeCodePoints",\n      "automationDetails": {"id": ', json("assay/" .. escape_terminal(doc.release, true) .. "/" .. doc.run), "},\n")
  write('      "properties": ', json({run = doc.run, verdict = doc.verdict, release = doc.release, asAt = doc.as_at, rulesSha256 = doc.rules_sha256,
    findings = doc.findings, blocking = doc.blocking, decisions = decisions()}), "\n  }]\n}\n")
end
