#!/usr/bin/env python3
"""The debugger without a window: scripts, --break, and a prompt on a real (pseudo) terminal.
    debugger.py RINGSIDE GUEST-OS
SPDX-License-Identifier: MIT
"""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

RINGSIDE, GUEST = sys.argv[1:3]
LIMIT = ["--max-clocks", "400000000"]


def fail(what, output=""):
    print("%s\n%s" % (what, output))
    sys.exit(1)


def run(arguments, stdin=""):
    done = subprocess.run([RINGSIDE, "--headless"] + LIMIT + arguments, input=stdin, text=True,
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def expect(what, condition, output=""):
    if not condition:
        fail(what, output)


def script(text):
    path = os.path.join(FOLDER, "script")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def test_a_script_drives_the_machine_and_ends_it():
    path = script("wait-for console \"~ # \"\nmark prompt\n# a comment\n"
                  "print current->name\nwho ticks\nbacktrace\ngo prompt\n"
                  "type echo sc''ripted\nwait-for console \"scripted\"\nquit 7\n")
    status, out, _ = run(["-x", path])
    expect("quit's status", status == 7, out)
    expect("the guest's own output", "Ringside, a small Unix" in out, out)
    expect("a C variable", re.search(r'^"sh"$', out, re.M), out)
    expect("who wrote ticks",
           re.search(r"the next step does it: at C0.* \(scheduler_tick", out), out)
    expect("a call stack with lines", "scheduler_tick at guest-os/kernel/heart/scheduler.c:" in out,
           out)


def test_the_same_script_gives_the_same_output():
    path = script("until syscall write\ninfo registers\nx/16x $esp\nuntil irq 0 hits 9\n"
                  "print clock\nlast cr3\nprint clock\nquit\n")
    first = run(["-x", path])
    expect("deterministic", first == run(["-x", path]) and first[0] == 0, first[1])


def test_an_error_names_file_line_and_column_and_ends_with_2():
    path = script("step\n\nprint 1 + no_such_name\nprint 3\n")
    status, out, err = run(["--script", path])
    expect("status 2", status == 2, err)
    expect("place of the error",
           ("%s:3:11: " % path) in err and "no_such_name: no such variable" in err, err)
    expect("nothing after it", "\n3\n" not in out, out)
    status, _, err = run(["-x", "/no/such/script"])
    expect("no such file", status == 2 and "/no/such/script" in err and err.count("\n") == 1, err)
    status, _, err = run(["--break", "no_such_symbol"])
    expect("no such place", status == 2 and "--break no_such_symbol" in err, err)


def test_commands_come_from_standard_input():
    status, out, _ = run(["-x", "-"], "print 6 * 7\nquit 3\n")
    expect("stdin", status == 3 and "42 (0x2A)\n" in out, out)


def test_after_a_script_the_machine_goes_on_and_breakpoints_report():
    status, out, _ = run(["--break", "syscall execve log \"execve from {current->name}\"", "-x",
                          script("print 1\n")])
    expect("limit reached", status == 124, out)
    expect("log lines", out.count("execve from") >= 3 and "~ # " in out, out)


def test_a_prompt_on_a_terminal_edits_completes_and_is_interrupted():
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "vt100"
        os.environ["HOME"] = FOLDER
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # libedit keeps the names given by EL_ADDFN
        os.execv(RINGSIDE, [RINGSIDE, "--headless", "-x", "-"])
    seen = ""

    def until(text):
        nonlocal seen
        end = time.monotonic() + 60
        while text not in seen:
            ready, _, _ = select.select([terminal], [], [], 1)
            if ready:
                seen += os.read(terminal, 4096).decode("utf-8", "replace")
            if time.monotonic() > end:
                fail("the terminal never shows %r" % text, seen)
        seen = seen[seen.index(text) + len(text):]

    until("(ringside) ")
    os.write(terminal, b"pri\t6*8\r")
    until("48 (0x30)")
    until("(ringside) ")
    os.write(terminal, b"nonsense\r")
    until("no such command")
    until("(ringside) ")
    os.write(terminal, b"run\r")
    until("Ringside, a small Unix")
    os.write(terminal, b"\x03")
    until("paused at")
    until("(ringside) ")
    os.write(terminal, b"quit 9\r")
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    expect("quit's status on a terminal", status == 9, str(status))


with tempfile.TemporaryDirectory() as FOLDER:
    for name, test in sorted(globals().copy().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
