#!/usr/bin/env python3
"""registered.py MARKSENSE DATA: every real scan is recognised among all sets' blanks, and a ballot
whose own style is not known is never taken for a style that is.

Prints a line a set; exit 1 where a scan is rejected or laid on a wrong blank."""
import itertools
import json
import os
import sys
import tempfile

import read_sets

ALIKE = "opencount-cedar2012"


def recognised(marksense, work, forms, scans):
    """File name -> the form that it was read as, or why it was not read."""
    out = os.path.join(work, "out")
    arguments = [argument for form in forms for argument in ("-f", form)]
    read_sets.run(marksense, "read", *arguments, "--no-ocr", "-q", "--replace", "-o", out, scans,
                  allowed=(0, 3))
    with open(os.path.join(out, "readings.jsonl")) as file:
        pages = [json.loads(line) for line in file]
    return {os.path.basename(page["source"]):
            page["form"] if page["status"] == "read" else "" for page in pages}


def main():
    marksense, data = sys.argv[1:]
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        truths, forms = {}, {}
        for name in read_sets.SETS:
            folder = os.path.join(data, name)
            with open(os.path.join(folder, "truth.json")) as file:
                truths[name] = json.load(file)
            os.mkdir(os.path.join(work, name))
            forms[name] = read_sets.import_forms(marksense, folder, truths[name],
                                                 os.path.join(work, name), name + "-")
        every = [form for name in read_sets.SETS for form in forms[name]]
        for name in read_sets.SETS:
            own = {t["id"]: os.path.basename(form)
                   for t, form in zip(truths[name]["templates"], forms[name])}
            got = recognised(marksense, work, every, os.path.join(data, name, "scans"))
            for scan in truths[name]["scans"]:
                file = os.path.basename(scan["file"])
                if got[file] != own[scan["template"]]:
                    bad += 1
                    print("%s: read as '%s', is %s" % (scan["file"], got[file], own[scan["template"]]))
            print("%s: %d scans" % (name, len(truths[name]["scans"])))
        own = {os.path.basename(scan["file"]): dict(zip((t["id"] for t in truths[ALIKE]["templates"]),
                                                        forms[ALIKE]))[scan["template"]]
               for scan in truths[ALIKE]["scans"]}
        for known in itertools.combinations(forms[ALIKE], 2):
            for file, form in recognised(marksense, work, known,
                                         os.path.join(data, ALIKE, "scans")).items():
                want = os.path.basename(own[file]) if own[file] in known else ""
                if form != want:
                    bad += 1
                    print("%s: read as '%s' where '%s' is right, knowing %s" % (file, form, want, known))
        print("%s: two styles known of four, every pair" % ALIKE)
    sys.exit(bad > 0)


main()
