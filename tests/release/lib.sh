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
done_() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ] && [ $passed -gt 0 ]
    exit $?
}
