-- What an owner's name says about the sector of a provider. Used by CSC-SEC-004, -005 and -006.
-- A predicate answers true (holds), nil (cannot tell: no name or no sector) or a sentence (a finding).
local M = {}

local function words(name)
    return " " .. assay.fold(name):gsub("[^%w]+", " ") .. " "
end

local function has(text, list)
    for _, word in ipairs(list) do
        if text:find(" " .. word .. " ", 1, true) then
            return word
        end
    end
end

local COUNCIL = { "council", "borough", "county council", "city council" }
local HEALTH = { "nhs", "health authority", "healthcare trust" }
local ACADEMY = { "academy", "academies", "multi academy" }
local COMPANY = { "ltd", "limited", "plc", "llp" }
local CHARITY = { "trust", "charity", "charitable", "foundation", "society", "cio", "cic",
    "community interest company" }
local SCHOOLS = {
    ["Residential Special School"] = true,
    ["Boarding School"] = true,
    ["Further Education College with Residential Accommodation"] = true,
}

local function speaks(name, says, sector)
    return ("owner \"%s\" reads like %s, and the sector is %s"):format(name, says, sector)
end

-- A council, an NHS body, an academy trust (of a school), a company under a local authority.
function M.strong(owner, sector, provision_type)
    if not owner or not sector then
        return nil
    end
    local text = words(owner)
    if has(text, COUNCIL) and sector ~= "Local Authority" then
        return speaks(owner, "a local authority", sector)
    end
    if has(text, HEALTH) and sector ~= "Health Authority" then
        return speaks(owner, "an NHS body", sector)
    end
    if SCHOOLS[provision_type] and has(text, ACADEMY) and sector ~= "Academy" then
        return speaks(owner, "an academy trust", sector)
    end
    if sector == "Local Authority" and has(text, COMPANY) then
        return speaks(owner, "a company", sector)
    end
    return true
end

-- Words of charities and community interest companies under sector Private. NHS trusts are another matter.
function M.charity(owner, sector)
    if not owner or not sector then
        return nil
    end
    local text = words(owner)
    if sector == "Private" and not has(text, HEALTH) and has(text, CHARITY) then
        return speaks(owner, "a body not run for profit", sector)
    end
    return true
end

-- The first record of an owner's group whose sector is not that of more than half of the group.
function M.odd_one_out(group)
    local count = {}
    for _, r in ipairs(group) do
        count[r.sector] = (count[r.sector] or 0) + 1
    end
    for i, r in ipairs(group) do
        for sector, n in pairs(count) do
            if sector ~= r.sector and n * 2 > #group then
                return i, ("is %s, while %d of its owner's %d providers are %s"):format(r.sector, n, #group, sector)
            end
        end
    end
    return true
end

return M
