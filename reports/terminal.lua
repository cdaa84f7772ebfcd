-- terminal.lua: what the second analyst reads on a screen: the inputs, a table of the rules, the findings
-- of those that failed, the verdict last. Words carry the meaning; colour only repeats it.
--
-- Every text of `doc` and of findings is fit for a terminal already (the host shows control characters).
-- Nothing is cut: long texts are wrapped, and what is left out is counted.

local doc, options
local full            -- show everything
local W               -- columns

local plural, list, signed = common.plural, common.list, common.signed
local group_name, closes = common.group_name, common.closes

---- paint ----

local codes = {bold = "1", dim = "2", red = "31", green = "32", yellow = "33", alarm = "1;31", fine = "1;32", warn = "1;33"}

local function paint(style, s)
  if not options.color or s == "" then return s end
  return "\27[" .. codes[style] .. "m" .. s .. "\27[0m"
end

local function line(...)
  write(...)
  write("\n")
end

local function blank() write("\n") end

-- Text wrapped from column `indent` to the end of the line; `style` paints each line.
local function paragraph(indent, text, style, first)
  local pad_ = string.rep(" ", indent)
  for i, part in ipairs(wrap(text, math.max(W - indent, 20))) do
    line(i == 1 and first or pad_, style and paint(style, part) or part)
  end
end

---- header and inputs ----

local function header()
  line(paint("bold", doc.release ~= "" and doc.release or "(a release without a name)"))
  local parts = {}
  if doc.as_at ~= "" then parts[#parts + 1] = "as at " .. doc.as_at end
  if doc.run ~= "" then parts[#parts + 1] = "run " .. doc.run:sub(1, 12) end
  parts[#parts + 1] = "assay " .. doc.assay
  line(paint("dim", list(parts)))
  blank()
end

-- What reading assumed and left out.
local function assumed(input)
  local parts, skipped = {input.encoding}, {}
  if input.header_row then parts[#parts + 1] = "header in row " .. thousands(input.header_row) end
  if input.banner_rows > 0 then skipped[#skipped + 1] = plural(input.banner_rows, "row") .. " above the header" end
  if input.blank_rows > 0 then skipped[#skipped + 1] = plural(input.blank_rows, "blank row") end
  if input.blank_columns > 0 then skipped[#skipped + 1] = plural(input.blank_columns, "blank column") end
  if #skipped > 0 then parts[#parts + 1] = "skipped " .. list(skipped, ", ") end
  if parts[1] == "" then table.remove(parts, 1) end
  return list(parts)
end

-- A document is counted in lines.
local function unit(input)
  local word = input.encoding:sub(-8) == "document" and " line" or " row"
  return input.rows == 1 and word or word .. "s"
end

local function inputs()
  local names, counts, units = 0, 0, 0
  for _, input in ipairs(doc.inputs) do
    names = math.max(names, width(input.table))
    counts = math.max(counts, width(thousands(input.rows)))
    units = math.max(units, width(unit(input)), 5)
  end
  line(paint("bold", "Inputs"))
  if #doc.inputs == 0 then line("  none") end
  local indent = 2 + names + 2 + counts + units + 2
  for _, input in ipairs(doc.inputs) do
    local count = pad(thousands(input.rows), counts, "right") .. pad(unit(input), units)
    if input.rows == 0 then count = paint("warn", count) end
    local how = assumed(input)
    local start = "  " .. pad(input.table, names) .. "  " .. count .. "  "
    if how == "" or indent + width(input.file) + 3 + width(how) <= W then
      line(start, input.file, how ~= "" and paint("dim", " · " .. how) or "")
    else -- a path is never broken
      line(start, input.file)
      paragraph(indent, how, "dim")
    end
  end
  blank()
end

---- the table of rules ----

local words = {pass = "pass", fail = "FAIL", empty = "EMPTY", error = "ERROR", off = "off"}

local rank = common.rank

local function word_of(rule)
  if rule.status == "fail" and not rule.blocking then return "fail" end
  return words[rule.status] or rule.status
end

local function style_of(rule)
  if rule.status == "pass" then return "green" end
  if rule.status == "off" or (rule.status == "fail" and rule.severity == "info" and not rule.blocking) then return "dim" end
  return rule.blocking and "alarm" or "warn"
end

local few = 12 -- that many plain passes get a row each; more are grouped by table

-- Where a rule stands: "row", or a group of those that passed or were off.
local function kind_of(rule)
  if full or (rule.status ~= "pass" and rule.status ~= "off") or rule.findings > 0 then return "row" end
  if rule.status == "off" then return "off" end
  if rule.selected == 0 then return "idle" end
  if rule.undecided > 0 or rule.key_nulls > 0 or rule.note ~= "" then return "partly" end
  return rule.builtin and "builtin" or "passed"
end

local function split(rules)
  local groups = {row = {}, passed = {}, partly = {}, builtin = {}, idle = {}, off = {}}
  for _, rule in ipairs(rules) do table.insert(groups[kind_of(rule)], rule) end
  if #groups.passed <= few then
    table.move(groups.passed, 1, #groups.passed, #groups.row + 1, groups.row)
    groups.passed = {}
  end
  return groups
end

local function looked_at(rules)
  local n = 0
  for _, rule in ipairs(rules) do n = n + rule.selected end
  return n
end

local function columns_of(rows)
  local c = {severity = 0, id = 4, findings = 8, checked = 7}
  for _, rule in ipairs(rows) do
    c.severity = math.max(c.severity, width(rule.severity))
    if width(rule.id) <= 20 then c.id = math.max(c.id, width(rule.id)) end
    c.findings = math.max(c.findings, width(thousands(rule.findings)))
    c.checked = math.max(c.checked, width(thousands(rule.selected)))
  end
  c.at = 2 + 5 + 2 + c.severity + 2 + c.id + 2 -- where the title starts
  local longest = 24
  for _, rule in ipairs(rows) do longest = math.max(longest, width(rule.title)) end
  c.title = math.max(24, math.min(W - c.at - 4 - c.findings - c.checked, longest))
  return c
end

local function row(rule, c)
  local ran = rule.status == "pass" or rule.status == "fail" or rule.status == "empty"
  local numbers = "  " .. pad(ran and thousands(rule.findings) or "–", c.findings, "right")
    .. "  " .. pad(ran and thousands(rule.selected) or "–", c.checked, "right")
  local start = "  " .. paint(style_of(rule), pad(word_of(rule), 5)) .. "  " .. pad(rule.severity, c.severity) .. "  "
  local title = wrap(common.title(rule), c.title)
  if width(rule.id) > c.id then -- it gets a line for itself
    line(start, rule.id)
    line(string.rep(" ", c.at), pad(title[1], c.title), numbers)
  else
    line(start, pad(rule.id, c.id), "  ", pad(title[1], c.title), numbers)
  end
  for i = 2, #title do line(string.rep(" ", c.at), title[i]) end
  local left_out = common.parts_left_out(rule)
  if #left_out > 0 then paragraph(c.at, list(left_out), "dim") end
  if rule.note ~= "" then paragraph(c.at, rule.note, "dim") end
end

local function ids(rules)
  local text = {}
  for _, rule in ipairs(rules) do text[#text + 1] = rule.id end
  return list(text, "  ")
end

-- Lists of rules under a name, in the order in which the names come up.
local function grouped(rules, name_of)
  local names, of = {}, {}
  for _, rule in ipairs(rules) do
    local name = name_of(rule)
    if not of[name] then
      of[name] = {}
      names[#names + 1] = name
    end
    table.insert(of[name], rule)
  end
  return names, of
end

local function group_head(style, word, text)
  paragraph(9, text, nil, "  " .. paint(style, pad(word, 5)) .. "  ")
end

local function passed_by_table(passed)
  local names, of = grouped(passed, function(rule) return rule.table ~= "" and rule.table or "figures" end)
  group_head("green", "pass", plural(#passed, "rule") .. ", " .. thousands(looked_at(passed)) .. " records and figures looked at")
  local longest = 0
  for _, name in ipairs(names) do longest = math.max(longest, width(name)) end
  for _, name in ipairs(names) do
    paragraph(9 + longest + 2, ids(of[name]), "dim", "         " .. pad(name, longest) .. "  ")
  end
end

local function passed_partly(rules)
  group_head("green", "pass", plural(#rules, "rule") .. " that could not decide every record")
  local longest = 0
  for _, rule in ipairs(rules) do longest = math.max(longest, width(rule.id)) end
  for _, rule in ipairs(rules) do
    local text = "of " .. thousands(rule.selected) .. " checked"
    local left_out = common.parts_left_out(rule)
    if #left_out > 0 then text = list(left_out) .. " " .. text end
    if rule.note ~= "" then text = text .. " · " .. rule.note end
    paragraph(9 + longest + 2, text, "dim", "         " .. pad(rule.id, longest) .. "  ")
  end
end

-- Rules of one note: the note once, then their ids.
local function by_note(rules, word, style, what, unsaid)
  local notes, of = grouped(rules, function(rule) return rule.note end)
  for _, note in ipairs(notes) do
    group_head(style, word, plural(#of[note], "rule") .. what .. (note ~= "" and note or unsaid))
    paragraph(9, ids(of[note]), "dim")
  end
end

local function rules_table()
  line(paint("bold", "Rules"))
  if #doc.rules == 0 then
    line("  none")
    blank()
    return
  end
  local g = split(common.ranked(doc.rules))
  if #g.row > 0 then
    local c = columns_of(g.row)
    line(paint("dim", string.rep(" ", c.at + c.title) .. "  " .. pad("findings", c.findings, "right") .. "  "
      .. pad("checked", c.checked, "right")))
    local before
    for _, rule in ipairs(g.row) do
      local passed = rank(rule) >= 8
      if before ~= nil and before ~= passed then blank() end
      before = passed
      row(rule, c)
    end
    if #g.passed + #g.partly > 0 and not before then blank() end
  end
  if #g.passed > 0 then passed_by_table(g.passed) end
  if #g.partly > 0 then passed_partly(g.partly) end
  if #g.builtin > 0 then
    group_head("green", "pass", plural(#g.builtin, "built-in rule") .. " on types, codes and rows, "
      .. thousands(looked_at(g.builtin)) .. " values looked at")
  end
  if #g.idle > 0 then by_note(g.idle, "pass", "dim", ": ", "nothing to look at") end
  if #g.off > 0 then by_note(g.off, "off", "dim", " off: ", "no reason given") end
  blank()
end

---- bridges ----

local function widths_of(columns, bridges)
  local total = 0
  for _, c in ipairs(columns) do
    c.width = width(c[1])
    for _, b in ipairs(bridges) do c.width = math.max(c.width, width(c[2](b))) end
    total = total + 2 + c.width
  end
  return total
end

local function bridge_row(b, columns, names)
  local numbers = ""
  for _, c in ipairs(columns) do
    local cell = pad(c[2](b), c.width, "right")
    local alarming = (c[1] == "difference" and b.residual ~= 0) or (c[1] == "unexplained" and b.unexplained ~= 0)
    numbers = numbers .. "  " .. (alarming and paint("alarm", cell) or cell)
  end
  local name = wrap(group_name(b), names)
  line("  ", pad(name[1], names), numbers)
  for i = 2, #name do line("  ", name[i]) end
end

local function cause_lines(b)
  local most = full and math.huge or 8
  for _, cause in ipairs(b.causes) do
    local text, keys = common.cause(cause, most)
    if #keys > 0 then text = text .. ": " .. list(keys, ", ") end
    paragraph(14, text, nil, "    " .. pad(signed(cause.effect), 8, "right") .. "  ")
  end
  if b.unexplained ~= 0 then
    line("    ", paint("alarm", pad(signed(b.unexplained), 8, "right")), "  unexplained: no record accounts for it")
  end
  for _, t in ipairs(b.terms) do
    if t.note ~= "" then paragraph(14, common.term_label(t) .. ": " .. t.note, "dim") end
  end
end

-- Groups that do not close, then those that do. Returns how many of the first are not shown.
local function bridge_table(rule)
  local open, closed = {}, {}
  for _, b in ipairs(rule.bridge) do table.insert(closes(b) and closed or open, b) end
  local shown, most = {}, full and math.huge or math.max(options.per_rule, 20)
  for i, b in ipairs(open) do if i <= most then shown[#shown + 1] = b end end
  local not_shown = #open - #shown
  local hidden = 0
  if #shown + #closed <= 20 or full then
    table.move(closed, 1, #closed, #shown + 1, shown)
  else
    hidden = #closed
  end
  if #shown > 0 then
    local columns = common.bridge_columns(shown, common.same_terms(shown))
    local total = widths_of(columns, shown)
    if total > W - 26 then
      columns = common.bridge_columns(shown, false)
      total = widths_of(columns, shown)
    end
    local names = 12
    for _, b in ipairs(shown) do names = math.max(names, width(group_name(b))) end
    names = math.max(24, math.min(names, W - 2 - total))
    local heads = "  " .. string.rep(" ", names)
    for _, c in ipairs(columns) do heads = heads .. "  " .. pad(c[1], c.width, "right") end
    line(paint("dim", heads))
    for _, b in ipairs(shown) do bridge_row(b, columns, names) end
  end
  if not_shown > 0 then line("  … and ", plural(not_shown, "more group that does", "more groups that do"), " not close") end
  if hidden > 0 then line(paint("dim", "  … and " .. plural(hidden, "group that closes", "groups that close"))) end
  for i, b in ipairs(open) do
    if i <= most and (#b.causes > 0 or b.unexplained ~= 0) then
      blank()
      line("  ", group_name(b), ": ", paint("bold", signed(b.residual)), " against the expected ", thousands(b.expected))
      cause_lines(b)
    end
  end
  return not_shown
end

---- findings ----

local function value_of(v) return v.field .. ": " .. (v.null and "null" or v.text == "" and "\"\"" or v.text) end

local function values_of(f)
  local parts = {}
  for _, v in ipairs(f.values) do parts[#parts + 1] = value_of(v) end
  return list(parts)
end

local function members_of(f)
  local most = full and math.huge or 6
  local parts = {}
  for i, r in ipairs(f.records) do
    if i > most then
      parts[#parts + 1] = "and " .. plural(#f.records - most, "more record")
      break
    end
    parts[#parts + 1] = (r.key ~= "" and r.key or r.table) .. (r.line and " (line " .. math.tointeger(r.line) .. ")" or "")
  end
  return list(parts, ", ")
end

local function finding(f, expected_before, rule_before)
  paragraph(4, common.sentence(f), nil, "  • ")
  local where = {}
  local place = common.place_of(f)
  if rule_before and f.rule ~= rule_before then where[#where + 1] = f.severity .. " of " .. f.rule end
  if place ~= "" then where[#where + 1] = place end
  if doc.previous then where[#where + 1] = f.state end
  if full then where[#where + 1] = "finding " .. f.fingerprint:sub(1, 12) end
  if f.decision ~= "" then where[#where + 1] = f.decision end
  if f.expected ~= "" and f.expected ~= expected_before then where[#where + 1] = "expected " .. f.expected end
  if #where > 0 then paragraph(4, list(where), "dim") end
  local values = values_of(f)
  if values ~= "" then paragraph(4, values, "dim") end
  if #f.records > 0 then paragraph(4, "records " .. members_of(f), "dim") end
  if f.moves > 0 then paragraph(4, common.moves(f, full and math.maxinteger or 3), "dim") end
end

local function about(rule)
  local parts = {rule.severity, plural(rule.findings, "finding") .. " of " .. thousands(rule.selected) .. " checked"}
  if rule.undecided > 0 then parts[#parts + 1] = thousands(rule.undecided) .. " undecided" end
  if doc.previous then
    if rule.new > 0 then parts[#parts + 1] = thousands(rule.new) .. " new" end
    if rule.reopened > 0 then parts[#parts + 1] = thousands(rule.reopened) .. " reopened" end
    if rule.gone > 0 then parts[#parts + 1] = thousands(rule.gone) .. " fixed" end
  end
  if rule.steward ~= "" then parts[#parts + 1] = "steward " .. rule.steward end
  return list(parts)
end

local function section_head(rule)
  paragraph(0, rule.id .. "  " .. (common.title(rule)), rule.blocking and "alarm" or "bold")
  paragraph(2, about(rule), "dim")
  if rule.why ~= "" and rule.findings > 0 then paragraph(2, rule.why, "dim") end
end

-- Infos are many and seldom urgent: two are enough of each.
local function most_of(rule)
  if full then return 0 end -- no limit
  return rule.severity == "info" and math.min(2, options.per_rule) or options.per_rule
end

-- Returns how many findings of the rule are not shown, and whether anything was.
local function section(rule)
  if rule.bridge and #rule.bridge > 0 and not options.filtered then
    section_head(rule)
    blank()
    local not_shown = bridge_table(rule)
    blank()
    return not_shown, true
  end
  local n, expected = 0, nil
  for f in findings{rule = rule.id, limit = most_of(rule)} do
    if n == 0 then
      section_head(rule)
      blank()
    end
    n = n + 1
    finding(f, expected)
    expected = f.expected -- said once where it does not change
  end
  if n == 0 and options.filtered then return 0, false end
  local left = rule.findings - n
  if left > 0 and not options.filtered then
    line(paint("dim", "  … and " .. plural(left, "more finding")))
  end
  if n > 0 or left > 0 then blank() end
  return left, true
end

-- All findings in one list, those that move most figures first.
local function ranking()
  local n, expected, rule = 0, nil, ""
  line(paint("bold", "Findings by the published figures that they move"))
  blank()
  for f in findings{limit = full and 0 or options.per_rule} do
    n = n + 1
    finding(f, expected, rule)
    expected, rule = f.expected, f.rule
  end
  if n > 0 then blank() end
  if options.filtered then
    line(plural(n, "finding"), " of ", thousands(doc.findings), " listed; ",
      n >= options.per_rule and "others may match: --all shows them." or "the others do not match.")
    blank()
  elseif doc.findings > n then
    line(paint("bold", plural(doc.findings - n, "finding")), " not shown. To see all: ",
      paint("bold", options.show_all_hint or "assay findings"))
    blank()
  end
end

local function sections()
  local left, rules, listed = 0, 0, 0
  for _, rule in ipairs(common.ranked(doc.rules)) do
    if rule.findings > 0 or (full and rule.bridge and #rule.bridge > 0 and not options.filtered) then
      local not_shown, any = section(rule)
      if not_shown > 0 then
        left = left + not_shown
        rules = rules + 1
      end
      listed = listed + (any and rule.findings - not_shown or 0)
    end
  end
  local hint = options.show_all_hint or "assay findings"
  if options.filtered then
    line(plural(listed, "finding"), " of ", thousands(doc.findings), " listed; the others do not match.")
    blank()
  elseif left > 0 then
    line(paint("bold", plural(left, "finding")), " of ", plural(rules, "rule"),
      left == 1 and " is not shown." or " are not shown.", " To see all: ", paint("bold", hint))
    blank()
  end
end

---- the verdict ----

local to_tell = {lapsing = true, expired = true, gone = true, exceeded = true, unreadable = true, unknown = true, fixed = true, still_there = true}

local decided_max = 5 -- of a state; the others are counted

-- What a reader of the verdict must know of decisions; `assay decisions` lists all.
local function decisions()
  for _, g in ipairs(common.decisions(doc)) do
    local style = (g.state == "exceeded" or g.state == "still_there") and "warn" or nil
    for i, d in ipairs(to_tell[g.state] and g.items or {}) do
      if i > decided_max and not full then
        paragraph(2, "… and " .. thousands(#g.items - decided_max) .. " more (" .. g.title:sub(1, 1):lower() .. g.title:sub(2) .. "): assay decisions", style)
        break
      end
      local about = {}
      if d.rule ~= "" then about[#about + 1] = d.rule end
      if d.finding ~= "" then about[#about + 1] = d.finding:sub(1, 12) end
      about[#about + 1] = d.name
      paragraph(2, list(about) .. ": " .. d.sentence, style)
    end
  end
end

local function verdict()
  local n, rules = common.looked(doc)
  local word, said = common.verdict(doc)
  local style = "alarm"
  if n > 0 and doc.verdict == "pass" then
    style = "fine"
  elseif n > 0 and doc.verdict == "incomplete" then
    style = "warn"
  end
  line(paint("dim", string.rep("─", math.min(W, 72))))
  line(paint(style, word), n > 0 and paint("dim", "  " .. plural(rules, "rule") .. ", " .. thousands(n) .. " records and figures looked at") or "")
  for _, text in ipairs(said) do paragraph(2, text) end
  if n > 0 or doc.findings > 0 then line("  ", common.by_severity(doc)) end
  local off = common.with_status(doc, "off")
  if #off > 0 then line("  ", plural(#off, "rule"), " off, not evaluated") end
  local since = common.since(doc)
  if since then line("  ", since) end
  decisions()
  line("  exit code ", math.tointeger(doc.exit_code), ": ", common.exits[doc.exit_code] or "unknown")
end

return function(d, o)
  doc, options = d, o
  W = math.max(options.width, 60)
  full = options.per_rule == math.maxinteger
  if not options.quiet then
    header()
    inputs()
    rules_table()
    if options.by_moves then ranking() else sections() end
  end
  verdict()
end
