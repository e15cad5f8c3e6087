#!/bin/bash
# Photos of a sheet at an angle: one straightened as the blank, both read with it, and the other way round
# (see photos.py). Skipped where the photos are missing.
data=${MARKSENSE_SHARED:-$(cd "$(dirname "$0")/../.." && pwd)/../shared}/data
[ -d "$data/omrchecker-hotel-survey" ] || { echo "skipped: no photos at ../shared/data"; exit 77; }
exec python3 "$(dirname "$0")/photos.py" "$MARKSENSE" "$data"
