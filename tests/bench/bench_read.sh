#!/bin/bash
# CPU per page by stage, for each kind of scan file, on one filled-in return of the shipped form at
# 300 dpi; then the same pages with one worker and with two. Nothing else should run meanwhile.
# bench_read.sh [COPIES]: how often the return's pages are read (default 4).
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
MARKSENSE=${MARKSENSE:-$BUILD/marksense}
form=forms/cancer-experience
copies=${1:-4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$MARKSENSE" form print "$form" -n "$copies" -o "$work/wave.pdf" >/dev/null || exit 1
pdftoppm -r 300 -gray "$work/wave.pdf" "$work/page" || exit 1
mkdir "$work/filled" "$work/scans"
python3 tests/e2e/read_fill.py "$form" "$work/filled" "$work"/page-*.pgm || exit 1
rm -f "$work"/page-*.pgm
"$BUILD/tests/bench/bench_pages" "$work/scans" "$work"/filled/*.png 2>/dev/null || exit 1

# the table of `read --timings` as "stage ms" lines
timings() {
    "$MARKSENSE" read -f "$form" -o "$work/out" --replace --no-ocr -q --timings "$@" |
        sed -n '/^CPU/,/in all/p' | sed 1d
}

printf '%-20s %9s %9s %9s %9s\n' 'ms CPU a page' 'G4 TIFF' 'grey PNG' 'grey JPEG' 'PDF'
n=0
for scan in g4.tif png jpeg scan.pdf; do
    timings -j1 "$work/scans/$scan" >"$work/t$n"
    awk '{ print $NF }' "$work/t$n" >"$work/c$n"
    n=$((n + 1))
done
sed 's/ *[0-9.]*$//; s/^ *//' "$work/t0" >"$work/names"
paste -d'|' "$work/names" "$work"/c0 "$work"/c1 "$work"/c2 "$work"/c3 |
    awk -F'|' '{ printf "%-20s %9s %9s %9s %9s\n", $1, $2, $3, $4, $5
                 if ($1 == "decode") for (i = 2; i <= 5; i++) decode[i] = $i
                 if ($1 == "in all") for (i = 2; i <= 5; i++) all[i] = $i }
         END { printf "%-20s", "whole / decode"
               for (i = 2; i <= 5; i++) printf " %9.1f", (decode[i] > 0 ? all[i] / decode[i] : 0)
               print "" }'
echo
for jobs in 1 2; do
    "$MARKSENSE" read -f "$form" -o "$work/out" --replace --no-ocr -j$jobs "$work/scans/g4.tif" |
        sed -n "s/^ *time .*  \([0-9.]* images a second\)/$jobs worker(s), G4: \1/p"
done
"$MARKSENSE" read -f "$form" -o "$work/out" --replace -q --timings -j1 "$work/scans/g4.tif" |
    awk '$1 == "text" { print "text (OCR), ms CPU a page: " $2 }'
