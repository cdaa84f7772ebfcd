return ('ab'):rep(1000, '-'):upper():reverse():sub(-5) .. assay.thousands(12345) .. assay.distance('kitten', 'sitting', 2)
