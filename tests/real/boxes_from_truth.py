#!/usr/bin/env python3
"""Writes the BOXES.json that `marksense form import` takes, from a truth file of the real sets.

usage: boxes_from_truth.py TRUTH.json TEMPLATE_ID > boxes.json
"""
import json
import os
import sys

# Ballots and bubble sheets are filled in; the survey is crossed, and a filled box is withdrawn.
CORRECTION = {"formscanner-questionnaire": "fill"}
# Not in the truth file: the frame of the blank where it differs from the scans' resolution.
BLANK_DPI = {"omrchecker-nus": 300}


def main():
    path, template_id = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        truth = json.load(file)
    name = os.path.basename(os.path.dirname(os.path.abspath(path)))
    template = next(t for t in truth["templates"] if t["id"] == template_id)
    boxes = [
        {
            "question": target.get("group", target["id"]),
            "value": target.get("value", "1"),
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
    json.dump(
        {
            "dpi": BLANK_DPI.get(name, truth.get("dpi", 300)),
            "correction": CORRECTION.get(name, "none"),
            "pages": [{"page": 1, "boxes": boxes, "fields": fields}],
        },
        sys.stdout,
        indent=1,
        ensure_ascii=False,
    )


main()
