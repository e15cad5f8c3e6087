#!/usr/bin/env python3
"""Writes a PDF of one page with three AcroForm fields that nothing is printed around: a text field
"surname" at 30, 50 mm, a check box "agree" at 30, 80 mm and a text of several lines "comment" at
30, 100 mm from the top left; lengths below are in points from the lower left."""
import sys

from plain_pdf import write_pdf

MM = 72 / 25.4


def rect(x, y, w, h):
    return "[%.2f %.2f %.2f %.2f]" % (x * MM, 842 - (y + h) * MM, (x + w) * MM, 842 - y * MM)


def main():
    text = (b"BT /F 11 Tf 85 708 Td (1. What is your family name?) Tj "
            b"0 -86 Td (2. Do you agree?) Tj 0 -58 Td (3. Anything else?) Tj "
            b"120 -350 Td (Thank you very much for your help with this) Tj ET")
    widget = "<< /Type /Annot /Subtype /Widget /F 4 /P 3 0 R %s >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R 8 0 R] >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> /Annots [6 0 R 7 0 R 8 0 R] >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        (widget % ("/FT /Tx /T (surname) /Rect " + rect(30, 50, 80, 8))).encode(),
        (widget % ("/FT /Btn /T (agree) /V /Off /AS /Off /Rect " + rect(30, 80, 5, 5))).encode(),
        (widget % ("/FT /Tx /Ff 4096 /T (comment) /Rect " + rect(30, 100, 150, 40))).encode(),
    ]
    write_pdf(sys.argv[1], objects)


if __name__ == "__main__":
    main()
