#!/bin/bash
# Real scans with truth, read as a user would (see read_sets.py). Skipped where they are missing.
data=${MARKSENSE_SHARED:-$(cd "$(dirname "$0")/../.." && pwd)/../shared}/data
[ -d "$data" ] || { echo "skipped: no real scans at ../shared/data"; exit 77; }
exec python3 "$(dirname "$0")/read_sets.py" "$MARKSENSE" "$data" "$@"
