#!/usr/bin/env python3
"""read_fill.py FORM OUT PGM...: crosses boxes on blank pages, as a respondent would, and writes them
as PNG. The n-th PGM is page n of the form (modulo its pages). No randomness: every third box is
crossed, every tenth field gets a scrawl."""
import json, os, struct, sys, zlib


def read_pgm(path):
    data = open(path, "rb").read()
    parts = data[:40].split()
    width, height = int(parts[1]), int(parts[2])
    return width, height, bytearray(data[-width * height:])


def write_png(path, width, height, pixels, dpi):
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body +
                struct.pack(">I", zlib.crc32(kind + body)))
    rows = b"".join(b"\0" + bytes(pixels[y * width:(y + 1) * width]) for y in range(height))
    per_metre = round(dpi / 0.0254)
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" +
                  chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                  chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)) +
                  chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def line(pixels, width, height, x0, y0, x1, y1, pen):
    steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    for i in range(steps + 1):
        x, y = x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps
        for dy in range(-pen, pen + 1):
            for dx in range(-pen, pen + 1):
                px, py = int(x) + dx, int(y) + dy
                if 0 <= px < width and 0 <= py < height:
                    pixels[py * width + px] = 30


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
