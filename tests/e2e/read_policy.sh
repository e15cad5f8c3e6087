#!/bin/bash
# From paper to the coded answer: every status that an answer can have, and what each rule of the
# study's policy makes of it. The scans stay the same; the policy in form.yaml changes.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/read_common.inc

"$MARKSENSE" form print "$form" -n 1 -o "$work/wave.pdf" >/dev/null || fails "form print"
mkdir "$work/pgm"
pdftoppm -r 200 -gray -l 4 "$work/wave.pdf" "$work/pgm/page" || fails "pdftoppm"
python3 tests/e2e/read_policy.py draw "$form" "$work/scans" "$work"/pgm/page-*.pgm || fails "draw"

reads() { # NAME [SED] ; then what must come out on standard input
    local name=$1 words
    cp -r "$form" "$work/$name"
    [ $# -lt 2 ] || sed -i "$2" "$work/$name/form.yaml" || fails "sed $2"
    "$MARKSENSE" read -q --no-ocr -f "$work/$name" -o "$work/out-$name" "$work/scans" >"$work/log" 2>&1
    [ $? -eq 3 ] || fails "read under '$name' did not end with 3"
    mapfile -t words < <(tr -s ' \n' '\n\n')
    expect 0 python3 tests/e2e/read_policy.py expect "$work/out-$name/records.jsonl" "${words[@]}"
}

reads review <<'END'
first_sign answered 1 1 false
first_sign_wait multiple 1,3 - true
gp_times corrected 2 2 false
gp_explained withdrawn_only - - true
gp_wait uncertain - - true
tests_kinds multiple blood,unsure - true
tests_results_wait uncertain - - true
tests_before answered 1 1 false
tests_staff_ready blank - - true
tests_privacy blank - -99 false
told_date unreadable - - true
cancer_type corrected 1 1 true
nurse_named page_missing - - false
END
# what a person is asked about is framed on the overlay: the box, or all of a question that may not be blank
"$MARKSENSE" read -q --no-ocr --overlays -f "$form" -o "$work/drawn" "$work/scans" >"$work/log" 2>&1
[ $? -eq 3 ] || fails "read with overlays"
frames=$(python3 tests/e2e/read_policy.py framed "$form" "$work"/drawn/overlays/*_p3.png 3 \
    tests_results_wait tests_staff_ready tests_privacy) || fails "framed"
[ "$frames" = "0100 1111 0000" ] || fails "frames: $frames"
reads missing 's/^  \(multiple\|between\|exclusive\|withdrawn_only\): review/  \1: missing/' <<'END'
first_sign_wait multiple 1,3 -97 false
gp_explained withdrawn_only - -99 false
gp_wait uncertain - -99 true
tests_kinds multiple blood,unsure -97 false
tests_results_wait uncertain - - true
END
reads first 's/^  \(multiple\|exclusive\): review/  \1: first/; s/^  between: review/  between: nearest/' <<'END'
first_sign_wait multiple 1,3 1 false
gp_wait uncertain - 2 true
tests_kinds multiple blood,unsure blood false
END
reads darkest 's/^  \(multiple\|withdrawn_only\): review/  \1: darkest/' <<'END'
first_sign_wait multiple 1,3 3 false
gp_explained withdrawn_only - 2 false
END
reads nearest 's/^  multiple: review/  multiple: nearest/' <<'END'
first_sign_wait multiple 1,3 - true
END
reads code 's/^  multiple: review/  multiple: code\n  multiple_code: "-96"/; s/"-99"/"-9"/' <<'END'
first_sign_wait multiple 1,3 -96 false
tests_privacy blank - -9 false
END
# Bubbles: what is filled in is an answer, and beside a cross it is a second one.
reads bubbles 's/^  correction: fill/  correction: none/' <<'END'
first_sign answered 1 1 false
gp_times multiple 2,3 - true
gp_explained answered 2 2 false
cancer_type multiple 1,2 - true
END
