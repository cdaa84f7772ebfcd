local s = ''
for a, b in ('key = value, x=1'):gmatch('(%w+)%s*=%s*(%w+)') do s = s .. a .. b end
return (s:gsub('%f[%a](%a)', '%1%0')) .. tostring(s:match('()%b()')) .. (s:gsub('.', {k = 'K'}))
