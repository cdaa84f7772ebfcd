# lib.sh: for the tests of whole releases. Sourced with $assay set; `is WHAT EXPECTED ACTUAL` counts, `done_` ends.
set -u
assay=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
is() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'not as it should be: %s\n  expected %s\n  got      %s\n' "$1" "$2" "$3"
    fi
}
need_real() {
    [ -d "$source/../shared/real" ] && return
    echo "skipped: the real published files (../shared/real) are not here"
    exit 77
}
# check RELEASE → $json, $code
check() {
    json=$work/out.json
    "$assay" check "$1" --ledger "$work/ledger.db" --format json --output "$json" --quiet
    code=$?
}
q() { jq -r "$1" "$json"; }
# One group of a reconcile rule as "opening + plus − minus ~ adjustments = expected, closing, residual".
bridge() {
    q ".rules[] | select(.id == \"$1\") | .bridge[] | select((.group | [.[]] | join(\"/\")) == \"$2\") |
       \"\(.opening) + \(.plus) - \(.minus) ~ \(.adjustments) = \(.expected), \(.closing), \(.residual)\""
}
# Groups of a reconcile rule that do not close: "group residual".
open_groups() {
    q ".rules[] | select(.id == \"$1\") | [.bridge[] | select(.residual != 0) | (.group | [.[]] | join(\"/\")) + \" \(.residual)\"] | sort | join(\"; \")"
}
found() { q ".rules[] | select(.id == \"$1\") | .findings"; }
status() { q ".rules[] | select(.id == \"$1\") | .status"; }
done_() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ] && [ $passed -gt 0 ]
    exit $?
}
