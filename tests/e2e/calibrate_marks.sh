#!/bin/bash
# `calibrate marks`: what it prints, draws and writes of simulated boxes and of verified ones, and what
# it says where there is nothing to learn from.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/read_common.inc

sed 's/wrong_then_fill: .*/wrong_then_fill: {chance: 0.2}/' calibration/scanners/clean.yaml >"$work/often.yaml"
"$MARKSENSE" form proof "$form" -n 8 --profile "$work/often.yaml" --seed 31 -o "$work/wave" \
    >/dev/null 2>"$work/log" || fails "form proof"

# ---- judged: counts, diagram and crops
expect 0 "$MARKSENSE" calibrate marks --judge-only --diagram "$work/d.svg" --crops "$work/crops.png" "$work/wave"
says '3048 labelled boxes of 8 returns'
says 'As decided, by what is in use'
says_not 'by what is new'
python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$work/d.svg" || fails "the diagram is no SVG"
head -c 8 "$work/crops.png" | tail -c 7 | grep -q '^PNG' || fails "the crops are no PNG"

# ---- fitted: the same boxes give the same model, which keeps the one in use
for name in one two; do
    expect 0 "$MARKSENSE" calibrate marks -o "$work/$name.json" --date 2026-01-01 "$work/wave"
done
says 'The new model, on boxes held out'
cmp -s "$work/one.json" "$work/two.json" || fails "two fits of the same boxes differ"
python3 - "$work/one.json" calibration/mark_model.json <<'END' || fails "the new model"
import json, sys
new, old = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
old.pop("previous", None)
new["previous"].pop("previous", None)
assert new["previous"] == old, "it does not keep the one in use"
assert new["provenance"]["date"] == "2026-01-01" and new["provenance"]["returns"] == 8
assert new["values"].keys() == old["values"].keys()
weights = [key for key in new["values"] if new["values"][key]["value"] != old["values"][key]["value"]]
assert "withdrawn_bias" in weights and "marked_wrong_7" in weights, weights
END
expect 0 "$MARKSENSE" calibrate marks --keep-weights -o "$work/kept.json" "$work/wave"
python3 - "$work/kept.json" calibration/mark_model.json <<'END' || fails "the model with kept weights"
import json, sys
new, old = (json.load(open(path, encoding="utf-8"))["values"] for path in sys.argv[1:])
other = {key for key in new if new[key]["value"] != old[key]["value"]}
assert other and all("_wrong_" in key or key == "proved_error" for key in other), other
END

# ---- verified by people: one is labelled otherwise than it was read
python3 - "$work/wave" "$work/verified" <<'END' || fails "verified.jsonl"
import json, os, shutil, sys
wave, out = sys.argv[1:]
shutil.copytree(os.path.join(wave, "results"), out)
lines, wrong = [], 0
for page in map(json.loads, open(os.path.join(out, "readings.jsonl"), encoding="utf-8")):
    for box in page["boxes"]:
        if box["flagged"] or box["state"] == "uncertain":
            continue
        state = box["state"]
        if state == "marked" and not wrong:
            state, wrong = "empty", 1
        lines.append({"source": page["source"], "image": page["image"], "question": box["question"],
                      "value": box["value"], "state": state})
with open(os.path.join(out, "verified.jsonl"), "w", encoding="utf-8") as file:
    file.writelines(json.dumps(line) + "\n" for line in lines)
print(len(lines), "verified")
END
expect 0 "$MARKSENSE" calibrate marks --judge-only "$work/verified"
says '3011 labelled boxes of 8 returns'
grep -A12 'As decided' "$work/log" | grep -Eq 'marked  .* 1 +[0-9.]+e-' || fails "the wrong box is not counted"

cp -r "$work/verified" "$work/moved"
tail -n 4 "$work/verified/verified.jsonl" >"$work/moved/verified.jsonl"
echo '{"source": "other.tif", "image": 1, "question": "Q1", "value": "2", "state": "marked"}' \
    >>"$work/moved/verified.jsonl"
mv "$work/wave/scans" "$work/wave/elsewhere"
expect 0 "$MARKSENSE" calibrate marks --judge-only --crops "$work/crops.png" "$work/moved"
says 'moved/verified.jsonl:5'
says '1 verified box is in no reading'
says 'of 4 crops the scan cannot be opened'
mv "$work/wave/elsewhere" "$work/wave/scans"
sed -n '4s/"state": "[a-z]*"/"state": "uncertain"/p' "$work/moved/verified.jsonl" >>"$work/moved/verified.jsonl"
expect 1 "$MARKSENSE" calibrate marks --judge-only "$work/moved"
says 'verified.jsonl:6: a box that is labelled otherwise in an earlier line'
sed -n 5p "$work/moved/verified.jsonl" >"$work/moved/one" && mv "$work/moved/one" "$work/moved/verified.jsonl"
expect 1 "$MARKSENSE" calibrate marks --judge-only "$work/moved"
says 'there is no labelled box'

# ---- nothing to learn from
mkdir "$work/empty"
expect 1 "$MARKSENSE" calibrate marks "$work/empty"
says 'a results folder was expected'
cp -r "$work/verified" "$work/broken"
echo '{"source": "a.tif", "image": 1, "question": "Q1", "value": "2", "state": "ticked"}' >"$work/broken/verified.jsonl"
expect 1 "$MARKSENSE" calibrate marks "$work/broken"
says "empty, marked, withdrawn or uncertain was expected, not 'ticked'"
head -n 5 "$work/verified/verified.jsonl" >"$work/broken/verified.jsonl"
expect 1 "$MARKSENSE" calibrate marks -o "$work/few.json" "$work/broken"
[ ! -e "$work/few.json" ] || fails "a model was fitted to five boxes"
expect 2 "$MARKSENSE" calibrate marks
expect 2 "$MARKSENSE" calibrate marks --judge-only -o "$work/x.json" "$work/wave"
