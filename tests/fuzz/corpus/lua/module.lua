local m = require 'words'
if r.places == 4 then m.count() end
return m.has(r.name or '') or assay.module('words').words[1]
