#!/bin/sh
# On a blank that is a scan, numbers of one figure are read and name their questions; a label that begins with a figure
# is none, a number without a full stop is where its text is set off.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "form_find_numbers: $1"; exit 1; }

python3 -B - "$dir/blank.pdf" "$(dirname "$0")" <<'END' || exit 1
import sys
sys.path.insert(0, sys.argv[2])
from plain_pdf import write_pdf
MM = 72 / 25.4
out = ["0.8 w"]
def text(x, y, words):
    out.append("BT /F 11 Tf %.2f %.2f Td (%s) Tj ET" % (x * MM, 842 - y * MM, words))
for i, asked in enumerate(["Do you own or rent your home?", "How did you travel here today?",
                           "Which of these do you have?", "Are you employed at present?"]):
    top = 40 + 50 * i
    text(20, top, "%d." % (i + 1))
    text(28, top, asked)
    for k, label in enumerate(["Yes, all of it", "Yes, in part", "No, none at all"]):
        out.append("%.2f %.2f %.2f %.2f re S" % (28 * MM, 842 - (top + 10 + 8 * k) * MM, 4 * MM, 4 * MM))
        text(35, top + 9.5 + 8 * k, label)
text(20, 240, "5.")
text(28, 240, "How often do you eat out?")
for k, label in enumerate(["1 or 2 times a week", "3 or 4 times a week", "5 or 6 times a week", "Every day"]):
    text(28, 249.5 + 8 * k, label)
    out.append("%.2f %.2f %.2f %.2f re S" % (80 * MM, 842 - (250 + 8 * k) * MM, 4 * MM, 4 * MM))
text(110, 240, "6")
text(114.9, 240, "Who told you of us?")
for k, label in enumerate(["A friend", "A letter", "Somebody else"]):
    text(118, 249.5 + 8 * k, label)
    out.append("%.2f %.2f %.2f %.2f re S" % (160 * MM, 842 - (250 + 8 * k) * MM, 4 * MM, 4 * MM))
body = "\n".join(out).encode()
write_pdf(sys.argv[1], [
    b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
    b"/Resources << /Font << /F 5 0 R >> >> >>",
    b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"])
END
pdftoppm -r 200 -gray -png -singlefile "$dir/blank.pdf" "$dir/blank" || exit 1
"$MARKSENSE" form import -o "$dir/form" "$dir/blank.png" >"$dir/out" 2>&1 ||
    { cat "$dir/out"; fail "import failed"; }
python3 - "$dir/form/template.json" <<'END' || fail "questions are named otherwise"
import collections, json, sys
boxes = json.load(open(sys.argv[1]))["pages"][0]["boxes"]
count = collections.Counter(box["question"] for box in boxes)
assert count == {"q1": 3, "q2": 3, "q3": 3, "q4": 3, "q5": 4, "q6": 3}, count
END
