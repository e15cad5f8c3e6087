#!/bin/bash
# form import of blanks as they come: turned, protected, far too long, without a page.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
# import CODE WORDS BLANK [OPTION...]: into $work/x, and looks for the words in all it prints.
import() {
    local code=$1 words=$2 blank=$3
    shift 3
    "$MARKSENSE" form import "$@" -o "$work/x" "$blank" >"$work/log" 2>&1
    local got=$?
    [ $got -eq "$code" ] || { cat "$work/log"; fail "$blank ended with $got, not $code"; }
    grep -qF -- "$words" "$work/log" || { cat "$work/log"; fail "$blank did not say '$words'"; }
    [ "$code" -eq 0 ] || [ ! -e "$work/x" ] || fail "$blank left a folder"
}
# boxes FORM: how many, and where the first ones lie, to the millimetre
boxes() {
    python3 - "$1/template.json" <<'PYTHON'
import json, sys
for page in json.load(open(sys.argv[1]))["pages"]:
    rects = sorted([round(v) for v in box["rect_mm"]] for box in page["boxes"])
    print(round(page["width_mm"]), round(page["height_mm"]), len(rects), rects[:5])
PYTHON
}

qpdf forms/cancer-experience/blank.pdf --pages . 3 -- "$work/one.pdf" || exit 1
import 0 "1 page," "$work/one.pdf"
boxes "$work/x" >"$work/upright"
[ "$(cut -d' ' -f3 "$work/upright")" -gt 10 ] || fail "few boxes on the upright page"
for angle in 180 90; do
    qpdf --rotate=+$angle "$work/one.pdf" "$work/turned.pdf"
    words="upside down"
    [ $angle = 180 ] || words="on its side"
    rm -rf "$work/x"
    import 0 "page 1 lies $words in the blank; it was turned" "$work/turned.pdf"
    boxes "$work/x" | cmp - "$work/upright" || fail "turned by $angle: other boxes"
done
# Given boxes stay where they were measured.
echo '{"dpi": 300, "pages": [{"page": 1, "boxes": [{"rect": [500, 500, 50, 50]}]}]}' \
    >"$work/boxes.json"
rm -rf "$work/x"
import 0 "page 1 lies on its side in the blank, and stays so" "$work/turned.pdf" \
    --boxes "$work/boxes.json"
grep -qF "most boxes lie where no box is printed" "$work/log" || fail "boxes on nothing, unsaid"

rm -rf "$work/x"
qpdf --encrypt secret owner 256 -- "$work/one.pdf" "$work/locked.pdf"
import 1 "protected by a password; save it without one" "$work/locked.pdf"
qpdf --encrypt "" owner 256 -- "$work/one.pdf" "$work/owned.pdf" # anybody may open it
import 0 "1 page," "$work/owned.pdf"
rm -rf "$work/x"

# make_pdf PAGES WIDTH HEIGHT
make_pdf() {
    python3 - "$@" <<'PYTHON'
import sys
count, width, height = map(int, sys.argv[1:])
objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count %d/Kids[%s]>>" % (
    count, " ".join("%d 0 R" % (i + 3) for i in range(count)))]
objects += ["<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]>>" % (width, height)] * count
out, table = "%PDF-1.4\n", ""
for number, body in enumerate(objects, 1):
    table += "%010d 00000 n \n" % len(out)
    out += "%d 0 obj\n%s\nendobj\n" % (number, body)
print("%sxref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
    out, len(objects) + 1, table, len(objects) + 1, len(out)))
PYTHON
}
make_pdf 10000 595 842 >"$work/long.pdf"
import 1 "has 10000 pages, more than the 300" "$work/long.pdf"
make_pdf 0 595 842 >"$work/none.pdf"
import 1 "the PDF has no page" "$work/none.pdf"
make_pdf 1 14400 14400 >"$work/huge.pdf"
import 1 "5080 x 5080 mm, which is no form" "$work/huge.pdf"
make_pdf 1 595 842 >"$work/white.pdf"
import 1 "nothing is printed on it" "$work/white.pdf"
echo "%PDF-1.4 rubbish" >"$work/rubbish.pdf"
import 1 "damaged or cut short" "$work/rubbish.pdf"
ls -d "$work"/*.part-* 2>/dev/null && fail "a part was left behind"
exit 0
