-- github.lua: workflow commands that GitHub shows beside the lines of a file (docs/formats/github.md).
--
-- GitHub shows ten annotations of each level of a step and drops the others without a word. So there are at
-- most ten here: one for each rule first, then more of each in turn, and a last notice says what is missing.

local doc, options
local most -- of each level

local order = {"error", "warning", "notice"}

local function level_of(rule)
  if rule.blocking then return "error" end
  return rule.severity == "info" and "notice" or "warning"
end

local function annotation(level, title, file, line, text)
  write("::", level, " file=", escape_github(file, true))
  if line then write(",line=", math.tointeger(line)) end
  write(",title=", escape_github(title, true), "::", escape_github(text), "\n")
end

-- Rules of a level that have something to say, and how many findings of each get an annotation.
local function shares(level)
  local rules, room = {}, most
  for _, rule in ipairs(common.ranked(doc.rules)) do
    local open = rule.status == "fail" and rule.findings - rule.accepted or 0
    if (rule.status == "error" or rule.status == "empty") and rule.blocking then open = 1 end
    if open > 0 and level_of(rule) == level then rules[#rules + 1] = {rule = rule, open = open, share = 0} end
  end
  if level == "notice" and room < math.maxinteger then room = room - 1 end -- the last one
  local given = true
  while room > 0 and given do
    given = false
    for _, r in ipairs(rules) do
      if most == math.maxinteger then
        r.share = r.open
      elseif room > 0 and r.share < r.open then
        r.share, room, given = r.share + 1, room - 1, true
      end
    end
    if most == math.maxinteger then break end
  end
  return rules
end

-- Returns how many annotations were written.
local function findings_of(level, rule, share)
  if rule.status ~= "fail" then
    local what = rule.status == "empty" and "looked at nothing" or "could not be evaluated"
    annotation(level, rule.id, common.path(doc, ""), nil,
      common.title(rule) .. ": " .. what .. (rule.note ~= "" and ": " .. rule.note or ""))
    return 1
  end
  local n = 0
  for f in findings{rule = rule.id} do
    if not common.accepted(f) then
      annotation(level, rule.id .. " " .. rule.name, common.path(doc, f.file), f.line, common.sentence(f) .. "\n" .. common.title(rule))
      n = n + 1
      if n >= share then break end
    end
  end
  return n
end

return function(d, o)
  doc, options = d, o
  most = options.limit or 10
  local shown, all, accepted = 0, 0, 0
  for _, level in ipairs(order) do
    for _, r in ipairs(shares(level)) do
      all = all + r.open
      if r.share > 0 then shown = shown + findings_of(level, r.rule, r.share) end
    end
  end
  for _, rule in ipairs(doc.rules) do accepted = accepted + rule.accepted end
  local word, said = common.verdict(doc)
  local parts = {word, table.unpack(said)}
  parts[#parts + 1] = common.since(doc)
  if accepted > 0 then parts[#parts + 1] = common.plural(accepted, "accepted finding") .. " not annotated" end
  if all > shown then
    parts[#parts + 1] = thousands(shown) .. " of " .. thousands(all) .. " shown here; all: " .. common.command(doc)
  end
  annotation("notice", "assay", common.path(doc, ""), nil, common.list(parts))
end
