#!/bin/bash
# Real scans registered by content alone, among all sets' blanks; and never on a look-alike blank when
# their own is not known (see registered.py). Skipped where the scans are missing.
data=${MARKSENSE_SHARED:-$(cd "$(dirname "$0")/../.." && pwd)/../shared}/data
[ -d "$data" ] || { echo "skipped: no real scans at ../shared/data"; exit 77; }
exec python3 "$(dirname "$0")/registered.py" "$MARKSENSE" "$data"
