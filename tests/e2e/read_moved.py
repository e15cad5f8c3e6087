#!/usr/bin/env python3
"""Templates damaged on purpose must make pages rejected, not read (see read_moved.sh).

read_moved.py move FORM OUT DX DY [QUESTION...]: a copy of the form whose boxes (of these questions)
  stand DX, DY mm beside where they are printed.
read_moved.py rejected RESULTS TRUTH: every page with boxes was rejected, and says why.
read_moved.py flagged RESULTS TRUTH QUESTION...: of these questions no box was read, of the others none
  wrongly.
read_moved.py read RESULTS FORM PAGE...: of this form at most these pages were read.
read_moved.py boxes TEMPLATE: its boxes in pixels of 300 dpi, for form import."""
import csv
import json
import os
import shutil
import sys

REASON = "is template.json of another blank?"


def move(form, out, dx, dy, *questions):
    shutil.copytree(form, out)
    path = os.path.join(out, "template.json")
    with open(path) as file:
        template = json.load(file)
    for page in template["pages"]:
        for box in page["boxes"]:
            if not questions or box["question"] in questions:
                box["rect_mm"][0] += float(dx)
                box["rect_mm"][1] += float(dy)
    with open(path, "w") as file:
        json.dump(template, file)


def images(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def records(folder):
    with open(os.path.join(folder, "records.jsonl")) as file:
        return [json.loads(line) for line in file]


def rejected(results, truth):
    with open(os.path.join(results, "flags.csv")) as file:
        flags = list(csv.DictReader(file))
    told = {int(f["image"]) for f in flags
            if f["reason"] == "not_registered" and REASON in f["sentence"]}
    asked = {i["image"] for i in images(truth) if i.get("boxes")}
    assert asked, "the wave has no page with boxes"
    assert told == asked, f"rejected with the reason: {sorted(told)} of {sorted(asked)}"
    of_boxes = [f for f in flags if f["question"] and int(f["image"]) in asked]
    assert not of_boxes, f"flagged one by one as well: {of_boxes[0]}"


def flagged(results, truth, *questions):
    marked = {}
    for image in images(truth):
        for box in image.get("boxes", []):
            marked.setdefault(box["question"], set())
            if box["conclusion"] == "marked":
                marked[box["question"]].add(str(box["value"]))
    seen = 0
    for record in records(results):
        for answer in record["answers"]:
            name = answer["question"]
            if name in questions:
                assert answer["flagged"] and not answer["marks"] and not answer["raw"], answer
                seen += 1
            elif name in marked and not answer["flagged"]:
                assert set(answer["marks"]) == marked[name], (answer, marked[name])
    assert seen == len(questions), "a question is missing"


def read(results, form, *pages):
    for record in records(results):
        for page in record["pages"] if record["form"] == form else []:
            assert page["status"] != "read" or str(page["page"]) in pages, page


def boxes(template):
    scale = 300 / 25.4
    with open(template) as file:
        pages = json.load(file)["pages"]
    json.dump({"dpi": 300, "pages": [
        {"page": page["number"],
         "boxes": [{"question": b["question"], "value": b["value"], "shape": b["shape"],
                    "rect": [v * scale for v in b["rect_mm"]]} for b in page["boxes"]]}
        for page in pages]}, sys.stdout)


COMMANDS = {"move": move, "rejected": rejected, "flagged": flagged, "read": read, "boxes": boxes}
COMMANDS[sys.argv[1]](*sys.argv[2:])
