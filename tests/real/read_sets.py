#!/usr/bin/env python3
"""Reads the real scans with truth under ../shared/data as a user would, and scores them.

read_sets.py [--json] MARKSENSE DATA [SET...]: each set's blanks are imported with the rectangles of
its truth.json, its scans are read with `marksense read`, and every box is compared. Prints a line a
set (with --json one object, set -> counts) and exits 1 where a set that must be read without error
is not (see EXPECTED). What is wrong and accepted is named on the standard error output."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = ["formscanner-questionnaire", "opencount-durant", "opencount-juneau",
        "opencount-cedar2012", "omrchecker-nus"]
# set: targets that must be right; none may be wrong and accepted in any set. The blank of
# omrchecker-nus lacks the printed bubbles: they are learned from its three scans.
EXPECTED = {"formscanner-questionnaire": 155, "opencount-durant": 107, "opencount-juneau": 126,
            "opencount-cedar2012": 206, "omrchecker-nus": 257}
FLAGGED_MAX = 0.01  # of a set's targets, for a person to look at


def run(*command, allowed=(0,)):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in allowed:
        sys.exit("%s: exit %d\n%s%s" % (" ".join(command), done.returncode, done.stdout,
                                        done.stderr))
    return done.stdout


def import_forms(marksense, folder, truth, work, prefix=""):
    forms = []
    for number, template in enumerate(truth["templates"], 1):
        name = "%sform-%d" % (prefix, number)
        form = os.path.join(work, name)
        boxes = form + ".json"
        with open(boxes, "w") as out:
            out.write(run(sys.executable, os.path.join(HERE, "boxes_from_truth.py"),
                          os.path.join(folder, "truth.json"), template["id"]))
        blank = template.get("pdf") or template["file"]
        run(marksense, "form", "import", os.path.join(folder, blank), "--boxes", boxes,
            "--id", name, "-o", form)
        forms.append(form)
    return forms


def box_names(template):
    """id of the truth's target -> (question, value) as boxes_from_truth.py names them."""
    import importlib.util
    spec = importlib.util.spec_from_file_location("boxes", os.path.join(HERE,
                                                                        "boxes_from_truth.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {target["id"]: module.names(target) for target in template["targets"]}


def score(truth, readings):
    templates = {template["id"]: (number, template)
                 for number, template in enumerate(truth["templates"], 1)}
    # boxes: the targets of pages that were read, rightly or not
    count = dict(targets=0, boxes=0, right=0, wrong=0, flagged=0, rejected=0, pages=0,
                 misidentified=0)
    read = {os.path.basename(page["source"]): page for page in readings}
    for scan in truth["scans"]:
        number, template = templates[scan["template"]]
        names = box_names(template)
        skip = set(scan.get("ambiguous", [])) | set(scan.get("preprinted", []))
        page = read[os.path.basename(scan["file"])]
        targets = [t["id"] for t in template["targets"] if t["id"] not in skip]
        count["pages"] += 1
        count["targets"] += len(targets)
        if page["status"] != "read":
            count["rejected"] += 1
            continue
        count["boxes"] += len(targets)
        if page["form"] != "form-%d" % number:
            count["misidentified"] += 1
            count["wrong"] += len(targets)
            continue
        states = {(box["question"], box["value"]): box for box in page["boxes"]}
        for target in targets:
            box = states[names[target]]
            want = {"marked": "marked", "cancelled": "withdrawn"}.get(
                scan["marks"].get(target), "empty")
            if box["flagged"]:
                count["flagged"] += 1
            if box["state"] == want:
                count["right"] += 1
            elif not box["flagged"]:
                count["wrong"] += 1
                print("  wrong and accepted: %s %s is %s, read as %s" % (
                    scan["file"], target, want, box["state"]), file=sys.stderr)
    return count


def read_set(marksense, folder):
    with open(os.path.join(folder, "truth.json")) as file:
        truth = json.load(file)
    with tempfile.TemporaryDirectory() as work:
        forms = import_forms(marksense, folder, truth, work)
        out = os.path.join(work, "out")
        arguments = [argument for form in forms for argument in ("-f", form)]
        run(marksense, "read", *arguments, "--no-ocr", "-q", "-o", out,
            os.path.join(folder, "scans"), allowed=(0, 3))
        with open(os.path.join(out, "readings.jsonl")) as file:
            readings = [json.loads(line) for line in file]
    return score(truth, readings)


def main():
    parser = argparse.ArgumentParser(usage="read_sets.py [--json] MARKSENSE DATA [SET...]")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("marksense")
    parser.add_argument("data")
    parser.add_argument("sets", nargs="*")
    asked = parser.parse_args()
    columns = ["targets", "right", "wrong", "flagged", "rejected"]
    counts = {}
    if not asked.json:
        print("%-28s %7s %7s %7s %7s %8s" % ("set", *columns))
    for name in asked.sets or SETS:
        counts[name] = read_set(asked.marksense, os.path.join(asked.data, name))
        if not asked.json:
            print("%-28s %7d %7d %7d %7d %8d" % (name, *(counts[name][key] for key in columns)))
    if asked.json:
        json.dump(counts, sys.stdout, indent=1)
        print()
    sys.exit(0 if all(count["right"] >= EXPECTED[name] and count["wrong"] == 0 and
                      count["flagged"] <= FLAGGED_MAX * count["targets"]
                      for name, count in counts.items()) else 1)


if __name__ == "__main__":
    main()
