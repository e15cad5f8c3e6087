#!/bin/bash
# Every kind of bad file is rejected with its own reason, and all others are read.
. tests/e2e/read_common.inc
pages "$work/scans" 3
corpus=tests/fuzz/corpus/fuzz_scan
cd "$work/scans" || exit 1
: >empty.tif
head -c 20000 page-02.png >truncated.png
echo 'Dear all' >letter.png
ln -s nowhere dangling.tif
mkfifo pipe.tif
ln -s . loop
cp page-01.png .hidden.png
cp page-01.png twice.png
: >"$(printf 'bad\377name.tif')"
cd - >/dev/null || exit 1
cp "$corpus/bomb.pdf" "$work/scans/bomb.pdf"
python3 - "$work/scans" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
def png(width, height, rows):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
open(sys.argv[1] + "/bomb.png", "wb").write(png(60000, 60000, b"\0" * 1000))
open(sys.argv[1] + "/white.png", "wb").write(png(1240, 1754, (b"\0" + b"\xff" * 1240) * 1754))
PYTHON
if command -v qpdf >/dev/null; then
    qpdf --encrypt secret secret 256 -- "$work/wave.pdf" "$work/scans/password.pdf" ||
        fails "qpdf"
    qpdf --empty "$work/scans/no-pages.pdf" || fails "qpdf"
fi
expect 3 "$MARKSENSE" read -f "$form" -o "$work/out" "$work/scans" "$work/scans/page-01.png"
says 'more than once'

# NAME CODE: the file was rejected for it, and a person is told.
reason() {
    seen "$1" "$2"
    grep -a "$1" "$work/out/flags.csv" | grep -q "$2" || fails "flags.csv has no $2 for $1"
}
seen() {
    grep -a "\"source\": *\"[^\"]*$1\"" "$work/out/readings.jsonl" >"$work/line"
    grep -q "\"reason\": *\"$2\"" "$work/line" || fails "$1: not $2: $(cat "$work/line")"
    checked=$((checked + 1))
}
checked=0
reason empty.tif file_empty
reason truncated.png file_truncated
reason letter.png file_foreign
reason dangling.tif file_unreadable
reason pipe.tif file_unreadable
reason bomb.png file_too_large
reason bomb.pdf file_too_large
seen white.png blank_page # nobody has to look at it
grep -q white.png "$work/out/flags.csv" && fails "a blank sheet is flagged"
grep -q white.png "$work/out/report.txt" || fails "report.txt lacks the blank sheet"
reason twice.png page_twice
if command -v qpdf >/dev/null; then
    reason password.pdf file_password
    reason no-pages.pdf file_no_pages
fi
grep -q hidden "$work/out/readings.jsonl" && fails "a hidden file was read"
[ "$(wc -l <"$work/out/readings.jsonl")" -eq $((checked + 4)) ] || fails "lines are missing or too many"
[ "$(grep -c '"status": *"read"' "$work/out/readings.jsonl")" -eq 3 ] || fails "not 3 pages were read"
python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"): json.loads(line)' "$work/out/readings.jsonl" ||
    fails "readings.jsonl is not JSON"
exit 0
