"""What the tests that draw on printed pages share: PGM in, PNG out, strokes of a pen between; overlays in."""
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


def read_png(path):
    """Width in pixels, and rows of RGB; of what the program writes: 8 bits, not interlaced."""
    data, at, packed = open(path, "rb").read(), 8, b""
    width, _, depth, colour = struct.unpack(">IIBB", data[16:26])
    assert (depth, colour) == (8, 2), path
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    raw, stride, rows, above = zlib.decompress(packed), 3 * width, [], bytes(3 * width)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride if kind > 0 else 0):
            a, b, c = (row[i - 3], above[i], above[i - 3]) if i >= 3 else (0, above[i], 0)
            near = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            row[i] = row[i] + (0, a, b, (a + b) // 2, near)[kind] & 255
        rows.append(above := bytes(row))
    return width, rows


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
