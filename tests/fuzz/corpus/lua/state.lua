local string = string
_ENV = {r = r, n = (n or 0) + 1}
return n == 1 and r.urn
