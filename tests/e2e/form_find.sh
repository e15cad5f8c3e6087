#!/bin/sh
# form import without --boxes finds every box, cell and area of our own form, and nothing else; what
# it writes can be loaded and drawn.
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "form_find: $1"; exit 1; }

python3 tests/real/find_fields.py --marksense "$MARKSENSE" --keep "$dir" own ||
    fail "the own form was not found exactly"
form=$dir/cancer-experience
[ -s "$form/review/page-12.png" ] || fail "no picture for the eye"
grep -q '# doubtful: ' "$form/form.yaml" || fail "nothing is marked as doubtful"
grep -q 'text: "Which tests have you had? Cross all that apply."' "$form/form.yaml" ||
    fail "the text of question 7 was not taken"
"$MARKSENSE" form check "$form" >"$dir/check" 2>&1
[ $? -lt 2 ] || { cat "$dir/check"; fail "form check cannot take it"; }
exit 0
