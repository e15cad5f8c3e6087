#!/bin/sh
# Figures over a scale are its codes and no question numbers; lines as wide as the text and dotted ones
# are written on, dots that lead to a box are not; round boxes given without a correction are told.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "form_find_words: $1"; exit 1; }

python3 -B "$(dirname "$0")/form_find_words.py" "$dir/blank.pdf" || exit 1
"$MARKSENSE" form import -o "$dir/form" "$dir/blank.pdf" >"$dir/out" 2>&1 ||
    { cat "$dir/out"; fail "import failed"; }
python3 - "$dir/form/template.json" <<'END' || fail "other fields were found"
import json, sys
page = json.load(open(sys.argv[1]))["pages"][0]
values = {}
for box in page["boxes"]:
    values.setdefault(box["question"], []).append(box["value"])
assert sorted(values["q1"], key=int) == [str(i) for i in range(11)], values
assert len(values["q2"]) == 4 and len(values["q5"]) == 2 and len(values) == 3, values
fields = {f["question"]: f for f in page["fields"]}
assert sorted(fields) == ["q3", "q4"], fields
assert fields["q3"]["kind"] == "comment" and fields["q3"]["rect_mm"][3] > 15, fields
END

cat >"$dir/boxes.json" <<'END'
{"dpi": 300, "pages": [{"page": 1, "boxes": [
  {"question": "a", "value": "1", "shape": "circle", "rect": [283, 2600, 47, 47]},
  {"question": "a", "value": "2", "shape": "circle", "rect": [448, 2600, 47, 47]}]}]}
END
"$MARKSENSE" form import --boxes "$dir/boxes.json" -o "$dir/given" "$dir/blank.pdf" >"$dir/out" 2>&1 ||
    { cat "$dir/out"; fail "import with boxes failed"; }
grep -q 'filled in count as withdrawn' "$dir/out" || { cat "$dir/out"; fail "nothing is told"; }
exit 0
