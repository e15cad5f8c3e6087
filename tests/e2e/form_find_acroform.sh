#!/bin/sh
# Fields that a PDF itself names (AcroForm) are taken where it says they are, with their names.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "form_find_acroform: $1"; exit 1; }

python3 -B "$(dirname "$0")/form_find_acroform.py" "$dir/blank.pdf" || exit 1
"$MARKSENSE" form import -o "$dir/form" "$dir/blank.pdf" >"$dir/out" 2>&1 ||
    { cat "$dir/out"; fail "import failed"; }
python3 - "$dir/form/template.json" <<'END' || exit 1
import json, sys
page = json.load(open(sys.argv[1]))["pages"][0]
box, = page["boxes"]
fields = {f["question"]: f for f in page["fields"]}
def near(got, wanted):
    assert all(abs(g - w) < 0.5 for g, w in zip(got, wanted)), (got, wanted)
assert box["question"] == "agree", box
near(box["rect_mm"], [30, 80, 5, 5])
near(fields["surname"]["rect_mm"], [30, 50, 80, 8])
near(fields["comment"]["rect_mm"], [30, 100, 150, 40])
assert fields["surname"]["kind"] == "text" and fields["comment"]["kind"] == "comment", fields
assert len(fields) == 2, fields
END
grep -q 'text: "What is your family name?"' "$dir/form/form.yaml" || fail "no question text"

# A PDF with nothing printed on it gets a clear answer, and leaves nothing behind.
printf '%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj trailer<</Root 1 0 R>>\n' >"$dir/none.pdf"
"$MARKSENSE" form import -o "$dir/none" "$dir/none.pdf" >"$dir/out" 2>&1
[ $? -eq 1 ] || fail "a page without fields was taken"
grep -q 'nothing is printed on it' "$dir/out" || { cat "$dir/out"; fail "no clear answer"; }
[ ! -e "$dir/none" ] || fail "a folder was left"
exit 0
