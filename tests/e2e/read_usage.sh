#!/bin/bash
# Wrong options, forms and folders: one clear sentence, and the exit code that says what kind of
# trouble it is.
. tests/e2e/read_common.inc
pages "$work/scans" 2
out=$work/out
read=("$MARKSENSE" read)

expect 0 "${read[@]}" --help
says 'usage: marksense read'
expect 2 "${read[@]}" --bogus
says "there is no option '--bogus'"
says "Try 'marksense read --help'"
expect 2 "${read[@]}" -o "$out" "$work/scans"
says 'expected -f FORM'
expect 2 "${read[@]}" -f "$form" "$work/scans"
says 'expected -o DIR'
expect 2 "${read[@]}" -f "$form" -o "$out"
says 'expected INPUT'
expect 2 "${read[@]}" -f "$form" -o "$out" -j 0 "$work/scans"
expect 2 "${read[@]}" -f "$form" -o "$out" -j 2x "$work/scans"
expect 2 "${read[@]}" -f "$form" -o "$out" --time-limit soon "$work/scans"
expect 1 "${read[@]}" -f "$work/no-form" -o "$out" "$work/scans"
says 'no-form'
cp -r "$form" "$work/copy"
expect 1 "${read[@]}" -f "$form" -f "$work/copy" -o "$out" "$work/scans"
says 'are both form'
echo 'title: [' >"$work/copy/form.yaml"
expect 1 "${read[@]}" -f "$work/copy" -o "$out" "$work/scans"
says 'form.yaml'
expect 1 "${read[@]}" -f "$form" -o "$out" "$work/no-scans"
says 'no-scans'
mkdir "$work/empty"
expect 1 "${read[@]}" -f "$form" -o "$out" "$work/empty"
says 'there are no files'
expect 1 "${read[@]}" -f "$form" -o "$work/scans" "$work/scans"
says 'folder of its own'
expect 1 "${read[@]}" -f "$form" -o "$work/scans/page-01.png" "$work/scans"
expect 1 "${read[@]}" -f "$form" -o "$out" "$form"
says 'name it with -f'
expect 1 timeout 60 "${read[@]}" -f "$form" -o "$out" - <&- # as under cron
says 'cannot be read'
[ ! -e "$out" ] || fails "a folder was made for nothing"
[ ! -w /dev/full ] || ! "$MARKSENSE" --version 2>/dev/null >/dev/full || fails "a full disk is a success"

# results are replaced only when told to
expect 3 "${read[@]}" -q -f "$form" -o "$out" "$work/scans"
[ -s "$work/log" ] && fails "quiet is not quiet"
cp "$out/records.jsonl" "$work/before"
expect 1 "${read[@]}" -f "$form" -o "$out" "$work/scans/page-01.png"
says '--replace'
cmp "$out/records.jsonl" "$work/before" || fails "results were changed"
expect 1 "${read[@]}" -f "$form" -o "$work/other" "$out"
says 'holds the results of an earlier run'
expect 3 "${read[@]}" -f "$form" -o "$out" --replace --overlays --timings "$work/scans/page-02.png"
cmp -s "$out/records.jsonl" "$work/before" && fails "results were not replaced"
[ -d "$out/overlays" ] || fails "no overlays"
expect 3 "${read[@]}" -f "$form" -o "$out" --replace "$work/scans"
cmp "$out/records.jsonl" "$work/before" || fails "the same scans give other records"
[ ! -e "$out/overlays" ] || fails "overlays of an earlier run are left"

# results inside the scans' folder are no scans; a scan may come on standard input
expect 3 "${read[@]}" -f "$form" -o "$work/scans/results" --overlays "$work/scans"
expect 3 "${read[@]}" -f "$form" -o "$work/again" "$work/scans"
says 'was left out'
sed "s#$work/scans/##g" "$work/again/readings.jsonl" >"$work/x"
sed "s#$work/scans/##g" "$out/readings.jsonl" >"$work/y"
cmp "$work/x" "$work/y" || fails "results were read as scans"
"${read[@]}" -f "$form" -o "$work/stdin" - <"$work/scans/page-02.png" >"$work/log" 2>&1
[ $? -eq 3 ] || fails "standard input"
[ "$(grep -c '"status": *"read"' "$work/stdin/readings.jsonl")" -eq 1 ] || fails "standard input"
exit 0
