#!/usr/bin/env python3
"""read_fill.py FORM OUT PGM...: crosses boxes on blank pages, as a respondent would, and writes them
as PNG. The n-th PGM is page n of the form (modulo its pages). No randomness: every third box is
crossed, every tenth field gets a scrawl."""
import json
import os
import sys

from read_drawing import line, read_pgm, write_png


def main():
    form, out, pages = sys.argv[1], sys.argv[2], sys.argv[3:]
    template = json.load(open(os.path.join(form, "template.json")))["pages"]
    os.makedirs(out, exist_ok=True)
    for index, path in enumerate(pages):
        page = template[index % len(template)]
        width, height, pixels = read_pgm(path)
        scale = width / page["width_mm"]
        for n, box in enumerate(page["boxes"]):
            x, y, w, h = (v * scale for v in box["rect_mm"])
            if (n + index) % 3 == 0:
                line(pixels, width, height, x, y, x + w, y + h, 1)
                line(pixels, width, height, x, y + h, x + w, y, 1)
        for n, field in enumerate(page["fields"]):
            x, y, w, h = (v * scale for v in field["rect_mm"])
            if n % 10 == 0:
                line(pixels, width, height, x + w * .1, y + h * .3, x + w * .3, y + h * .7, 1)
                line(pixels, width, height, x + w * .3, y + h * .7, x + w * .4, y + h * .2, 1)
        name = os.path.splitext(os.path.basename(path))[0] + ".png"
        write_png(os.path.join(out, name), width, height, pixels, scale * 25.4)


main()
