local t = {3, 1, 2, x = 1, [2.5] = 2, [true] = 3}
table.sort(t, function(a, b) return a > b end)
local s = {}
for k, v in pairs(t) do s[#s + 1] = tostring(k) .. tostring(v) end
return table.concat(s, ',') .. select('#', table.unpack(t)) .. utf8.len('x') .. math.floor(2.5)
