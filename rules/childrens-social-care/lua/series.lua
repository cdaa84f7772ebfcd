-- Published tables with a row per year. Used by CSC-PUB-012 and -013.
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

return M
