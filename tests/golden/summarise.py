#!/usr/bin/env python3
"""summarise.py READINGS TRUTH...: one line an image, and how its boxes compare with the truth.

Prints what the reader made of each image without the figures that a better reader may change by a
hair (residuals, confidences, rectangles). Ends with the count of boxes accepted wrongly and exits 1
where there is one: a golden file must never hold a wrong answer that nobody looks at.
"""
import json
import os
import sys


def main():
    truth = {}
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                image = json.loads(line)
                truth[image["source"], image["image"]] = image
    boxes = wrong = 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            known = truth.get((os.path.basename(page["source"]), page["image"]))
            states = [box["state"] for box in page["boxes"]]
            print(page["source"], page["image"] or "-", page["status"], page["reason"] or "-",
                  page["return"] or "-", page["page"] or "-",
                  *(f"{state}={states.count(state)}"
                    for state in ("empty", "marked", "withdrawn", "uncertain")),
                  "flagged=" + str(sum(box["flagged"] for box in page["boxes"])),
                  "written=" + str(sum(field["ink"] for field in page["fields"])))
            if page["status"] != "read":
                continue
            if known is None or (known["return"], known["page"]) != (page["return"], page["page"]):
                print("    MISTAKEN for another page")
                wrong += len(page["boxes"])
                continue
            conclusion = {(b["question"], b["value"]): b["conclusion"] for b in known["boxes"]}
            for box in page["boxes"]:
                boxes += 1
                is_so = conclusion[box["question"], box["value"]]
                if not box["flagged"] and box["state"] != is_so:
                    wrong += 1
                    print(f"    WRONG {box['question']} {box['value']}: {box['state']}, is {is_so}")
    print(f"{boxes} boxes, {wrong} accepted wrongly")
    return 1 if wrong else 0


sys.exit(main())
