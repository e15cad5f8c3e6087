#!/bin/bash
# Every command helps when asked, complains in one sentence when misused, and its manual page names
# the same options as its --help.
set -u
command -v mandoc >/dev/null || { echo "skipped: no mandoc"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
fails() { echo "$*"; bad=1; }

# helps PAGE COMMAND...: the checks of one command, whose manual page is man/PAGE.
helps() {
    local page=$1
    shift
    for ask in --help -h; do
        "$MARKSENSE" "$@" $ask >"$work/help" 2>"$work/err" || fails "$* $ask: exit code $?"
        [ ! -s "$work/err" ] || fails "$* $ask: writes to standard error"
        grep -q '^usage: marksense' "$work/help" || fails "$* $ask: no usage line"
    done
    "$MARKSENSE" "$@" --no-such-option >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] || fails "$* --no-such-option: exit code is not 2"
    [ ! -s "$work/out" ] || fails "$* --no-such-option: writes to standard output"
    head -n 1 "$work/err" | grep -q '^marksense.*: .' || fails "$*: no sentence: $(cat "$work/err")"
    grep -q -- '--help' "$work/err" || fails "$* --no-such-option: does not name --help"
    [ "$(wc -l <"$work/err")" -le 2 ] || fails "$* --no-such-option: more than one sentence"
    mandoc -T ascii -O width=200 "man/$page" | sed 's/.\x08//g' >"$work/page"
    python3 tests/e2e/help_options.py "$work/help" "$work/page" marksense "$@" || bad=1
}

[[ $("$MARKSENSE" --version) =~ ^marksense\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fails "--version"
"$MARKSENSE" >/dev/null 2>&1
[ $? -eq 2 ] || fails "no command: exit code is not 2"
"$MARKSENSE" nonsense >"$work/out" 2>"$work/err"
[ $? -eq 2 ] || fails "unknown command: exit code is not 2"
grep -q "nonsense" "$work/err" || fails "unknown command: it is not named"

helps marksense.1
helps marksense-read.1 read
helps marksense-calibrate.1 calibrate marks
for command in check build print import show proof; do
    helps marksense-form.1 form $command
    "$MARKSENSE" form --help | grep -q "\b$command\b" || fails "form --help: no $command"
done
exit $bad
