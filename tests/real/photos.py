#!/usr/bin/env python3
"""photos.py MARKSENSE DATA: two photos of one sheet, taken at an angle. Each is imported as the blank,
with the empty boxes given in its own pixels, and both are read with it: both must be placed.

Exit 1 where a photo is not read or fits badly, or where an empty box is read as marked or a filled one as
empty."""
import json
import os
import sys
import tempfile

import read_sets

PHOTOS = ["omr_survey_1.jpg", "omr_survey_2.jpg"]
# Middles of boxes in pixels of each photo, measured by eye: five that are empty on both, and one that is
# empty on this photo and filled in on the other.
BOXES = {"omr_survey_1.jpg": [[1201, 606], [1040, 676], [1087, 787], [1134, 905], [963, 1008], [1017, 986]],
         "omr_survey_2.jpg": [[975, 545], [873, 597], [911, 695], [950, 794], [841, 883], [838, 663]]}
SIDE = {"omr_survey_1.jpg": 22, "omr_survey_2.jpg": 17}
MEDIAN_MM, WORST_MM = 0.35, 0.8


def main():
    marksense, data = sys.argv[1:]
    scans = os.path.join(data, "omrchecker-hotel-survey", "scans")
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        for blank in PHOTOS:
            form, boxes = os.path.join(work, "form"), os.path.join(work, "boxes.json")
            half = SIDE[blank] / 2
            with open(boxes, "w") as file:
                json.dump({"pages": [{"page": 1, "boxes": [
                    {"question": "q%d" % k, "value": "1", "shape": "oval",
                     "rect": [x - half, y - half, 2 * half, 2 * half]}
                    for k, (x, y) in enumerate(BOXES[blank])]}]}, file)
            said = read_sets.run(marksense, "form", "import", os.path.join(scans, blank), "--boxes", boxes,
                                 "--force", "-o", form)
            if "(%d on their printed outline)" % len(BOXES[blank]) not in said:
                bad += 1
                print("%s: %s" % (blank, said))
            out = os.path.join(work, "out")
            read_sets.run(marksense, "read", "-f", form, "--no-ocr", "-q", "--replace", "-o", out, scans,
                          allowed=(0, 3))
            with open(os.path.join(out, "readings.jsonl")) as file:
                pages = [json.loads(line) for line in file]
            for page in pages:
                name, residual = os.path.basename(page["source"]), page.get("residual_mm") or {}
                states = [box["state"] for box in page.get("boxes", [])]
                print("%s on %s: %s %s, %s" % (name, blank, page["status"], residual, " ".join(states)))
                filled = name != blank
                if (page["status"] != "read" or residual["median"] > MEDIAN_MM or
                        residual["worst"] > WORST_MM or
                        any(state not in ("empty", "uncertain") for state in states[:-1]) or
                        (states[-1] == "empty") == filled):
                    bad += 1
            bad += len(pages) != len(PHOTOS)
    sys.exit(bad > 0)


main()
