#!/bin/bash
# form check, show and import at the command line: exit codes, messages, nothing half-written.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
# expect CODE WORDS COMMAND...: runs it and looks for the words in all it prints.
expect() {
    local code=$1 words=$2
    shift 2
    "$@" >"$work/log" 2>&1
    local got=$?
    [ $got -eq "$code" ] || { cat "$work/log"; fail "$* ended with $got, not $code"; }
    grep -qF -- "$words" "$work/log" || { cat "$work/log"; fail "$* did not say '$words'"; }
}

form=forms/cancer-experience
expect 0 "0 errors, 0 warnings" "$MARKSENSE" form check $form
expect 2 "expected one FORM folder or several" "$MARKSENSE" form check
expect 1 "cannot open the form" "$MARKSENSE" form check "$work/none"
expect 1 "0 errors, 0 warnings" "$MARKSENSE" form check "$work/none" $form
grep -q "cannot open the form" "$work/log" || fail "the form that is not there is passed over"
expect 1 "is a form" "$MARKSENSE" form proof $form -n 1 -o $form
expect 0 "usage: marksense form check" "$MARKSENSE" form check --help
expect 0 "usage: marksense form check" "$MARKSENSE" form help check
expect 0 "usage: marksense form show" "$MARKSENSE" form show --help
expect 0 "usage: marksense form import" "$MARKSENSE" form import --help

mkdir "$work/bad" "$work/warn" "$work/wrong"
sed 's/kind: single/kind: singel/' $form/form.yaml >"$work/bad/form.yaml"
expect 1 "bad/form.yaml:" "$MARKSENSE" form check "$work/bad"
expect 1 "but found 'singel'" "$MARKSENSE" form check "$work/bad"
# every question with an error is named at once
sed '0,/kind: several/s//kind: severel/; s/kind: comment/kind: coment/' $form/form.yaml >"$work/bad/form.yaml"
expect 1 "but found 'severel'" "$MARKSENSE" form check "$work/bad"
grep -qF "but found 'coment'" "$work/log" || fail "the second error is not told"
head='form: f\ncode: F\nversion: "1"\ntitle: T\nsections: [{title: S, questions: ['
printf "$head"'{name: a, text: t, kind: text, goto: c}, {name: b, text: t, kind: text},
    {name: c, text: t, kind: text}]}]\n' >"$work/warn/form.yaml"
expect 3 "warning: question 'b' is never reached" "$MARKSENSE" form check "$work/warn"
printf "$head"'{name: a, text: t, kind: single, options: [{code: -99, label: x}]}]}]\n' \
    >"$work/wrong/form.yaml"
expect 1 "error: question 'a' uses the code '-99'" "$MARKSENSE" form check "$work/wrong"
# ... and codes and names that cannot be told apart in the data, or rules that decide nothing.
several='{name: a, text: t, kind: several, options: [{code: "b c", label: x}, {code: "=1", label: y}]}'
printf "$head"'%s]}]\n' "$several" >"$work/wrong/form.yaml"
expect 1 "error: question 'a': the code 'b c' has a space in it" "$MARKSENSE" form check "$work/wrong"
grep -qF "take the code '=1' for a formula" "$work/log" || fail "no word of the formula"
several='{name: a, text: t, kind: several, options: [{code: b, label: x}, {code: c, label: y}]}'
printf "$head"'%s, {name: return, text: t, kind: text}]}]\npolicy: {multiple: nearest}\n' "$several" >"$work/wrong/form.yaml"
expect 3 "two columns 'return': that of 'return' will be called 'return_2'" "$MARKSENSE" form check "$work/wrong"
grep -qF "multiple: nearest decides nothing" "$work/log" || fail "no word of a rule that decides nothing"
sed -i 's/{multiple: nearest}/{multiple: code, multiple_code: "-99"}/' "$work/wrong/form.yaml"
expect 3 "uses the code '-99' for two things" "$MARKSENSE" form check "$work/wrong"
printf "$head"'%s]}]\n' "$several" | sed 's/version: "1"/version: "v_1"/' >"$work/wrong/form.yaml"
expect 1 "the version 'v_1' cannot stand in the codes" "$MARKSENSE" form build "$work/wrong"
expect 1 "never built or imported" "$MARKSENSE" form show "$work/warn" -o "$work/pictures"

# What stands on paper is not changed behind its back; the study's own rules are not on paper.
cp -r $form "$work/changed"
sed -i 's/multiple: review/multiple: missing/; s/critical: true/critical: false/' "$work/changed/form.yaml"
expect 0 "0 errors" "$MARKSENSE" form check "$work/changed"
sed -i 's/label: Less than 1 month}/label: More than 1 month}/' "$work/changed/form.yaml"
expect 1 "no longer those on paper" "$MARKSENSE" form check "$work/changed"
expect 1 "no longer those on paper" "$MARKSENSE" form print "$work/changed" -o "$work/copy.pdf"
expect 1 "no longer those on paper" "$MARKSENSE" form proof "$work/changed" -n 1 -o "$work/proof"
expect 3 "the file is empty" "$MARKSENSE" read -f "$work/changed" -o "$work/results" /dev/null
grep -q "warning: .*no longer those on paper" "$work/log" || fail "read does not warn"
expect 1 "give form.yaml a new version" "$MARKSENSE" form build "$work/changed"
expect 0 "is new" "$MARKSENSE" form build --force "$work/changed"
expect 0 "0 errors" "$MARKSENSE" form check "$work/changed"

expect 0 "page-12.png" "$MARKSENSE" form show $form --dpi 60 -o "$work/pictures"
[ "$(find "$work/pictures" -name '*.png' | wc -l)" -eq 12 ] || fail "not 12 pictures"

# The shipped form's own plates and boxes, adopted as if they were somebody else's.
python3 - $form/template.json >"$work/boxes.json" <<'PYTHON'
import json, sys
k = 300 / 25.4
pages = json.load(open(sys.argv[1]))["pages"]
json.dump({"dpi": 300, "pages": [{"page": p["number"], "boxes": [
    {"question": b["question"], "value": b["value"], "shape": b["shape"],
     "rect": [v * k + d for v, d in zip(b["rect_mm"], (5, -5, 0, 0))]} for b in p["boxes"]]}
    for p in pages]}, sys.stdout)
PYTHON
import=("$MARKSENSE" form import --boxes "$work/boxes.json" -o "$work/adopted")
expect 0 "12 pages" "${import[@]}" $form/blank.tif
python3 - $form/template.json "$work/adopted/template.json" <<'PYTHON' || fail "boxes moved"
import json, sys
def boxes(path):
    return {(b["question"], b["value"]): b["rect_mm"]
            for p in json.load(open(path))["pages"] for b in p["boxes"]}
was, now = boxes(sys.argv[1]), boxes(sys.argv[2])
assert was.keys() == now.keys()
worst = max(abs(x - y) for q in was for x, y in zip(was[q], now[q]))
print(f"worst {worst:.2f} mm of {len(was)} boxes")
assert worst < 0.3, worst
PYTHON
# Another version of the same form beside it: read together, their pages are hard to tell apart.
expect 3 "cancer-experience 1, page 1, and adopted 1, page 1, look alike" "$MARKSENSE" form check \
    $form "$work/adopted"
cp -r "$work/adopted" "$work/again"
sed -i 's/^form: .*/form: "again"/' "$work/again/form.yaml"
sed -i 's/"form": "adopted"/"form": "again"/' "$work/again/template.json"
expect 3 "look alike (100 %); nothing tells them apart" "$MARKSENSE" read -f "$work/adopted" -f "$work/again" \
    -o "$work/results-alike" /dev/null
grep -q "so do 11 more pairs of pages" "$work/log" || fail "read does not tell how many"
expect 1 "two of the forms are cancer-experience, version" "$MARKSENSE" form check $form $form
expect 1 "exists already" "${import[@]}" $form/blank.tif
expect 0 "12 pages" "${import[@]}" --force $form/blank.pdf
expect 2 "expected -o FORM" "$MARKSENSE" form import --boxes "$work/boxes.json" $form/blank.pdf
python3 - "$work/white.png" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))
with open(sys.argv[1], "wb") as out: # an empty A4 page at 150 dpi
    out.write(b"\x89PNG\r\n\x1a\n" +
              chunk(b"IHDR", struct.pack(">IIBBBBB", 1240, 1754, 8, 0, 0, 0, 0)) +
              chunk(b"pHYs", struct.pack(">IIB", 5906, 5906, 1)) +
              chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * 1240) * 1754)) + chunk(b"IEND", b""))
PYTHON
expect 1 "nothing is printed on it" "$MARKSENSE" form import -o "$work/x" "$work/white.png"
head -c 20000 $form/blank.pdf >"$work/cut.pdf"
expect 1 "damaged or cut short" "$MARKSENSE" form import --boxes "$work/boxes.json" -o "$work/x" \
    "$work/cut.pdf"
: >"$work/empty.png"
expect 1 "the file is empty" "$MARKSENSE" form import --boxes "$work/boxes.json" -o "$work/x" \
    "$work/empty.png"
[ ! -e "$work/x" ] || fail "a failed import left a folder"
ls -d "$work"/*.part-* 2>/dev/null && fail "a part was left behind"
exit 0
