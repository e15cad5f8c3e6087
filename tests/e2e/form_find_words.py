#!/usr/bin/env python3
"""Writes a PDF of one page with a scale under figures, boxes after their labels, two lines of the
text's whole width, a dotted line and dots that lead to a box; lengths are in mm from the top left."""
import sys

from plain_pdf import write_pdf

MM = 72 / 25.4


def text(x, y, words):
    return "BT /F 11 Tf %.2f %.2f Td (%s) Tj ET" % (x * MM, 842 - y * MM, words)


def box(x, y):
    return "%.2f %.2f %.2f %.2f re S" % (x * MM, 842 - (y + 4) * MM, 4 * MM, 4 * MM)


def line(x0, x1, y):
    return "%.2f %.2f m %.2f %.2f l S" % (x0 * MM, 842 - y * MM, x1 * MM, 842 - y * MM)


def dots(x0, x1, y):
    return "[0.85 1.7] 0 d %s [] 0 d" % line(x0, x1, y)


def content():
    out = ["0.8 w", text(20, 30, "1. How likely are you to come again, from 0 to 10?")]
    for i in range(11):
        out += [text(24.5 + 14 * i, 40, str(i)), box(24 + 14 * i, 42)]
    out.append(text(20, 60, "2. Are you one of these?"))
    for i, label in enumerate(["Young", "Old", "Neither", "Rather not say"]):
        out += [text(24 + 40 * i, 69, label), box(26 + 40 * i + 2.2 * len(label), 65.5)]
    out += [text(20, 85, "3. What do you do for a living?"), line(20, 190, 96), line(20, 190, 106)]
    out += [text(20, 125, "4. Where were you born?"), dots(70, 160, 125)]
    out += [text(20, 150, "5. Do you agree?"), text(24, 160, "Yes"), dots(34, 150, 160),
            box(154, 156.5), text(24, 168, "No"), dots(34, 150, 168), box(154, 164.5)]
    return "\n".join(out).encode()


def main():
    body = content()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    write_pdf(sys.argv[1], objects)


if __name__ == "__main__":
    main()
