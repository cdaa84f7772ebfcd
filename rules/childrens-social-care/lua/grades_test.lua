-- Tests of grades.lua.
local grades = require "grades"

assert(grades.between("Good", { "Good", "Inadequate" }) == true, "as good as the better part")
assert(grades.between("Inadequate", { "Good", "Inadequate" }) == true, "as bad as the worse part")
assert(grades.between("Adequate", { "Requires improvement to be good", "Satisfactory" }) == true, "three terms, one grade")
assert(grades.between("Outstanding", { "Good", "Good" }):find("better", 1, true), "better than both")
assert(grades.between("Inadequate", { "Good", "Good" }):find("worse", 1, true), "worse than both")
assert(grades.between("Good", { "Not judged", "Good" }) == nil, "a part without a grade")
assert(grades.between(nil, { "Good" }) == nil, "no overall judgement")
assert(grades.between("Good", {}) == nil, "no parts")
