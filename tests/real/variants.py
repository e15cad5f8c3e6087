#!/usr/bin/env python3
"""variants.py [--keep DIR] [-v VARIANT]... VARIANT_TOOL MARKSENSE DATA [SET...]: the real scans as other
scanners, settings and hands at the feeder would have delivered them (see scan_variant.c), read with the
forms of the real sets. An answer may become a flag, and a page be rejected; an answer may never change.

Prints a line a set and variant and the sum; exits 1 where anything is wrong and accepted, which is named on
the standard error output. --keep leaves forms, scans and results in DIR."""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile

import read_sets

SCANS_DPI = {"formscanner-questionnaire": 300}   # the others: 200
COLUMNS = ["targets", "right", "wrong", "flagged", "rejected"]


def make_scans(tool, folder, truth, variant, dpi, out):
    """Makes the variant's scans; gives the truth with their file names."""
    os.makedirs(out, exist_ok=True)
    ending = ".jpg" if "jpeg" in variant or variant == "worn" else ".png"
    scans = []
    for scan in truth["scans"]:
        name = os.path.splitext(os.path.basename(scan["file"]))[0] + ending
        read_sets.run(tool, os.path.join(folder, scan["file"]), os.path.join(out, name), variant, str(dpi))
        scans.append({**scan, "file": name})
    return {**truth, "scans": scans}


def read_variants(tool, marksense, folder, variants, work):
    name = os.path.basename(folder)
    with open(os.path.join(folder, "truth.json")) as file:
        truth = json.load(file)
    os.makedirs(work, exist_ok=True)
    forms = read_sets.import_forms(marksense, folder, truth, work)
    arguments = [argument for form in forms for argument in ("-f", form)]
    for variant in variants:
        scans = os.path.join(work, variant)
        changed = make_scans(tool, folder, truth, variant, SCANS_DPI.get(name, 200), scans)
        out = os.path.join(work, "read-" + variant)
        read_sets.run(marksense, "read", *arguments, "--no-ocr", "-q", "-o", out, scans, allowed=(0, 3))
        with open(os.path.join(out, "readings.jsonl")) as file:
            readings = [json.loads(line) for line in file]
        yield variant, read_sets.score(changed, readings)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep")
    parser.add_argument("-v", "--variant", action="append")
    parser.add_argument("tool")
    parser.add_argument("marksense")
    parser.add_argument("data")
    parser.add_argument("sets", nargs="*")
    asked = parser.parse_args()
    listed = subprocess.run([asked.tool, "--list"], capture_output=True, text=True, check=True).stdout.split()
    total = dict.fromkeys(COLUMNS, 0)
    print("%-26s %-10s" % ("set", "variant"), *("%8s" % column for column in COLUMNS))
    with contextlib.ExitStack() as stack:
        work = asked.keep or stack.enter_context(tempfile.TemporaryDirectory())
        for name in asked.sets or read_sets.SETS:
            for variant, count in read_variants(asked.tool, asked.marksense,
                                                os.path.join(asked.data, name),
                                                asked.variant or listed, os.path.join(work, name)):
                print("%-26s %-10s" % (name, variant), *("%8d" % count[column] for column in COLUMNS),
                      flush=True)
                for column in COLUMNS:
                    total[column] += count[column]
    print("%-37s" % "all", *("%8d" % total[column] for column in COLUMNS))
    sys.exit(0 if total["wrong"] == 0 else 1)


if __name__ == "__main__":
    main()
