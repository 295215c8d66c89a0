#!/bin/sh
# Drives the real window under a virtual X server with real keys and looks at the picture.
# Usage: window_keys.sh RINGSIDE. Exit status 77 (skipped) where Xvfb or xdotool is missing.
# SPDX-License-Identifier: MIT
set -u
ringside=$1
for tool in Xvfb xdotool import compare; do
    command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done

folder=$(mktemp -d)
# SDL loads libdbus, which leaks at its end; nothing to do with what is tested here
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
XDG_CONFIG_HOME=$folder # not the settings of whoever runs this
export ASAN_OPTIONS XDG_CONFIG_HOME
server=
program=
finish() {
    [ -n "$program" ] && kill "$program" 2>/dev/null
    [ -n "$server" ] && kill "$server" 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT

fail() {
    echo "FAILED: $1"
    [ -f "$folder/now.txt" ] && cat "$folder/now.txt"
    [ -f "$folder/log" ] && cat "$folder/log"
    exit 1
}

# Ask again and again until the command succeeds, at most about 30 seconds.
wait_until() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -gt 300 ] && return 1
        kill -0 "$program" 2>/dev/null || [ "$1" = gone ] || return 1
        sleep 0.1
    done
}

display_known() { [ -s "$folder/display" ]; }
window_there() {
    window=$(xdotool search --onlyvisible --pid "$program" --name Ringside 2>/dev/null | tail -1)
    [ -n "$window" ] && xdotool windowfocus --sync "$window" 2>/dev/null
}
gone() { ! kill -0 "$program" 2>/dev/null; }
file_there() { [ -s "$1" ]; }

press() { xdotool key --delay 5 "$@"; }

# The window's own picture as text, in now.txt.
look() {
    rm -f "$folder/now.txt"
    xdotool type --delay 2 ":dump $folder/now.txt"
    press Return
    wait_until file_there "$folder/now.txt" || fail "the dump command wrote nothing"
}
sees() { look; grep -q -- "$1" "$folder/now.txt"; }
expect() { grep -q -- "$1" "$folder/now.txt" || fail "$1 is not to be seen: $2"; }

Xvfb -displayfd 3 -screen 0 1400x900x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
server=$!
program=$server
wait_until display_known || fail "no virtual X server"
DISPLAY=:$(cat "$folder/display")
export DISPLAY

"$ringside" --append "demo=counters console=ttyS0 console=tty1" >"$folder/log" 2>&1 &
program=$!
wait_until window_there || fail "no window"

# The first screen says what to press, in which mode the machine is and where keys go.
wait_until sees "keys go to DEBUGGER" || fail "the status line"
expect "stop at the next interrupt" "first line of help"
expect "one small step inside" "second line of help"
expect "Shift  with any of them: backwards" "third line of help"
expect "RUNNING" "the guest runs at once"

# The boot must have come far enough that programs run in USER mode under a timer.
wait_until sees "primes below" || fail "the guest's programs do not print"

# Keys that go to the guest arrive: letters, correction, Ctrl-C; a program answers the line.
press F12
xdotool type --delay 5 "lost"
press ctrl+c
xdotool type --delay 5 "good|bye"
press BackSpace BackSpace BackSpace Return F12
wait_until sees 'you typed "good|"' || fail "the guest does not answer what is typed"

# The panel of the boot's stages, and away again.
xdotool type --delay 2 ":boot"
press Return
wait_until sees "a program prints its first byte" || fail "the stages of the boot"
xdotool type --delay 2 ":boot"
press Return

# Stop at the next timer interrupt of a program that computes.
press p
wait_until sees "PAUSED" || fail "pause"
in_user() { press F2; wait_until sees "comes next" && grep -q "USER mode" "$folder/now.txt"; }
wait_until in_user || fail "no interrupt in USER mode"
expect "BEFORE" "phases of the delivery"
expect "top (ESP0), stack empty" "kernel stack before the interrupt"
head -43 "$folder/now.txt" | tail -42 >"$folder/before.txt"

# Step by step into the kernel and out of the delivery, by letter and by F-key.
steps=0
in_kernel() { press i; steps=$((steps + 1)); sees "KERNEL mode"; }
wait_until in_kernel || fail "micro-steps do not reach KERNEL mode"
expect "inside step" "position inside the step"
press F8
press F8
steps=$((steps + 2))
look
expect "The lecture" "the lecture's order beside the manual's"

# And back again: the same picture as before.
while [ $steps -gt 0 ]; do
    press shift+i
    steps=$((steps - 1))
done
look
grep -q "inside step" "$folder/now.txt" && fail "back steps stop short of the boundary"
expect "USER mode" "back before the interrupt"
head -43 "$folder/now.txt" | tail -42 >"$folder/after.txt"
# registers name what the last move changed, so they differ; stacks and screen must not
for part in before after; do
    sed 's/ was [0-9A-F]*//g' "$folder/$part.txt" | tail -31 >"$folder/$part.stacks"
done
cmp -s "$folder/before.stacks" "$folder/after.stacks" || {
    diff "$folder/before.stacks" "$folder/after.stacks"
    fail "stacks differ after going there and back"
}

# The keys' way is always said; letters go to the guest then, and q does not leave.
press F12
xdotool type --delay 5 "q"
press n
press F12
wait_until sees "keys go to DEBUGGER" || fail "F12 gives the keys back"

# The list of keys.
press question
look
expect "Keys (F-keys always" "the list of keys"
press question

# A click on a line of the program sets a breakpoint.
look
row=$(grep -n "►[0-9A-F]\{8\} " "$folder/now.txt" | head -1 | cut -d: -f1)
xdotool mousemove --window "$window" 720 $((row * 16 + 8)) click 1
wait_until sees "●" || fail "a click sets no breakpoint"

# The PNG of the dump is what the screen shows (but for the line that says so).
xdotool type --delay 2 ":dump $folder/picture.png"
press Return
wait_until file_there "$folder/picture.png" || fail "no picture"
wait_until sees "DEBUGGER" || fail "the window went away"
import -window "$window" "$folder/screen.png"
for part in picture screen; do
    convert "$folder/$part.png" -crop 1280x700+0+0 +repage "$folder/$part.top.png"
done
different=$(compare -metric AE "$folder/picture.top.png" "$folder/screen.top.png" null: 2>&1)
[ "$different" = 0 ] || fail "$different pixels of the screen differ from the dumped picture"

# Bigger letters, the other theme, and leaving.
press ctrl+equal
press l
look
expect "keys go to" "after a change of font and theme"
press q
wait_until gone || fail "q does not leave"
wait "$program"
status=$?
program=$server
[ $status = 0 ] || fail "status $status after leaving"
echo "window: all steps done"
