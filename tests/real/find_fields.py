#!/usr/bin/env python3
"""How well form import finds fields by itself: recall and precision of the boxes against the truth
rectangles of the real sets (and of our own form), at an intersection over union of 0.5.

    tests/real/find_fields.py [--marksense BINARY] [--keep DIR] [SET ...]

Leaves the imported forms, with their pictures in review/, under --keep."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
SHARED = os.environ.get("MARKSENSE_SHARED", os.path.join(ROOT, "..", "shared", "data"))
SETS = ["formscanner-questionnaire", "opencount-cedar2012", "opencount-durant", "opencount-juneau",
        "omrchecker-nus"]


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


def match(found, truth):
    """Each found rectangle serves one true one; gives (matched, missed, extra)."""
    left = list(found)
    missed = []
    for t in truth:
        best = max(left, key=lambda f: iou(f, t), default=None)
        if best is not None and iou(best, t) >= 0.5:
            left.remove(best)
        else:
            missed.append(t)
    return len(truth) - len(missed), missed, left


def run_import(binary, blank, folder, dpi=None):
    command = [binary, "form", "import", "--force", "-o", folder, blank]
    if dpi:
        command[3:3] = ["--dpi", str(dpi)]
    begin = time.time()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.time() - begin
    if done.returncode != 0:
        print(done.stderr)
        return None, seconds
    with open(os.path.join(folder, "template.json"), encoding="utf-8") as file:
        return json.load(file), seconds


def report(name, truth, found, seconds, sums):
    matched, missed, extra = match(found, truth)
    recall = matched / len(truth) if truth else 1.0
    precision = matched / len(found) if found else 1.0
    print(f"{name:48s} truth {len(truth):4d}  found {len(found):4d}  recall {100 * recall:6.2f} %  "
          f"precision {100 * precision:6.2f} %  {seconds:5.1f} s")
    for r in missed[:6]:
        print("    missed (mm)", [round(v, 1) for v in r])
    for r in extra[:6]:
        print("    extra  (mm)", [round(v, 1) for v in r])
    for key, value in zip(("truth", "found", "matched"), (len(truth), len(found), matched)):
        sums[key] += value
    return matched == len(truth) == len(found)


def real_set(binary, name, keep, sums):
    folder = os.path.join(SHARED, name)
    path = os.path.join(folder, "truth.json")
    if not os.path.exists(path):
        print(f"{name}: skipped, not here")
        return
    with open(path, encoding="utf-8") as file:
        truth = json.load(file)
    for template in truth["templates"]:
        blank = os.path.join(folder, template.get("pdf", template["file"]))
        out = os.path.join(keep, name + "-" + template["id"])
        # truth is in pixels of the picture; its width is that of the page
        made, seconds = run_import(binary, blank, out)
        if made is None:
            continue
        page = made["pages"][template.get("pdf_page", 1) - 1]
        mm = page["width_mm"] / template["width"]
        targets = [[v * mm for v in t["rect"]] for t in template["targets"]]
        found = [b["rect_mm"] for b in page["boxes"]]
        report(f"{name}/{template['id']}", targets, found, seconds, sums)
        if name == "omrchecker-nus":
            print("    (this blank lacks the digit bubbles: only the first four of its targets are "
                  "printed on it, one of them filled)")


def own_form(binary, keep, sums):
    """Our own form must be found exactly: its template is the truth."""
    exact = True
    folder = os.path.join(ROOT, "forms", "cancer-experience")
    with open(os.path.join(folder, "template.json"), encoding="utf-8") as file:
        truth = json.load(file)
    made, seconds = run_import(binary, os.path.join(folder, "blank.pdf"),
                               os.path.join(keep, "cancer-experience"))
    if made is None:
        return False
    for kind in ("boxes", "cells", "areas"):
        def rects(page, number):
            if kind == "boxes":
                return [b["rect_mm"] for b in page["boxes"]]
            if kind == "cells":
                return [c for f in page["fields"] for c in f.get("cells_mm", [])]
            return [f["rect_mm"] for f in page["fields"] if not f.get("cells_mm")]
        # pages apart: shift each by its number
        def shift(form):
            return [[r[0], r[1] + 1000 * p["number"], r[2], r[3]]
                    for p in form["pages"] for r in rects(p, p["number"])]
        exact = report(f"cancer-experience {kind}", shift(truth), shift(made), seconds,
                       dict(sums)) and exact
    return exact


def counts(binary, keep):
    blank = os.path.join(SHARED, "blank-nyc-hvs", "questionnaire.pdf")
    if not os.path.exists(blank):
        print("blank-nyc-hvs: skipped, not here")
        return
    made, seconds = run_import(binary, blank, os.path.join(keep, "nyc"))
    print(f"blank-nyc-hvs: {len(made['pages'])} pages in {seconds:.1f} s")
    for page in made["pages"]:
        cells = [f for f in page["fields"] if f.get("cells_mm")]
        print(f"    page {page['number']:2d}: {len(page['boxes']):3d} boxes, {len(cells):2d} rows "
              f"of cells ({sum(len(f['cells_mm']) for f in cells)}), "
              f"{len(page['fields']) - len(cells):2d} areas")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marksense", default=os.path.join(ROOT, "build", "marksense"))
    parser.add_argument("--keep")
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args()
    keep = options.keep or tempfile.mkdtemp(prefix="find-fields-")
    os.makedirs(keep, exist_ok=True)
    exact = True
    sums = {"truth": 0, "found": 0, "matched": 0}
    for name in SETS:
        if (not options.sets or name in options.sets):
            real_set(options.marksense, name, keep,
                     sums if name != "omrchecker-nus" else dict(sums))
    if sums["truth"]:
        print(f"real sets with truth, omrchecker-nus apart: recall "
              f"{100 * sums['matched'] / sums['truth']:.2f} %, precision "
              f"{100 * sums['matched'] / max(1, sums['found']):.2f} % of {sums['truth']} boxes")
    if not options.sets or "own" in options.sets:
        exact = own_form(options.marksense, keep, sums)
    if not options.sets or "nyc" in options.sets:
        counts(options.marksense, keep)
    print(f"forms and pictures: {keep}")
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
