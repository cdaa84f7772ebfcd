-- Published tables with a row per year. Used by CSC-PUB-012 and -013 and CSC-AGR-009 to -011.
local M = {}

local function line_of(figures)
    table.sort(figures)
    return table.concat(figures, " ")
end

-- The group's records are figures in the order of their years: `year` gives a record's year, `what` its column, `n` the
-- number. A year all of whose figures (three at least, else chance would do it) stand in another year too was copied.
-- Answers true, or the number of that year's first record and a sentence.
function M.repeated(group, year, what, n)
    local figures, first, order = {}, {}, {}
    for i, r in ipairs(group) do
        local y = tostring(year(r))
        if not figures[y] then
            figures[y], first[y] = {}, i
            order[#order + 1] = y
        end
        if n(r) then
            table.insert(figures[y], what(r) .. "=" .. n(r))
        end
    end
    local seen = {}
    for _, y in ipairs(order) do
        if #figures[y] >= 3 then
            local line = line_of(figures[y])
            if seen[line] then
                return first[y], ("every figure of %s is that of %s"):format(y, seen[line])
            end
            seen[line] = y
        end
    end
    return true
end

-- The group's records are one column of a series in the order of its years; `year` gives a record's year as a number, `n` its
-- figure, `last` the year in which the series may not have ended yet. A year left out, an end too early, or a figure that
-- moves by more than half (and by more than `few`) from one year to the next.
function M.unbroken(group, year, n, last, few)
    for i, r in ipairs(group) do
        local before = group[i - 1]
        if before and year(r) ~= year(before) + 1 and year(r) ~= year(before) then -- twice is another rule's
            return i, ("%d follows %d"):format(year(r), year(before))
        end
        local a, b = before and n(before), n(r)
        if a and b and math.abs(b - a) > math.max(few, math.min(a, b) / 2) then
            return i, ("%d in %d, and %d a year before"):format(b, year(r), a)
        end
    end
    if year(group[#group]) < last then
        return #group, ("the series ends in %d"):format(year(group[#group]))
    end
    return true
end

return M
