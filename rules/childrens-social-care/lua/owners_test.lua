-- Tests of owners.lua: every signal with an owner that carries it, one that does not, and what cannot be told.
local owners = require "owners"

local function holds(answer, what)
    assert(answer == true, what .. ": " .. tostring(answer))
end

local function finds(answer, words, what)
    assert(type(answer) == "string" and answer:find(words, 1, true), what .. ": " .. tostring(answer))
end

local HOME, SCHOOL = "Children's home", "Residential Special School"

finds(owners.strong("Westmarch County Council", "Private", HOME), "local authority", "council")
finds(owners.strong("LONDON BOROUGH OF ELM", "Voluntary", HOME), "local authority", "borough")
holds(owners.strong("Westmarch County Council", "Local Authority", HOME), "a council's own home")
holds(owners.strong("Counciltown Care", "Private", HOME), "part of a word is no signal")
finds(owners.strong("Eastvale NHS Foundation Trust", "Private", HOME), "NHS", "NHS body")
holds(owners.strong("Eastvale NHS Foundation Trust", "Health Authority", HOME), "NHS body as it should be")
finds(owners.strong("Oakfield Multi-Academy Trust", "Local Authority", SCHOOL), "academy", "academy trust")
holds(owners.strong("The Care Academy", "Private", HOME), "an academy signal is for schools only")
finds(owners.strong("Brightwater Care Ltd.", "Local Authority", HOME), "company", "company under an authority")
assert(owners.strong(nil, "Private", HOME) == nil, "no owner, no answer")
assert(owners.strong("Brightwater", nil, HOME) == nil, "no sector, no answer")

finds(owners.charity("The Willowmere Trust", "Private"), "not run for profit", "trust")
holds(owners.charity("The Willowmere Trust", "Voluntary"), "a trust as it should be")
holds(owners.charity("Eastvale NHS Foundation Trust", "Private"), "NHS trusts belong to the other rule")
holds(owners.charity("Entrusted Homes Ltd", "Private"), "part of a word is no signal")
assert(owners.charity(nil, "Private") == nil, "no owner, no answer")

local function group(...)
    local g = {}
    for _, sector in ipairs({ ... }) do
        g[#g + 1] = { sector = sector }
    end
    return g
end

local row, why = owners.odd_one_out(group("Voluntary", "Private", "Voluntary"))
assert(row == 2 and why:find("2 of its owner's 3", 1, true), "the second of three differs")
holds(owners.odd_one_out(group("Private", "Private")), "all alike")
holds(owners.odd_one_out(group("Private", "Voluntary")), "no majority, no finding")
holds(owners.odd_one_out(group("Private")), "one alone")
