#!/bin/bash
# `form build` and `form print` on the command line: what they write, how they complain.
set -u
form=forms/cancer-experience
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "$1"
    sed 's/^/    /' "$work/out" "$work/err"
    failed=1
}

# expect STATUS WORDS COMMAND...: the exit status, and words on standard output or error
expect() {
    local status=$1 words=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    local got=$?
    [ $got -eq "$status" ] || fail "$*: exit $got, not $status"
    grep -qiF -- "$words" "$work/out" "$work/err" || fail "$*: does not say '$words'"
}

for command in build print; do
    expect 0 "usage: marksense form $command" "$MARKSENSE" form $command --help
    expect 2 "no form is named" "$MARKSENSE" form $command
    expect 2 "there is no option '--wrong'" "$MARKSENSE" form $command --wrong "$form"
    expect 2 "one form at a time" "$MARKSENSE" form $command a b
    expect 2 "-o needs a value" "$MARKSENSE" form $command "$form" -o
    expect 1 "$work/none" "$MARKSENSE" form $command -o "$work" "$work/none"
    [ -z "$(find "$work" -name '*.part*')" ] || fail "a part was left behind"
done
expect 2 "-o is missing" "$MARKSENSE" form print "$form"
expect 2 "from 1 to" "$MARKSENSE" form print -n 0 -o "$work/a.pdf" "$form"
expect 2 "from 1 to" "$MARKSENSE" form print -n 3x -o "$work/a.pdf" "$form"
expect 2 "leave -n and --first out" "$MARKSENSE" form print -n 2 --references x -o "$work/a.pdf" "$form"
expect 1 "do not lie between" "$MARKSENSE" form print -n 2 --first 99999999 -o "$work/a.pdf" "$form"
expect 1 "$work/none.csv" "$MARKSENSE" form print --references "$work/none.csv" -o "$work/a.pdf" "$form"
expect 1 "cannot write" "$MARKSENSE" form print -o "$work/none/a.pdf" "$form"
[ -e "$work/a.pdf" ] && fail "a failed command left its output behind"

# a questionnaire that was never built
mkdir "$work/fresh"
cp "$form/form.yaml" "$work/fresh"
expect 1 "form build" "$MARKSENSE" form print -o "$work/a.pdf" "$work/fresh"
expect 0 "is new" "$MARKSENSE" form build "$work/fresh"
cmp "$form/template.json" "$work/fresh/template.json" || failed=1
cmp "$form/codebook.csv" "$work/fresh/codebook.csv" || failed=1
[ "$(ls -A "$work/fresh" | tr '\n' ' ')" = "blank.pdf blank.tif codebook.csv form.yaml template.json " ] ||
    fail "build left other files: $(ls -A "$work/fresh")"

# the layout of a printed version is guarded
mkdir "$work/small" "$work/elsewhere"
cat >"$work/small/form.yaml" <<'END'
form: small
code: SML
version: "1"
title: Small
language: en
sections:
  - title: One
    questions:
      - {name: a, text: A?, kind: single, options: [{code: 1, label: "Yes"}, {code: 2, label: "No"}]}
      - {name: b, text: B?, kind: comment, lines: 5}
END
expect 0 "is new" "$MARKSENSE" form build "$work/small"
cp "$work/small/template.json" "$work/before.json"
sed -i 's/lines: 5/lines: 4/' "$work/small/form.yaml"
expect 1 "--force" "$MARKSENSE" form build "$work/small"
cmp "$work/before.json" "$work/small/template.json" || failed=1
expect 0 "is new" "$MARKSENSE" form build -o "$work/elsewhere" "$work/small"
expect 0 "is new" "$MARKSENSE" form build --force "$work/small"
expect 0 "is unchanged" "$MARKSENSE" form build "$work/small"
expect 1 "not a folder" "$MARKSENSE" form build -o "$work/none" "$work/small"

# copies: numbered, from a list, to standard output
expect 0 "00000041" "$MARKSENSE" form print -n 2 --first 41 -o "$work/two.pdf" "$form"
"$MARKSENSE" form print -n 2 --first 41 -o - "$form" 2>"$work/err" | cmp - "$work/two.pdf" ||
    fail "standard output differs from the file"
printf 'id,reference\n1,A1\n2,B2\n' |
    "$MARKSENSE" form print --references - -o "$work/list.pdf" "$form" 2>"$work/err" ||
    fail "references from standard input"
grep -q '2 copies of 12 pages, booklet numbers A1' "$work/err" || fail "the list's references"
printf 'reference\nA1\na1\n' >"$work/twice.csv"
printf 'ref\nABC1\nABC2\n' >"$work/headed.csv"
expect 1 "is this a heading?" "$MARKSENSE" form print --references "$work/headed.csv" -o "$work/a.pdf" "$form"
expect 1 "twice" "$MARKSENSE" form print --references "$work/twice.csv" -o "$work/a.pdf" "$form"
if command -v pdffonts >"$work/out" && command -v qpdf >"$work/out"; then
    qpdf --check "$work/two.pdf" >"$work/out" 2>&1 || fail "qpdf finds fault with the PDF"
    pdffonts "$work/two.pdf" | awk 'NR > 2 && $(NF - 4) != "yes" { bad = 1 } END { exit bad }' ||
        fail "a font is not embedded"
    [ "$(pdfinfo "$work/two.pdf" | awk '/^Pages:/ { print $2 }')" = 24 ] || fail "not 24 pages"
fi
"$MARKSENSE" form print -o - "$form" >/dev/full 2>"$work/err"
[ $? -eq 1 ] || fail "a full disk is not noticed"
exit $failed
