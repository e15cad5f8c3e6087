"""What the tests that draw on printed pages share: PGM in, PNG out, strokes of a pen between."""
import struct
import zlib


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


def line(pixels, width, height, x0, y0, x1, y1, pen, tone=30):
    """A stroke of 2 pen + 1 pixels and this grey level; coordinates in pixels."""
    steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    for i in range(steps + 1):
        x, y = x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps
        for dy in range(-pen, pen + 1):
            for dx in range(-pen, pen + 1):
                px, py = int(x) + dx, int(y) + dy
                if 0 <= px < width and 0 <= py < height:
                    pixels[py * width + px] = tone
