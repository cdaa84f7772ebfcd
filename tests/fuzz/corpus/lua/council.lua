local owner = assay.fold(r.name or "")
if owner:find("council", 1, true) and r.places ~= 3 then
  return ("owner %q reads like a local authority"):format(r.name)
end
return true
