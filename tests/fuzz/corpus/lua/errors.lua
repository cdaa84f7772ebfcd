assert(r.places, 'none')
error({r.name}, 2)
