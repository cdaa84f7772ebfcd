for i, x in ipairs(g) do if x.places == 0 then return i, x.urn .. #g end end
return g[1] == g[2]
