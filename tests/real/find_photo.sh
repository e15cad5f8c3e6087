#!/bin/sh
# A photo of a filled sheet as the blank, boxes found by the program itself: its grids and questions
# get names of their own and form check takes the form. Skipped where the photos are missing.
data=${MARKSENSE_SHARED:-$(cd "$(dirname "$0")/../.." && pwd)/../shared}/data
photo=$data/omrchecker-hotel-survey/scans/omr_survey_2.jpg
[ -f "$photo" ] || { echo "skipped: no photos at ../shared/data"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$MARKSENSE" form import -o "$dir/form" "$photo" >"$dir/said" 2>&1 ||
    { cat "$dir/said"; echo "find_photo: not imported"; exit 1; }
"$MARKSENSE" form check "$dir/form" >"$dir/check" 2>&1
[ $? -ne 1 ] || { cat "$dir/check"; echo "find_photo: form check cannot take it"; exit 1; }
exit 0
