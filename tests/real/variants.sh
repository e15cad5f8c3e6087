#!/bin/bash
# A few of the variants of two real sets (see variants.py): an answer may become a flag, never change.
# `tests/real/variants.sh --all` reads all sets in all variants. Skipped where the scans are missing.
data=${MARKSENSE_SHARED:-$(cd "$(dirname "$0")/../.." && pwd)/../shared}/data
[ -d "$data" ] || { echo "skipped: no real scans at ../shared/data"; exit 77; }
tool=$BUILD/tests/real/scan_variant
[ "$1" = --all ] && exec python3 "$(dirname "$0")/variants.py" "$tool" "$MARKSENSE" "$data"
exec python3 "$(dirname "$0")/variants.py" -v worn -v worn-bw "$tool" "$MARKSENSE" \
    "$data" formscanner-questionnaire opencount-juneau
