#!/bin/bash
# A full disk: exit 1, one clear sentence, and nothing half-written under a final name.
. tests/e2e/read_common.inc
pages "$work/scans" 3
expect 3 "$MARKSENSE" read -f "$form" -o "$work/good" --overlays "$work/scans"
small=$work/small
mkdir "$small"
tried=0

# leaves nothing behind, at whatever point the disk fills
check() {
    [ "$1" -eq 1 ] || fails "exit $1 with $2"
    [ "$(grep -c '^marksense: ' "$work/log")" -eq 1 ] || fails "not one sentence"
    nothing_in "$small"
    tried=$((tried + 1))
}

if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64k tmpfs "$small" 2>/dev/null; then
    trap 'umount "$small"; rm -rf "$work"' EXIT
    for size in 16k 128k 400k; do
        mount -o remount,size=$size "$small" || fails "remount"
        "$MARKSENSE" read -f "$form" -o "$small" --overlays "$work/scans" >"$work/log" 2>&1
        check $? "a disk of $size"
        says 'No space left\|full'
    done
    mount -o remount,size=64m "$small"
    expect 3 "$MARKSENSE" read -f "$form" -o "$small" --overlays "$work/scans"
    umount "$small"
    trap 'rm -rf "$work"' EXIT
fi
for blocks in 1 8 100; do # of 1024 bytes, for a file
    (
        ulimit -f $blocks
        "$MARKSENSE" read -f "$form" -o "$small" "$work/scans" >"$work/log.limited" 2>&1
    )
    code=$?
    head -n 5 "$work/log.limited" >"$work/log"
    check $code "files of at most $blocks KiB"
done
[ $tried -ge 3 ]
