#!/bin/bash
# Ctrl-C and a request to end stop it cleanly; kill -9 leaves no worker and no result behind.
. tests/e2e/read_common.inc
pages "$work/scans" 4
export MARKSENSE_TEST_HANG=page-

workers_of() {
    pgrep -P "$1" 2>/dev/null
}

# begins a run that hangs, and waits until its workers are there
begin() {
    "$MARKSENSE" read -f "$form" -o "$1" -j2 --time-limit 300 "$work/scans" >"$work/log" 2>&1 &
    parent=$!
    for _ in $(seq 100); do
        workers=$(workers_of $parent)
        [ "$(echo "$workers" | wc -w)" -ge 2 ] && break
        sleep 0.1
    done
    [ "$(echo "$workers" | wc -w)" -eq 2 ] || fails "no workers"
    used=
    for _ in $(seq 60); do # until they hang: no more CPU is used
        before=$used
        used=$(for pid in $workers; do cut -d' ' -f14,15 "/proc/$pid/stat"; done)
        [ "$used" = "$before" ] && return
        sleep 1
    done
    fails "the workers do not hang"
}

none_left() {
    for _ in $(seq 50); do
        alive=
        for pid in $workers; do
            # a zombie waiting for init is dead enough
            [ -r "/proc/$pid/stat" ] && ! grep -q ') Z ' "/proc/$pid/stat" 2>/dev/null &&
                alive="$alive $pid"
        done
        [ -z "$alive" ] && return
        sleep 0.1
    done
    fails "workers are left:$alive"
}

for signal in INT:130 TERM:143; do
    mkdir "$work/out"
    # a background job of a script ignores SIGINT: env gives it back
    begin "$work/out"
    kill -"${signal%:*}" "$parent"
    wait "$parent"
    code=$?
    [ $code -eq "${signal#*:}" ] || fails "SIG${signal%:*}: exit $code"
    says 'stopped; nothing was written'
    none_left
    nothing_in "$work/out"
    rmdir "$work/out"
done

begin "$work/out"
kill -KILL "$parent"
wait "$parent" 2>/dev/null
none_left
[ -z "$(ls "$work/out")" ] || fails "results stand after kill -9: $(ls "$work/out")"

# the next run clears up after it
unset MARKSENSE_TEST_HANG
expect 3 "$MARKSENSE" read -f "$form" -o "$work/out" -j2 "$work/scans"
ls -A "$work/out" | grep -q '^\.' && fails "a temporary is left"
exit 0
