local i = 0
while true do i = i + 1 if i > 10 then break end goto next ::next:: end
repeat local x <const> = i until x
for j = 10, 1, -3 do i = i ~ j // 2 end
return i .. 0x1p4 .. 1e3 .. '\u{e9}\z  x' .. [[long]]
