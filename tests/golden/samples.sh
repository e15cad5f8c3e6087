#!/bin/bash
# The samples give the records, flags and readings that are kept in tests/golden/samples/, and no
# box is accepted that differs from the truth. After a change that was meant:
#   tests/golden/samples.sh --regenerate       and look at the difference before committing it
# Drafts of handwriting are left out (--no-ocr): they change with Tesseract's version.
set -euo pipefail
cd "$(dirname "$0")/../.."
marksense=${MARKSENSE:-$PWD/${BUILD:-build}/marksense}
kept=tests/golden/samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

status=0
"$marksense" read -q -f forms/cancer-experience -o "$work/out" --no-ocr samples/scans || status=$?
[ $status -eq 3 ] || { echo "read ended with $status instead of 3"; exit 1; }
mkdir "$work/new"
cp "$work/out/records.csv" "$work/out/flags.csv" "$work/new/"
judged=0
python3 tests/golden/summarise.py "$work/out/readings.jsonl" samples/truth/*.jsonl \
    >"$work/new/readings.txt" || judged=1
grep -E '^    (WRONG|MISTAKEN)' "$work/new/readings.txt" || true
tail -n 1 "$work/new/readings.txt"
[ $judged -eq 0 ] || exit 1

if [ "${1:-}" = --regenerate ]; then
    mkdir -p "$kept"
    cp "$work"/new/* "$kept/"
    git --no-pager diff --stat -- "$kept" || true
    exit 0
fi
diff -u "$kept" "$work/new" || {
    echo "The samples are read otherwise than before; if that was meant: $0 --regenerate"
    exit 1
}
