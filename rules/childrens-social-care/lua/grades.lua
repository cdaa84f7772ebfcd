-- The scale of graded judgements. Used by CSC-JDG-014. The terms of older frameworks stand where the published
-- tables put them.
local M = {}

local RANK = {
    ["Outstanding"] = 4,
    ["Good"] = 3,
    ["Requires improvement to be good"] = 2,
    ["Requires improvement"] = 2,
    ["Adequate"] = 2,
    ["Satisfactory"] = 2,
    ["Inadequate"] = 1,
}

-- Is the overall judgement no better than the best part and no worse than the worst? nil: not all are graded.
function M.between(overall, parts)
    local whole = RANK[overall or ""]
    local best, worst = 0, 5
    for _, part in ipairs(parts) do
        local rank = RANK[part]
        if not rank then
            return nil
        end
        best, worst = math.max(best, rank), math.min(worst, rank)
    end
    if not whole or best == 0 then
        return nil
    end
    if whole > best then
        return ("%s overall is better than every key judgement"):format(overall)
    end
    if whole < worst then
        return ("%s overall is worse than every key judgement"):format(overall)
    end
    return true
end

return M
