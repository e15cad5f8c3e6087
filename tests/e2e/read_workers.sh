#!/bin/bash
# An image that crashes or hangs a worker costs only itself; a crash that does not come again costs
# nothing.
. tests/e2e/read_common.inc
pages "$work/scans" 6
expect 3 "$MARKSENSE" read -f "$form" -o "$work/plain" -j2 "$work/scans"

export MARKSENSE_TEST_CRASH_FIRST=page-02.png
expect 3 "$MARKSENSE" read -f "$form" -o "$work/first" -j2 "$work/scans"
for file in $results; do
    cmp "$work/plain/$file" "$work/first/$file" || fails "$file differs after one crash"
done
unset MARKSENSE_TEST_CRASH_FIRST

export MARKSENSE_TEST_CRASH=page-02.png#1 MARKSENSE_TEST_HALF=page-03.png#1
export MARKSENSE_TEST_HANG=page-04.png
start=$SECONDS
expect 3 "$MARKSENSE" read -f "$form" -o "$work/bad" -j2 --time-limit 4 "$work/scans"
[ $((SECONDS - start)) -lt 60 ] || fails "it took $((SECONDS - start)) s"
says 'crashed twice'
says 'page-02.png (the worker was ended by signal 11'
says 'page-03.png'
says 'took too long'
says 'page-04.png (more than 4 seconds)'
grep -q worker_died "$work/bad/flags.csv" || fails "flags.csv lacks worker_died"
grep -q time_limit "$work/bad/flags.csv" || fails "flags.csv lacks time_limit"
[ "$(grep -c '"status": *"read"' "$work/bad/readings.jsonl")" -eq 3 ] || fails "not 3 pages were read"
unset MARKSENSE_TEST_CRASH MARKSENSE_TEST_HALF MARKSENSE_TEST_HANG

# a worker is not for people
expect 2 "$MARKSENSE" worker
exit 0
