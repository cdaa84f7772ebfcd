local function f(n, ...) if n == 0 then return ... end return f(n - 1, n, ...) end
return ('%d %s %5.1f %x %q'):format(select('#', f(9)), {}, 2.5, 255, 'a\n')
