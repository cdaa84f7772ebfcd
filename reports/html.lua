-- html.lua: one file that a person opens in a browser, keeps and prints (docs/formats/html.md).
--
-- Nothing is fetched, nothing is sent: the page's own policy allows only the style and the script below, each named by
-- its SHA-256 (a test computes them). Without script everything can be read; it adds search, filters and sorting.

local doc, options
local per_rule, charts_max, members_max = 1000, 12, 20
local anchors = {} -- of a rule's findings

local style_hash, script_hash = "sha256-SBiSd8J+sWtGzJsMRE+3NOl6n20gn2MJtBpLxfbT7gA=", "sha256-drRyv98+0pJVwWI/NPKulfr23bug1H5mxyvEf/7PYck="

local style = [==[
:root{color-scheme:light;--ink:#1b1f24;--dim:#4d5660;--line:#c9d0d7;--soft:#f3f5f7;--bad:#a4161a;--warn:#7a4b00;--good:#1b5e20;--link:#0b4a8f}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1rem;font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;color:var(--ink);background:#fff}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:2.2rem 0 .6rem;border-bottom:2px solid var(--line)}
h3{font-size:1.05rem;margin:1.6rem 0 .3rem}p,ul{margin:.4rem 0}a{color:var(--link)}
.dim{color:var(--dim)}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;background:#fff;padding:.5rem}
.verdict{border-left:.5rem solid var(--bad);background:var(--soft);padding:.6rem 1rem;margin:1rem 0}
.verdict.pass{border-color:var(--good)}.verdict.incomplete{border-color:var(--warn)}.verdict strong{font-size:1.3rem}
nav ul{padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}
.scroll{overflow-x:auto;margin:.5rem 0}table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
thead th{background:var(--soft);border-bottom:2px solid var(--line)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}tbody th{min-width:9rem}
td.key,th.key,code{font-family:ui-monospace,Consolas,"Liberation Mono",monospace;font-size:.88em;overflow-wrap:anywhere}td.key,th.key{min-width:7.5rem}td.what{min-width:16rem}td.vals{min-width:24rem}
.s{font-weight:700;white-space:nowrap}.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}
thead button{font:inherit;font-weight:700;border:0;background:none;padding:0;color:var(--link);text-decoration:underline;cursor:pointer;text-align:inherit}
th[aria-sort=ascending] button::after{content:" \25B2"}th[aria-sort=descending] button::after{content:" \25BC"}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,.scroll:focus-visible,figure:focus-visible{outline:3px solid var(--link);outline-offset:2px}
#tools{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:end;background:var(--soft);padding:.8rem;margin:.8rem 0}#tools[hidden]{display:none}
#tools label{display:block;font-weight:600}#tools input,#tools select{font:inherit;padding:.3rem;max-width:100%}
figure{margin:1rem 0;overflow-x:auto}svg{max-width:100%;min-width:30rem;height:auto;display:block}svg text{font:13px system-ui,"Liberation Sans",Arial,sans-serif;fill:#1b1f24}
figcaption{font-weight:600}.none{display:none}
@media print{body{max-width:none;padding:0;font-size:9.5pt}#tools,nav,.skip{display:none}.scroll{overflow:visible}a{color:inherit;text-decoration:none}
tr,figure{break-inside:avoid}thead{display:table-header-group}h2,h3{break-after:avoid}td.what,td.vals,td.key,tbody th{min-width:0}tbody th.key{min-width:6.5rem}.none{display:revert}thead button{color:inherit;text-decoration:none}}
]==]

local script = [==[
(function () {
  "use strict";
  var tools = document.getElementById("tools"), said = document.getElementById("said");
  var rows = Array.prototype.slice.call(document.querySelectorAll("tbody.f tr")).map(function (tr) {
    return {tr: tr, text: tr.textContent.toLowerCase(), section: tr.closest("section"), state: tr.getAttribute("data-t")};
  });
  var sections = Array.prototype.slice.call(document.querySelectorAll("section.rule"));
  function filter() {
    var words = document.getElementById("q").value.toLowerCase().split(/\s+/), severity = document.getElementById("sev").value;
    var state = document.getElementById("sta").value, shown = 0, live = new Map();
    rows.forEach(function (r) {
      var head = r.section.getAttribute("data-q");
      var fits = (!severity || r.section.getAttribute("data-s") === severity) && (!state || r.state === state) &&
        words.every(function (w) { return r.text.indexOf(w) >= 0 || head.indexOf(w) >= 0; });
      r.tr.classList.toggle("none", !fits);
      if (fits) { shown += 1; live.set(r.section, true); }
    });
    sections.forEach(function (s) { s.classList.toggle("none", !live.has(s)); });
    said.textContent = shown + " of " + rows.length + " listed findings shown";
  }
  if (tools && rows.length) {
    tools.hidden = false;
    ["q", "sev", "sta"].forEach(function (id) { document.getElementById(id).addEventListener("input", filter); });
    filter();
  }
  function value(tr, at) {
    var td = tr.cells[at], n = td.getAttribute("data-v");
    return n === null ? td.textContent : Number(n);
  }
  function sort(table, at, th) {
    var down = th.getAttribute("aria-sort") === "ascending", body = table.tBodies[0];
    var all = Array.prototype.slice.call(body.rows).map(function (tr, i) { return {tr: tr, v: value(tr, at), i: i}; });
    all.sort(function (a, b) {
      var d = typeof a.v === "number" && typeof b.v === "number" ? a.v - b.v : String(a.v).localeCompare(String(b.v), "en", {numeric: true});
      return (down ? -d : d) || a.i - b.i;
    });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (c) { c.removeAttribute("aria-sort"); });
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    all.forEach(function (x) { body.appendChild(x.tr); });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table.sort"), function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (th, at) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = th.textContent;
      th.textContent = "";
      th.appendChild(button);
      button.addEventListener("click", function () { sort(table, at, th); });
    });
  });
})();
]==]

local plural, list = common.plural, common.list

-- No control characters, and none that turn the direction of what follows.
local function esc(s) return escape_html(escape_terminal(s, true)) end

local function line(...)
  write(...)
  write("\n")
end

---- tables ----

-- Heads: {text, "n" for numbers}. `scroll`: what the region is called.
local function open_table(caption, heads, classes, body)
  line('<div class="scroll" role="region" tabindex="0" aria-label="', esc(caption), '"><table', classes and ' class="' .. classes .. '"' or "", ">")
  write("<caption>", esc(caption), "</caption><thead><tr>")
  for _, h in ipairs(heads) do write('<th scope="col"', h[2] and ' class="n"' or "", ">", esc(h[1]), "</th>") end
  line("</tr></thead><tbody", body or "", ">")
end

local function close_table() line("</tbody></table></div>") end

local function number(n, plus) return '<td class="n" data-v="' .. string.format("%.17g", n) .. '">' .. (plus and common.signed(n) or thousands(n)) .. "</td>" end

local function cell(s, class) return "<td" .. (class and ' class="' .. class .. '"' or "") .. ">" .. esc(s) .. "</td>" end

---- the verdict ----

local function verdict()
  local word, said = common.verdict(doc)
  local n, rules = common.looked(doc)
  line('<div class="verdict ', n > 0 and esc(doc.verdict) or "fail", '"><p><strong>', esc(word), "</strong></p><ul>")
  for _, text in ipairs(said) do line("<li>", esc(text), "</li>") end
  line("<li>", plural(rules, "rule"), " looked at ", thousands(n), " records and figures: ", common.by_severity(doc), "</li>")
  local since = common.since(doc)
  if since then line("<li>", esc(since), "</li>") end
  line("<li>exit code ", math.tointeger(doc.exit_code), ": ", common.exits[doc.exit_code] or "unknown", "</li></ul></div>")
end

local function head()
  local name = doc.release ~= "" and doc.release or "A release without a name"
  line('<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">')
  line('<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'', style_hash, "'; script-src '", script_hash,
    "'; base-uri 'none'; form-action 'none'\">")
  line('<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">')
  line("<title>", esc(doc.verdict), ": ", esc(name), " – checks</title>\n<style>", style, "</style>\n</head>\n<body>")
  line('<a class="skip" href="#findings">To the findings</a>\n<header>\n<h1>', esc(name), "</h1>")
  local parts = {}
  if doc.as_at ~= "" then parts[1] = "as at " .. doc.as_at end
  if doc.run ~= "" then parts[#parts + 1] = "run " .. doc.run end
  if doc.produced_by ~= "" then parts[#parts + 1] = "produced by " .. doc.produced_by end
  parts[#parts + 1] = "assay " .. doc.assay
  line('<p class="dim">', esc(list(parts)), "</p>\n</header>\n<main>")
  verdict()
end

---- charts: each says in words what it shows ----

local function rect(x, y, w, h, fill) return string.format('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>', x, y, math.max(w, 1), h, fill) end

local function label(x, y, text, anchor) return string.format('<text x="%.1f" y="%.1f" text-anchor="%s">', x, y, anchor or "start") .. esc(text) .. "</text>" end

local function bars(id, caption, items)
  local most, said = 1, {}
  for _, item in ipairs(items) do
    most = math.max(most, item[2])
    said[#said + 1] = item[1] .. ": " .. thousands(item[2])
  end
  line('<figure tabindex="0"><figcaption>', esc(caption), '</figcaption><svg role="img" aria-labelledby="', id, '" viewBox="0 0 640 ', #items * 28 + 4, '" width="640" height="', #items * 28 + 4, '">')
  line('<title id="', id, '">', esc(caption .. ". " .. list(said, ", ")), "</title>")
  for i, item in ipairs(items) do
    local y = (i - 1) * 28 + 4
    line(label(150, y + 15, item[1], "end"), item[2] > 0 and rect(160, y, 380 * item[2] / most, 20, item[3]) or "",
      label(168 + 380 * item[2] / most, y + 15, thousands(item[2])))
  end
  line("</svg></figure>")
end

local function steps_of(b)
  local steps, at = {{"opening", 0, b.opening, "#4d5660"}}, b.opening
  for _, t in ipairs(b.terms) do
    local change = t.sign == "-" and -t.value or t.value
    steps[#steps + 1] = {common.term_label(t), at, at + change, change < 0 and "#7a4b00" or "#0b4a8f"}
    at = at + change
  end
  steps[#steps + 1] = {"expected", 0, b.expected, "#4d5660"}
  steps[#steps + 1] = {"published", 0, b.closing, b.residual == 0 and "#1b5e20" or "#a4161a"}
  return steps
end

-- From opening to published, a step for each term. The axis starts where something happens, and says so.
local function bridge_chart(id, b)
  local steps, low, high = steps_of(b), math.huge, -math.huge
  for _, s in ipairs(steps) do
    if s[3] ~= s[3] or s[3] - s[3] ~= 0 then return end -- unknown: the table says so
    low, high = math.min(low, s[3]), math.max(high, s[3])
  end
  local span = math.max(high - low, 1)
  local from = low - span * 0.6
  if low >= 0 and from < low * 0.1 then from = 0 end
  local function x(v) return 230 + 300 * (v - from) / (high - from) end
  local caption = common.group_name(b) .. (from > 0 and " (the axis starts at " .. thousands(math.floor(from)) .. ")" or "")
  line('<figure tabindex="0"><figcaption>', esc(caption), '</figcaption><svg role="img" aria-labelledby="', id, '" viewBox="0 0 640 ', #steps * 26 + 4, '" width="640" height="', #steps * 26 + 4, '">')
  line('<title id="', id, '">', esc(b.sentence ~= "" and b.sentence or caption), "</title>")
  for i, s in ipairs(steps) do
    local y, total = (i - 1) * 26 + 3, s[2] == 0 and (i == 1 or i >= #steps - 1)
    local left, right = total and 230 or math.min(x(s[2]), x(s[3])), total and x(s[3]) or math.max(x(s[2]), x(s[3]))
    line(label(222, y + 14, s[1], "end"), rect(left, y, right - left, 19, s[4]),
      label(math.max(right, left) + 6, y + 14, total and thousands(s[3]) or common.signed(s[3] - s[2])))
  end
  line("</svg></figure>")
end

---- since the run before ----

local function since()
  if not doc.previous then return end
  line('<section aria-labelledby="since"><h2 id="since">New, open and fixed</h2>')
  bars("c-since", "Findings since run " .. math.tointeger(doc.previous),
    {{"new", doc.new, "#a4161a"}, {"reopened", doc.reopened, "#a4161a"}, {"open", doc.open, "#7a4b00"}, {"fixed", doc.gone, "#1b5e20"}})
  local changed = {}
  for _, rule in ipairs(common.ranked(doc.rules)) do
    if rule.new + rule.reopened + rule.gone > 0 then changed[#changed + 1] = rule end
  end
  if #changed > 0 then
    open_table("Rules with new or fixed findings", {{"Rule"}, {"What must hold"}, {"New", "n"}, {"Reopened", "n"}, {"Open", "n"}, {"Fixed", "n"}}, "sort")
    for _, rule in ipairs(changed) do
      line("<tr>", cell(rule.id, "key"), cell(common.title(rule)), number(rule.new), number(rule.reopened), number(rule.open), number(rule.gone), "</tr>")
    end
    close_table()
  end
  line("</section>")
end

---- reconciliation ----

local function causes(b)
  line("<p><strong>", esc(common.group_name(b)), "</strong>: ", common.signed(b.residual), " against the expected ", thousands(b.expected), "</p><ul>")
  for _, cause in ipairs(b.causes) do
    local text, keys = common.cause(cause, members_max)
    line("<li>", common.signed(cause.effect), ": ", esc(text), #keys > 0 and ': <span class="dim">' .. esc(list(keys, ", ")) .. "</span>" or "", "</li>")
  end
  if b.unexplained ~= 0 then line('<li class="bad">', common.signed(b.unexplained), " unexplained: no record accounts for it</li>") end
  for _, t in ipairs(b.terms) do
    if t.note ~= "" then line('<li class="dim">', esc(common.term_label(t) .. ": " .. t.note), "</li>") end
  end
  line("</ul>")
end

local function bridge_of(rule, number_of)
  local columns = common.bridge_columns(rule.bridge, common.same_terms(rule.bridge))
  local heads, open = {{"Group"}}, {}
  for _, c in ipairs(columns) do heads[#heads + 1] = {c[1], "n"} end
  line("<h3>", esc(rule.id .. " " .. common.title(rule)), "</h3>")
  open_table(rule.id .. ": from opening to published", heads)
  for _, b in ipairs(rule.bridge) do
    write('<tr><th scope="row">', esc(common.group_name(b)), "</th>")
    for _, c in ipairs(columns) do
      local off = (c[1] == "difference" and b.residual ~= 0) or (c[1] == "unexplained" and b.unexplained ~= 0)
      write(off and '<td class="n s bad">' or '<td class="n">', esc(c[2](b)), "</td>")
    end
    line("</tr>")
    if not common.closes(b) then open[#open + 1] = b end
  end
  close_table()
  for i, b in ipairs(open) do
    if i <= charts_max then bridge_chart("c-" .. number_of .. "-" .. i, b) end
    causes(b)
  end
  if #open > charts_max then line("<p>", plural(#open - charts_max, "more group that does", "more groups that do"), " not close: without a chart.</p>") end
end

local function any_bridge()
  for _, rule in ipairs(doc.rules) do
    if rule.bridge and #rule.bridge > 0 then return true end
  end
  return false
end

local function bridges()
  local n = 0
  for _, rule in ipairs(doc.rules) do
    if rule.bridge and #rule.bridge > 0 then
      n = n + 1
      if n == 1 then line('<section aria-labelledby="accounts"><h2 id="accounts">Reconciliation</h2>') end
      bridge_of(rule, n)
    end
  end
  if n > 0 then line("</section>") end
end

---- findings ----

local words = {pass = "pass", fail = "fail", empty = "EMPTY", error = "ERROR", off = "off"}

local function outcome(rule)
  local word = rule.status == "fail" and rule.blocking and "FAIL" or rule.status == "empty" and not rule.blocking and "empty" or words[rule.status] or rule.status
  local class = rule.status == "pass" and "good" or rule.status == "off" and "dim" or rule.blocking and "bad" or "warn"
  return '<span class="s ' .. class .. '">' .. esc(word) .. "</span>"
end

local function values_of(f)
  local parts = {}
  for _, v in ipairs(f.values) do parts[#parts + 1] = v.field .. ": " .. (v.null and "null" or v.text == "" and '""' or v.text) end
  for i, r in ipairs(f.records) do
    if i > members_max then
      parts[#parts + 1] = "and " .. plural(#f.records - members_max, "more record")
      break
    end
    parts[#parts + 1] = "record " .. (r.key ~= "" and r.key or r.table) .. (r.line and " (line " .. math.tointeger(r.line) .. ")" or "")
  end
  if f.expected ~= "" then parts[#parts + 1] = "expected " .. f.expected end
  if f.moves > 0 then parts[#parts + 1] = common.moves(f, 3) end
  return list(parts)
end

local function finding(f)
  line('<tr data-t="', esc(f.state), '">', cell(f.key, "key"), cell(f.message ~= "" and f.message or "(no sentence)", "what"), cell(common.place_of(f)),
    cell(f.decision ~= "" and list({f.state, f.decision}) or f.state), cell(values_of(f), "vals"), "</tr>")
end

-- Returns how many findings of the rule are not listed.
local function findings_of(rule)
  local n, heads = 0, {{"Key"}, {"Finding"}, {"Place"}, {"State"}, {"Values, records, what was expected"}}
  for f in findings{rule = rule.id, limit = per_rule} do
    if n == 0 then
      local id = anchors[rule.id]
      line('<section class="rule" id="', id, '" aria-labelledby="h-', id, '" data-s="', esc(rule.severity), '" data-q="',
        esc((rule.id .. " " .. common.title(rule) .. " " .. rule.table .. " " .. rule.steward):lower()), '">')
      line('<h3 id="h-', id, '">', outcome(rule), " ", esc(rule.id .. " " .. common.title(rule)), "</h3>")
      local about = {rule.severity, plural(rule.findings, "finding") .. " of " .. thousands(rule.selected) .. " checked", table.unpack(common.parts_left_out(rule))}
      if rule.steward ~= "" then about[#about + 1] = "steward " .. rule.steward end
      line('<p class="dim">', esc(list(about)), "</p>")
      if rule.why ~= "" then line("<p>", esc(rule.why), "</p>") end
      open_table("Findings of " .. rule.id, heads, "sort", ' class="f"')
    end
    n = n + 1
    finding(f)
  end
  local left = rule.findings - n
  if n > 0 then
    close_table()
    if left > 0 then line("<p><strong>", plural(left, "more finding"), "</strong>", left == 1 and " is" or " are", " not in this file: <code>", esc(common.command(doc, rule)), "</code></p>") end
    line("</section>")
  end
  return left
end

local function tools()
  line('<div id="tools" role="search" hidden><div><label for="q">Search in findings</label><input id="q" type="search" autocomplete="off"></div>')
  line('<div><label for="sev">Severity</label><select id="sev"><option value="">all</option><option>error</option><option>warning</option><option>info</option></select></div>')
  line('<div><label for="sta">State</label><select id="sta"><option value="">all</option><option>new</option><option>open</option><option>reopened</option></select></div>')
  line('<p id="said" role="status" aria-live="polite"></p></div>')
end

local function all_findings(ranked)
  local left = 0
  line('<section aria-labelledby="findings"><h2 id="findings" tabindex="-1">Findings</h2>')
  if doc.findings == 0 then line("<p>None.</p>") else tools() end
  for _, rule in ipairs(ranked) do
    if rule.findings > 0 then left = left + findings_of(rule) end
  end
  if left > 0 then
    line("<p>", thousands(left), " of ", plural(doc.findings, "finding"), left == 1 and " is" or " are", " not listed here",
      options.filtered and " (the others do not match what was asked for, or are too many)" or "", ". All: <code>", esc(common.command(doc)), "</code></p>")
  end
  line("</section>")
end

---- decisions ----

local function decisions()
  local groups = common.decisions(doc)
  if #groups == 0 then return end
  line('<section aria-labelledby="decisions"><h2 id="decisions">Decisions</h2>')
  for _, g in ipairs(groups) do
    open_table(g.title .. " (" .. thousands(#g.items) .. ")", {{"Decision"}, {"On"}, {"What stands"}, {"Until"}, {"Findings", "n"}}, "sort")
    for _, d in ipairs(g.items) do
      line("<tr>", cell(d.name), cell(common.decided_on(d), "key"), cell(d.sentence, "what"), cell(d["until"]), number(d.count), "</tr>")
    end
    close_table()
  end
  line("</section>")
end

---- rules ----

-- "CSC-PLC-001" is of the family "CSC-PLC"; rules that come from a schema are one family.
local function family_of(rule)
  if rule.builtin then return "Built-in rules on types, codes and rows" end
  local cut
  for at = 1, #rule.id do if rule.id:byte(at) == 45 then cut = at end end
  return "Rules " .. (cut and cut > 1 and rule.id:sub(1, cut - 1) or rule.id)
end

local function rule_row(rule)
  write("<tr><td>", outcome(rule), '</td><th scope="row" class="key">')
  if rule.findings > 0 and anchors[rule.id] and not options.filtered then
    write('<a href="#', anchors[rule.id], '">', esc(rule.id), "</a>")
  else
    write(esc(rule.id))
  end
  write('</th><td class="what">', esc(common.title(rule)))
  if rule.why ~= "" then write('<br><span class="dim">', esc(rule.why), "</span>") end
  if rule.source ~= "" then write('<br><span class="dim">Source: ', esc(rule.source), "</span>") end
  local notes = common.parts_left_out(rule)
  if rule.note ~= "" then notes[#notes + 1] = rule.note end
  if #notes > 0 then write('<br><span class="dim">', esc(list(notes)), "</span>") end
  line("</td>", cell(rule.severity), number(rule.findings), number(rule.selected), "</tr>")
end

local function rules()
  local names, of = {}, {}
  for _, rule in ipairs(doc.rules) do
    local name = family_of(rule)
    if not of[name] then
      names[#names + 1], of[name] = name, {}
    end
    table.insert(of[name], rule)
  end
  line('<section aria-labelledby="rules"><h2 id="rules">Rules</h2>')
  if #names == 0 then line("<p>There are none.</p>") end
  for _, name in ipairs(names) do
    open_table(name .. " (" .. thousands(#of[name]) .. ")", {{"Outcome"}, {"Rule"}, {"What must hold, why, source"}, {"Severity"}, {"Findings", "n"}, {"Checked", "n"}}, "sort")
    for _, rule in ipairs(of[name]) do rule_row(rule) end
    close_table()
  end
  line("</section>")
end

---- inputs ----

local function inputs()
  line('<section aria-labelledby="inputs"><h2 id="inputs">Inputs</h2>')
  open_table("Files that were read", {{"Table"}, {"File"}, {"Rows", "n"}, {"Encoding"}, {"Digest"}}, "sort")
  for _, input in ipairs(doc.inputs) do
    line("<tr>", cell(input.table), cell(input.file), number(input.rows), cell(input.encoding), cell(input.digest, "key"), "</tr>")
  end
  close_table()
  line('<p class="dim">Rules: <code>', esc(doc.rules_sha256), "</code></p></section>")
end

return function(d, o)
  doc, options = d, o
  per_rule = options.limit or per_rule
  local ranked = common.ranked(doc.rules)
  for i, rule in ipairs(ranked) do anchors[rule.id] = "r" .. i end
  head()
  line('<nav aria-label="Contents"><ul>', doc.previous and '<li><a href="#since">New, open and fixed</a></li>' or "",
    any_bridge() and '<li><a href="#accounts">Reconciliation</a></li>' or "",
    '<li><a href="#findings">Findings</a></li>', #doc.decisions > 0 and '<li><a href="#decisions">Decisions</a></li>' or "", '<li><a href="#rules">Rules</a></li><li><a href="#inputs">Inputs</a></li></ul></nav>')
  since()
  bridges()
  all_findings(ranked)
  decisions()
  rules()
  inputs()
  line('</main>\n<footer><p class="dim">Values of sensitive fields are shown as [masked]. The same inputs, rules and tool give the same page.</p></footer>')
  line("<script>", script, "</script>\n</body>\n</html>")
end
