-- Tests of series.lua: a year that repeats another, one that differs in a figure, one that is too short to tell.
local series = require "series"

local function ask(rows)
    local group = {}
    for _, row in ipairs(rows) do
        for i = 2, #row do
            group[#group + 1] = { year = row[1], what = "column " .. i, n = row[i] or nil }
        end
    end
    return series.repeated(group, function(r)
        return r.year
    end, function(r)
        return r.what
    end, function(r)
        return r.n
    end)
end

local at, why = ask({ { 2016, 5, 6, 7 }, { 2017, 5, 6, 7 } })
assert(at == 4 and why:find("2017 is that of 2016", 1, true), "a year that repeats the one before")
assert(ask({ { 2015, 5, 6, 7 }, { 2016, 1, 1, 1 }, { 2017, 5, 6, 7 } }) == 7, "a year that repeats an earlier one")
assert(ask({ { 2016, 5, 6, 7 }, { 2017, 5, 6, 8 } }) == true, "one figure differs")
assert(ask({ { 2016, 5, 6 }, { 2017, 5, 6 } }) == true, "two figures may be alike by chance")
assert(ask({ { 2016, 5, 6, 7 }, { 2017, 5, 6, 7, 8 } }) == true, "a type more")
assert(ask({}) == true, "nothing")
