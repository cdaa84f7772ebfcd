-- common.lua: what more than one writer says: the same fact has the same words in every report. The host
-- runs this before a writer, which finds it as `common`.

local common = {}

function common.plural(n, one, many)
  return thousands(n) .. " " .. (n == 1 and one or many or one .. "s")
end

function common.list(parts, between) return table.concat(parts, between or " · ") end

function common.signed(x)
  return x > 0 and "+" .. thousands(x) or thousands(x)
end

local plural, list = common.plural, common.list

---- rules ----

common.ranks = 9
local by_severity = {error = 0, warning = 1, info = 2}

-- What a reader looks at first: 1 could not be evaluated, 2 looked at nothing, 3 blocks, then by severity.
function common.rank(rule)
  if rule.status == "error" then return 1 end
  if rule.status == "empty" then return rule.blocking and 2 or 7 end
  if rule.status == "fail" then return rule.blocking and 3 or 4 + (by_severity[rule.severity] or 0) end
  return rule.status == "pass" and 8 or 9
end

-- In the order of ranks, within one in the order of the run.
function common.ranked(rules)
  local all = {}
  for r = 1, common.ranks do
    for _, rule in ipairs(rules) do
      if common.rank(rule) == r then all[#all + 1] = rule end
    end
  end
  return all
end

function common.title(rule) return rule.title ~= "" and rule.title or rule.name end

function common.with_status(doc, status, only_blocking)
  local names = {}
  for _, rule in ipairs(doc.rules) do
    if rule.status == status and (rule.blocking or not only_blocking) then names[#names + 1] = rule.id end
  end
  return names
end

-- What a rule could not decide, and what counts no longer.
function common.parts_left_out(rule)
  local parts = {}
  if rule.undecided > 0 and rule.undecided ~= rule.key_nulls then -- else said by the keys alone
    parts[#parts + 1] = thousands(rule.undecided) .. " undecided"
  end
  if rule.key_nulls > 0 then parts[#parts + 1] = plural(rule.key_nulls, "record") .. " without a key left out" end
  if rule.accepted > 0 then parts[#parts + 1] = plural(rule.accepted, "finding") .. " accepted" end
  return parts
end

---- the verdict ----

common.exits = {
  [0] = "passed",
  [1] = "findings block publication",
  [2] = "the command line, the configuration or an input is wrong",
  [3] = "incomplete, a rule looked at nothing or could not be evaluated",
  [4] = "the sign-off is missing or stale",
}

-- Records and figures that rules looked at, and how many rules did.
function common.looked(doc)
  local n, rules = 0, 0
  for _, rule in ipairs(doc.rules) do
    if (rule.status == "pass" or rule.status == "fail") and rule.selected > 0 then
      n = n + rule.selected
      rules = rules + 1
    end
  end
  return n, rules
end

local function some(names)
  local shown = table.move(names, 1, math.min(#names, 5), 1, {})
  return list(shown, ", ") .. (#names > 5 and " and " .. thousands(#names - 5) .. " more" or "")
end

-- The verdict in a word and, a sentence each, what is behind it.
function common.verdict(doc)
  local word, out = doc.verdict:upper(), {}
  if common.looked(doc) == 0 then
    word = "NOTHING WAS CHECKED"
    out[1] = #doc.rules == 0 and "there are no rules: this is no pass" or "no rule looked at any record: this is no pass"
  end
  local errors, empties = common.with_status(doc, "error"), common.with_status(doc, "empty", true)
  local fails = common.with_status(doc, "fail", true)
  if #errors > 0 then out[#out + 1] = "could not be evaluated: " .. some(errors) end
  if #empties > 0 then out[#out + 1] = "looked at nothing: " .. some(empties) end
  if #fails > 0 then
    out[#out + 1] = plural(doc.blocking, "blocking finding") .. " in " .. plural(#fails, "rule")
  end
  return word, out
end

function common.by_severity(doc)
  local n = {error = 0, warning = 0, info = 0}
  for _, rule in ipairs(doc.rules) do n[rule.severity] = (n[rule.severity] or 0) + rule.findings end
  return list({plural(n.error, "error"), plural(n.warning, "warning"), plural(n.info, "info")}, ", ")
end

-- "3 new, 41 open, 12 fixed since run 7; 5 accepted"; nil where there is no run before and nothing accepted.
function common.since(doc)
  if not doc.previous then return doc.accepted > 0 and plural(doc.accepted, "finding") .. " accepted" or nil end
  local parts = {thousands(doc.new) .. " new", thousands(doc.open) .. " open"}
  if doc.reopened > 0 then parts[#parts + 1] = thousands(doc.reopened) .. " reopened" end
  parts[#parts + 1] = thousands(doc.gone) .. " fixed"
  local accepted = doc.accepted > 0 and "; " .. thousands(doc.accepted) .. " accepted" or ""
  return list(parts, ", ") .. " since run " .. math.tointeger(doc.previous) .. accepted
end

---- bridges ----

function common.group_name(bridge)
  local parts = {}
  for _, g in ipairs(bridge.group) do parts[#parts + 1] = g.value or "(no " .. g.field .. ")" end
  return #parts > 0 and list(parts, ", ") or "all"
end

function common.closes(b) return b.residual == 0 and b.unexplained == 0 end

function common.same_terms(bridges)
  local first = bridges[1].terms
  for _, b in ipairs(bridges) do
    if #b.terms ~= #first then return false end
    for i, t in ipairs(b.terms) do
      if t.name ~= first[i].name or t.sign ~= first[i].sign then return false end
    end
  end
  return #first > 0
end

local signs = {["+"] = "+ ", ["-"] = "− ", ["~"] = "± "}

function common.term_label(t) return t.label ~= "" and t.label or t.name end

-- Columns as {head, function of the bridge}.
function common.bridge_columns(bridges, each_term)
  local signed = common.signed
  local columns = {{"opening", function(b) return thousands(b.opening) end}}
  if each_term then
    for i, t in ipairs(bridges[1].terms) do
      columns[#columns + 1] = {(signs[t.sign] or "") .. common.term_label(t),
        function(b) return t.sign == "~" and signed(b.terms[i].value) or thousands(b.terms[i].value) end}
    end
  else
    local adjusted = false
    for _, b in ipairs(bridges) do adjusted = adjusted or b.adjustments ~= 0 end
    columns[#columns + 1] = {"+ joined", function(b) return thousands(b.plus) end}
    columns[#columns + 1] = {"− left", function(b) return thousands(b.minus) end}
    if adjusted then columns[#columns + 1] = {"± other", function(b) return signed(b.adjustments) end} end
  end
  columns[#columns + 1] = {"= expected", function(b) return thousands(b.expected) end}
  columns[#columns + 1] = {"published", function(b) return thousands(b.closing) end}
  columns[#columns + 1] = {"difference", function(b) return signed(b.residual) end}
  columns[#columns + 1] = {"unexplained", function(b) return signed(b.unexplained) end}
  return columns
end

-- What a cause says, and the keys of its records that the sentence does not name itself: at most that many, then
-- how many more.
function common.cause(cause, most)
  local text, keys, more = cause.sentence ~= "" and cause.sentence or cause.kind, {}, 0
  for _, key in ipairs(cause.records) do
    if not text:find(key) then
      if #keys < most then keys[#keys + 1] = key else more = more + 1 end
    end
  end
  if more > 0 then keys[#keys + 1] = "and " .. plural(more, "more record") end
  return text, keys
end

---- findings ----

function common.place_of(f)
  if f.file == "" then return "" end
  local place = f.file
  if f.sheet ~= "" then place = place .. " [" .. f.sheet .. "]" end
  if f.line then
    place = place .. ":" .. math.tointeger(f.line)
  elseif f.row then
    place = place .. " record " .. thousands(f.row)
  end
  return place
end

-- Whether the sentence names the key, or a part of it ("SC001 / 2016-04-01").
local function names_key(sentence, key)
  local from = 1
  while from <= #key do
    local first, last = key:find(" / ", from)
    local part = key:sub(from, first and first - 1 or #key)
    if part ~= "" and sentence:find(part) then return true end
    from = last and last + 1 or #key + 1
  end
  return false
end

-- The sentence of a finding; the key before it where it does not name it.
function common.sentence(f)
  if f.message == "" then return f.key ~= "" and f.key or "(no sentence)" end
  if f.key ~= "" and not names_key(f.message, f.key) then return f.key .. ": " .. f.message end
  return f.message
end

-- "left out, it moves 3 published figures: Providers by type, Boarding School: 62 → 61 · …"; at most that many are named.
function common.moves(f, most)
  local parts = {}
  for i, m in ipairs(f.moved) do
    if i > most then break end
    parts[i] = m.sentence
  end
  if f.moves > #parts then parts[#parts + 1] = "and " .. thousands(f.moves - #parts) .. " more" end
  return "left out, it moves " .. plural(f.moves, "published figure") .. ": " .. list(parts)
end

---- decisions ----

-- In the order in which people read them: what is wrong with them first.
local decision_titles = {
  {"exceeded", "Covers more than it may, so it covers none"},
  {"unreadable", "Cannot be understood, so it covers nothing"},
  {"expired", "Ended"},
  {"lapsing", "In force, about to end"},
  {"gone", "Covers nothing any more"},
  {"unknown", "Not known: the rule was not evaluated"},
  {"accepted", "In force"},
  {"proposed", "Acceptance asked for"},
  {"query", "Asked by a steward"},
  {"rejected", "To be corrected"},
  {"claimed", "Said to be corrected, the extracts are still the same"},
  {"still_there", "Said to be corrected, but still there"},
  {"fixed", "Said to be corrected, and fixed"},
}

-- Groups {state, title, items}, none of them empty; a state that is not known comes last, under its own name.
function common.decisions(doc)
  local of, groups, known = {}, {}, {}
  for _, d in ipairs(doc.decisions) do
    of[d.state] = of[d.state] or {}
    table.insert(of[d.state], d)
  end
  for _, t in ipairs(decision_titles) do
    known[t[1]] = true
    if of[t[1]] then groups[#groups + 1] = {state = t[1], title = t[2], items = of[t[1]]} end
  end
  for _, d in ipairs(doc.decisions) do
    if not known[d.state] then
      known[d.state] = true
      groups[#groups + 1] = {state = d.state, title = d.state, items = of[d.state]}
    end
  end
  return groups
end

-- What a decision is about: "CSC-PLC-001 · 4f1c09a1b2c3", "CSC-PLC-001", "173 findings".
function common.decided_on(d)
  local parts = {}
  if d.rule ~= "" then parts[#parts + 1] = d.rule end
  if d.finding ~= "" then parts[#parts + 1] = d.finding:sub(1, 12) end
  if d.count > 1 or #parts == 0 then parts[#parts + 1] = plural(d.count, "finding") end
  return list(parts)
end

function common.accepted(f) return f.decision:sub(1, 8) == "accepted" end

---- the files of a release ----

-- Without "x/../" and "./", so that services which show a file find it.
local function plain_path(path)
  local parts, from = {}, 1
  while from <= #path do
    local slash = path:find("/", from) or #path + 1
    local part = path:sub(from, slash - 1)
    if part == ".." and #parts > 0 and parts[#parts] ~= ".." then
      parts[#parts] = nil
    elseif part ~= "" and part ~= "." then
      parts[#parts + 1] = part
    end
    from = slash + 1
  end
  return table.concat(parts, "/")
end

-- A file of the release as seen from where the command was given (in CI the root of the repository). Where
-- the release was named by an absolute path, as seen from its folder. "" is the release file itself.
function common.path(doc, file)
  local release, cut = doc.release_file, 0
  for at = 1, #release do
    if release:byte(at) == 47 then cut = at end
  end
  local folder = release:sub(1, 1) == "/" and "" or release:sub(1, cut)
  if file == "" then file = release:sub(cut + 1) end
  local whole = file:sub(1, 1) == "/" or (folder ~= "" and file:sub(1, #folder) == folder) -- a pack's own files are
  return whole and file or plain_path(folder .. file)
end

local plain_bytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-"

local function shell(s)
  for at = 1, #s do
    if not plain_bytes:find(s:sub(at, at)) then return "'" .. s:replace("'", "'\\''") .. "'" end
  end
  return s
end

-- The command that lists all findings, of one rule or of all.
function common.command(doc, rule)
  return "assay findings --release " .. shell(doc.release_file) .. (rule and " --rule " .. shell(rule.id) or "") .. " --all"
end

return common
