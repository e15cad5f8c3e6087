#!/bin/bash
# A form damaged on purpose - boxes moved by 2 mm, another version's blank - makes pages be rejected,
# not read: our own form with its codes, and one adopted from pictures, known by content alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/read_common.inc
moved() { python3 tests/e2e/read_moved.py "$@" >"$work/log" 2>&1 || fails "read_moved.py $*"; }
reads() { # RESULTS WAVE FORM...
    local out=$work/$1 wave=$work/$2 names=()
    shift 2
    for name; do names+=(-f "$name"); done
    "$MARKSENSE" read -q --no-ocr "${names[@]}" -o "$out" "$wave/scans" >"$work/log" 2>&1
    [ $? -eq 3 ] || fails "read of $* did not end with 3"
}
adopt() { # FORM ID
    python3 tests/e2e/read_moved.py boxes "$1/template.json" >"$work/$2.json" || fails "boxes of $1"
    expect 0 "$MARKSENSE" form import --boxes "$work/$2.json" --id "$2" -o "$work/$2" "$1/blank.tif"
}
wave() { # FORM OUT
    expect 0 "$MARKSENSE" form proof -n 1 --profile clean --seed 5 --generate-only -o "$work/$2" "$1"
}

adopt "$form" adopted
wave "$form" own-wave
wave "$work/adopted" adopted-wave

# All boxes moved: no page with boxes is read, and one sentence a page says why.
number=0
for by in "own-wave 2 0" "adopted-wave -1.4 1.4"; do
    read -r wave x y <<<"$by"
    number=$((number + 1))
    whole=$form
    [ "$wave" = own-wave ] || whole=$work/adopted
    moved move "$whole" "$work/moved-$number" "$x" "$y"
    reads "results-$number" "$wave" "$work/moved-$number"
    says "boxes are printed beside where template.json says and will not be read"
    moved rejected "$work/results-$number" "$work/$wave/truth.jsonl"
    grep -q "boxes of the form lie beside those that its blank shows" "$work/results-$number/report.txt" ||
        fails "report.txt does not say why"
done
# Of a form whose boxes are where its blank shows them nothing of the kind is said.
reads own-results own-wave "$form"
says_not "printed beside"
if grep -q "lie beside" "$work/own-results/report.txt"; then fails "report.txt of a good form"; fi
expect 1 "$MARKSENSE" form check "$work/moved-1"
says "page 2: 29 boxes are printed beside where template.json says"

# Single questions moved: theirs are flagged, and nothing is read wrongly.
moved move "$form" "$work/some" 2 0 nurse_named stay_had
reads some-results own-wave "$work/some"
moved flagged "$work/some-results" "$work/own-wave/truth.jsonl" nurse_named stay_had
expect 1 "$MARKSENSE" form check "$work/some"
says "page 7: 2 boxes are printed beside"

# The next version asks one question more on page 6, which moves what follows.
mkdir "$work/next"
sed -e 's/^version: "1"/version: "2"/' -e 's/^      - name: nurse_reach$/      - name: nurse_seen\
        text: Have you seen this person in the last month?\
        kind: single\
        options:\
          - {code: 1, label: "Yes"}\
          - {code: 2, label: "No"}\
\
&/' "$form/form.yaml" >"$work/next/form.yaml"
expect 0 "$MARKSENSE" form build "$work/next"
reads next-results own-wave "$work/next"
moved read "$work/next-results" cancer-experience
grep -q "other_version.*form CES, version 1, page 6" "$work/next-results/flags.csv" ||
    fails "the version is not named"
# Its blank in the older one's folder:
cp -r "$form" "$work/mixed"
cp "$work/next/blank.tif" "$work/mixed"
reads mixed-results own-wave "$work/mixed"
moved read "$work/mixed-results" cancer-experience 1 2 3 4 5 8 9 10 11 12
expect 1 "$MARKSENSE" form check "$work/mixed"
says "boxes stand on no printed outline, while others"
# And by content alone: the pages that differ are never read as the other version's.
adopt "$work/next" adopted-next
reads adopted-results adopted-wave "$work/adopted-next"
moved read "$work/adopted-results" adopted-next 1 2 3 4 5 8 9 10 11 12
reads both-results adopted-wave "$work/adopted" "$work/adopted-next"
moved read "$work/both-results" adopted-next
exit 0
