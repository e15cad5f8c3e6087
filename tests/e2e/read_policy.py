#!/usr/bin/env python3
"""read_policy.py draw FORM OUT PGM...: marks the first pages of a return in every way that the policy
of a study speaks of, and writes them as PNG.
read_policy.py expect RECORDS ITEM STATUS RAW CODED FLAGGED ...: the answers that the return must have
('-' stands for nothing), five words each.
read_policy.py framed FORM OVERLAY PAGE ITEM...: which of the items' boxes have a frame on the page's overlay, all in
order of print: a word of 0 and 1 each."""
import json
import os
import sys

from read_drawing import line, read_pgm, read_png, write_png

# Page, item, option, mark. The rest of pages 2 to 4 is left empty.
MARKS = [
    (2, "first_sign", "1", "cross"),
    (2, "first_sign_wait", "1", "cross"), (2, "first_sign_wait", "3", "heavy"),
    (2, "gp_times", "2", "cross"), (2, "gp_times", "3", "fill"),
    (2, "gp_explained", "2", "fill"),
    (2, "gp_wait", "2", "beside"),
    (2, "tests_had", "1", "cross"),
    (3, "tests_kinds", "blood", "cross"), (3, "tests_kinds", "unsure", "cross"),
    (3, "tests_results_wait", "2", "speck"), (3, "tests_staff_ready", "1", "hint"),
    (3, "tests_before", "1", "cross"),
    (3, "told_how", "1", "cross"), (3, "told_company", "4", "cross"), (3, "told_kindly", "1", "cross"),
    (4, "cancer_type", "1", "cross"), (4, "cancer_type", "2", "fill"),
    (4, "spread_first", "2", "cross"),
]


def mark(pixels, width, height, rect, how):
    x, y, w, h = rect
    if how in ("cross", "heavy"):
        pen, tone = (2, 0) if how == "heavy" else (1, 60)
        line(pixels, width, height, x, y, x + w, y + h, pen, tone)
        line(pixels, width, height, x, y + h, x + w, y, pen, tone)
    elif how == "fill":
        for step in range(int(h) + 1):
            line(pixels, width, height, x, y + step, x + w, y + step, 0, 60)
    elif how == "beside":
        line(pixels, width, height, x - 0.45 * w, y + 0.2 * h, x - 0.12 * w, y + 0.8 * h, 1, 60)
    elif how == "hint":
        line(pixels, width, height, x + 0.1 * w, y + 0.5 * h, x + 0.14 * w, y + 0.5 * h, 0, 60)
    elif how == "speck":
        line(pixels, width, height, x + 0.4 * w, y + 0.4 * h, x + 0.6 * w, y + 0.55 * h, 0, 150)


def draw(form, out, pages):
    template = json.load(open(os.path.join(form, "template.json")))["pages"]
    os.makedirs(out, exist_ok=True)
    for index, path in enumerate(pages):
        page = template[index]
        width, height, pixels = read_pgm(path)
        scale = width / page["width_mm"]
        for number, item, option, how in MARKS:
            for box in page["boxes"]:
                if (number, item, option) == (index + 1, box["question"], box["value"]):
                    mark(pixels, width, height, [v * scale for v in box["rect_mm"]], how)
        for field in page["fields"]:
            if field["question"] == "told_date":
                x, y, w, h = (v * scale for v in field["cells_mm"][0])
                line(pixels, width, height, x + 0.3 * w, y + 0.2 * h, x + 0.6 * w, y + 0.8 * h, 1)
        write_png(os.path.join(out, f"page-{index + 1}.png"), width, height, pixels, scale * 25.4)


def expect(records, words):
    answers = {a["question"]: a for a in json.loads(open(records).readline())["answers"]}
    wrong = 0
    for item, *wanted in zip(*[iter(words)] * 5):
        a = answers[item]
        found = [a["status"], (a["raw"] or "-").replace(" ", ","), (a["coded"] or "-").replace(" ", ","), str(a["flagged"]).lower()]
        if found != wanted:
            print(f"{item}: {' '.join(found)}; expected {' '.join(wanted)}")
            wrong += 1
    sys.exit(wrong > 0)


def framed(form, overlay, number, items):
    page = json.load(open(os.path.join(form, "template.json")))["pages"][number - 1]
    width, rows = read_png(overlay)
    scale = width / page["width_mm"]
    words = []
    for item in items:
        word = ""
        for box in page["boxes"]:
            if box["question"] != item:
                continue
            x, y, w, h = box["rect_mm"]
            row = rows[round((y - 1) * scale)]
            mid = round((x + w / 2) * scale)
            pink = sum(r > 200 and g < 200 and b < 200
                       for r, g, b in zip(*(row[3 * mid - 15 + k:3 * mid + 15:3] for k in range(3))))
            word += str(int(pink >= 5))
        words.append(word)
    print(*words)


if sys.argv[1] == "draw":
    draw(sys.argv[2], sys.argv[3], sys.argv[4:])
elif sys.argv[1] == "framed":
    framed(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
else:
    expect(sys.argv[2], sys.argv[3:])
