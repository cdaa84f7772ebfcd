-- markdown.lua: the summary of a CI job (docs/formats/markdown.md): the verdict, the rules that did not pass, the
-- bridges, findings by key, the inputs.
--
-- GitHub shows no job summary above 1 MiB at all. So every part asks for room before it is written, the parts that
-- matter most come first, and what found no room is counted.

local doc, options
local size_max, kept_for_the_end = 1024 * 1024, 2048
local per_rule, keys_max, decided_max = 10, 8, 100
local room
local left_out = {} -- sentences

local esc = escape_markdown
local plural, list = common.plural, common.list

local function html(s) return escape_html(escape_terminal(s, true)) end

-- Writes the text, or says false: there is no room.
local function put(...)
  local text = table.concat({...})
  if #text > room then return false end
  room = room - #text
  write(text)
  return true
end

local function row(cells) return "| " .. table.concat(cells, " | ") .. " |\n" end

---- verdict ----

local function head()
  local word, said = common.verdict(doc)
  local n, rules = common.looked(doc)
  put("## assay: ", word, "\n\n**", esc(doc.release ~= "" and doc.release or "(a release without a name)"), "**")
  put(doc.as_at ~= "" and " · as at " .. esc(doc.as_at) or "", " · run ", esc(doc.run), " · assay ", esc(doc.assay), "\n\n")
  for _, text in ipairs(said) do put("- ", esc(text), "\n") end
  local since = common.since(doc)
  if since then put("- ", esc(since), "\n") end
  put("- ", plural(rules, "rule"), " looked at ", thousands(n), " records and figures: ", common.by_severity(doc), "\n")
  put("- exit code ", math.tointeger(doc.exit_code), ": ", common.exits[doc.exit_code] or "unknown", "\n\n")
end

---- rules ----

local words = {fail = "fail", empty = "EMPTY", error = "ERROR"}

local function word_of(rule)
  if rule.status == "fail" and rule.blocking then return "**FAIL**" end
  return rule.status == "empty" and not rule.blocking and "empty" or words[rule.status] or rule.status
end

local function rule_row(rule)
  local what = esc(common.title(rule))
  if rule.note ~= "" then what = what .. " (" .. esc(rule.note) .. ")" end
  local cells = {word_of(rule), esc(rule.severity), esc(rule.id), what, thousands(rule.findings)}
  if doc.previous then
    cells[#cells + 1] = thousands(rule.new + rule.reopened)
    cells[#cells + 1] = thousands(rule.open)
    cells[#cells + 1] = thousands(rule.gone)
  end
  cells[#cells + 1] = thousands(rule.accepted)
  cells[#cells + 1] = thousands(rule.selected)
  return row(cells)
end

local function rules()
  local all = {}
  for _, rule in ipairs(common.ranked(doc.rules)) do
    if rule.status ~= "pass" and rule.status ~= "off" or rule.findings > 0 or rule.gone > 0 then all[#all + 1] = rule end
  end
  local off = #common.with_status(doc, "off")
  if #all > 0 then
    put("### Rules that did not pass\n\n| outcome | severity | rule | what must hold | findings |",
      doc.previous and " new | open | fixed |" or "", " accepted | checked |\n|---|---|---|---|--:|", doc.previous and "--:|--:|--:|" or "", "--:|--:|\n")
  end
  for i, rule in ipairs(all) do
    if not put(rule_row(rule)) then
      left_out[#left_out + 1] = plural(#all - i + 1, "rule") .. " that did not pass"
      break
    end
  end
  put("\n", plural(#doc.rules - #all - off, "other rule"), " passed", off > 0 and ", " .. plural(off, "rule") .. " off" or "", ".\n\n")
end

---- bridges ----

local function cause_line(cause)
  local text, keys = common.cause(cause, keys_max)
  return "  - " .. common.signed(cause.effect) .. ": " .. esc(text) .. (#keys > 0 and ": " .. esc(list(keys, ", ")) or "") .. "\n"
end

local function bridge_of(rule, open)
  local columns = common.bridge_columns(open, common.same_terms(open))
  local heads, rule_line = {"group"}, {"---"}
  for _, c in ipairs(columns) do heads[#heads + 1], rule_line[#rule_line + 1] = esc(c[1]), "--:" end
  local parts = {"**" .. esc(rule.id) .. "** ", esc(common.title(rule)), "\n\n", row(heads), row(rule_line)}
  for _, b in ipairs(open) do
    local cells = {esc(common.group_name(b))}
    for _, c in ipairs(columns) do cells[#cells + 1] = c[2](b) end
    parts[#parts + 1] = row(cells)
  end
  parts[#parts + 1] = "\n"
  for _, b in ipairs(open) do
    parts[#parts + 1] = "- " .. esc(common.group_name(b)) .. ": " .. common.signed(b.residual) .. " against the expected " .. thousands(b.expected)
      .. (b.unexplained ~= 0 and ", " .. common.signed(b.unexplained) .. " unexplained" or "") .. "\n"
    for _, cause in ipairs(b.causes) do parts[#parts + 1] = cause_line(cause) end
  end
  parts[#parts + 1] = "\n"
  return table.concat(parts)
end

local function bridges()
  local first = true
  for _, rule in ipairs(doc.rules) do
    local open, closed = {}, 0
    for _, b in ipairs(rule.bridge or {}) do
      if common.closes(b) then closed = closed + 1 else open[#open + 1] = b end
    end
    if first and #open + closed > 0 then put("### Reconciliation\n\n") end
    first = first and #open + closed == 0
    if #open > 0 and not put(bridge_of(rule, open)) then left_out[#left_out + 1] = "the bridge of " .. esc(rule.id) end
    if closed > 0 then put(esc(rule.id), ": ", plural(closed, "group closes", "groups close"), ".\n\n") end
  end
end

---- findings ----

local function finding(f)
  local where = {}
  local place = common.place_of(f)
  if place ~= "" then where[#where + 1] = place end
  if doc.previous then where[#where + 1] = f.state end
  if f.decision ~= "" then where[#where + 1] = f.decision end
  if f.moves > 0 then where[#where + 1] = common.moves(f, 3) end
  return "- " .. esc(common.sentence(f)) .. (#where > 0 and " (" .. esc(list(where)) .. ")" or "") .. "\n"
end

-- One list under a fold; the part that found no room is counted.
local function findings_of(rule)
  local start = {"<details><summary>", html(rule.id .. ": " .. common.title(rule)), ", ", plural(rule.findings, "finding"), "</summary>\n\n"}
  if rule.why ~= "" then start[#start + 1] = esc(rule.why) .. "\n\n" end
  local tail_room = 400 + #common.command(doc, rule) * 6
  room = room - tail_room
  local opened = put(table.unpack(start))
  local n = 0
  for f in findings{rule = rule.id, limit = per_rule} do
    if not opened or not put(finding(f)) then break end
    n = n + 1
  end
  room = room + tail_room
  if not opened then return rule.findings end
  if n < rule.findings then put("- … and ", plural(rule.findings - n, "more finding"), ": <code>", html(common.command(doc, rule)), "</code>\n") end
  put("\n</details>\n\n")
  return rule.findings - n
end

local function all_findings()
  local left = 0
  if doc.findings > 0 then put("### Findings\n\n") end
  for _, rule in ipairs(common.ranked(doc.rules)) do
    if rule.findings > 0 then left = left + findings_of(rule) end
  end
  if left > 0 then left_out[#left_out + 1] = thousands(left) .. " of " .. plural(doc.findings, "finding") end
end

---- decisions ----

-- Returns how many are neither listed nor counted.
local function decided(g)
  local tail_room = 400
  room = room - tail_room
  local opened = put("<details><summary>", html(g.title), ": ", thousands(#g.items), "</summary>\n\n")
  local n = 0
  for _, d in ipairs(g.items) do
    if not opened or n == decided_max or not put("- ", esc(common.decided_on(d)), " (", esc(d.name), "): ", esc(d.sentence), "\n") then break end
    n = n + 1
  end
  room = room + tail_room
  if not opened then return #g.items end
  if n < #g.items then put("- … and ", thousands(#g.items - n), " more: <code>assay decisions</code>\n") end
  put("\n</details>\n\n")
  return 0
end

-- A fold for each state: what a pass rests on, and what is amiss with it.
local function decisions()
  local left = 0
  if #doc.decisions > 0 then put("### Decisions\n\n") end
  for _, g in ipairs(common.decisions(doc)) do left = left + decided(g) end
  if left > 0 then left_out[#left_out + 1] = plural(left, "decision") end
end

local function inputs()
  local parts = {"<details><summary>Inputs: ", plural(#doc.inputs, "file"), "</summary>\n\n", row{"table", "file", "rows", "digest"}, "|---|---|--:|---|\n"}
  for _, input in ipairs(doc.inputs) do
    parts[#parts + 1] = row{esc(input.table), esc(input.file), thousands(input.rows), esc(input.digest)}
  end
  parts[#parts + 1] = "\n</details>\n\n"
  return table.concat(parts)
end

return function(d, o)
  doc, options = d, o
  per_rule = options.limit or per_rule
  room = size_max - kept_for_the_end
  head()
  rules()
  bridges()
  decisions()
  local files = inputs()
  local fits = #files <= room
  if fits then room = room - #files else left_out[#left_out + 1] = "the inputs" end
  all_findings()
  if fits then write(files) end
  if #left_out > 0 then
    local text = "Not shown here: " .. list(left_out, ", ") .. ". All findings: <code>" .. html(common.command(doc)) .. "</code>\n"
    if #text > kept_for_the_end then text = "Much is not shown here, for want of room: see the other reports of the run.\n" end
    write(text)
  end
end
