if not r.opened then return nil end
local d = r.opened:add_months(1) + 28
return d < p.as_at or ('%s %d %s'):format(d, p.as_at - d, d.year), nil
