#!/usr/bin/env python3
"""Writes the BOXES.json that `marksense form import` takes, from a truth file of the real sets.

usage: boxes_from_truth.py TRUTH.json TEMPLATE_ID > boxes.json
"""
import json
import os
import sys

# All of these ask to fill the shape in: any deliberate mark is an answer.
CORRECTION = "none"
# Not in the truth file either: which questions take any number of marks.
SEVERAL = {"formscanner-questionnaire": ["sources"]}
# Not in the truth file: the frame of the blank where it differs from the scans' resolution.
BLANK_DPI = {"omrchecker-nus": 300}


def names(target):
    """Question and value of a target."""
    return target.get("group", target["id"]), target.get("value", "1")


def main():
    path, template_id = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        truth = json.load(file)
    name = os.path.basename(os.path.dirname(os.path.abspath(path)))
    template = next(t for t in truth["templates"] if t["id"] == template_id)
    boxes = [
        {
            "question": names(target)[0],
            "value": names(target)[1],
            "label": target.get("label", target.get("value", "1")),
            "shape": target["shape"],
            "rect": target["rect"],
        }
        for target in template["targets"]
    ]
    kinds = {"digits": "digits", "digits+letter": "letters"}
    fields = [
        {"question": f["id"], "kind": kinds.get(f["type"], "text"), "cells": f["cells"]}
        for f in template.get("fields", [])
    ]
    # The truth file says nothing of lines to write on beside boxes; the import finds them.
    page = {"page": 1, "boxes": boxes}
    if fields:
        page["fields"] = fields
    json.dump(
        {
            "dpi": BLANK_DPI.get(name, truth.get("dpi", 300)),
            "correction": CORRECTION,
            "questions": [{"question": q, "kind": "several"} for q in SEVERAL.get(name, [])],
            "pages": [page],
        },
        sys.stdout,
        indent=1,
        ensure_ascii=False,
    )


if __name__ == "__main__":
    main()
