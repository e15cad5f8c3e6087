#!/bin/bash
# The same scans give the same bytes, however many workers read them and in whatever order the disk
# lists them.
. tests/e2e/read_common.inc
mkdir "$work/a" "$work/b"
pages "$work/a/scans" 5
mkdir "$work/b/scans"
# a folder's own order is that of making, or its reverse, on most file systems
for page in $(find "$work/a/scans" -name '*.png' | sort -r); do cp "$page" "$work/b/scans/"; done
cp "$work/wave.pdf" "$work/a/scans/page-10.pdf"
cp "$work/wave.pdf" "$work/b/scans/page-10.pdf"
echo text >"$work/a/scans/note.txt"
echo text >"$work/b/scans/note.txt"
(cd "$work/a" && expect 3 "$MARKSENSE" read -f "$form" -o ../one -j1 --overlays scans) || exit 1
(cd "$work/a" && expect 3 "$MARKSENSE" read -f "$form" -o ../four -j4 --overlays scans) || exit 1
(cd "$work/b" && expect 3 "$MARKSENSE" read -f "$form" -o ../shuffled -j3 --overlays scans) || exit 1
for other in four shuffled; do
    for file in $results store.sqlite; do
        [ -s "$work/one/$file" ] || fails "one/$file is empty"
        cmp "$work/one/$file" "$work/$other/$file" || fails "$file differs"
    done
    diff -r "$work/one/overlays" "$work/$other/overlays" || fails "the overlays differ"
done
[ "$(find "$work/one/overlays" -name '*.png' | wc -l)" -ge 17 ] || fails "overlays are missing"
ls -A "$work/one" | grep -q '^\.' && fails "a temporary is left"
exit 0
