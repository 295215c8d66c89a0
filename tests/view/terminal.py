#!/usr/bin/env python3
"""terminal.py RINGSIDE: the same panels, keys, mouse and commands on real terminals (tmux).

Three kinds: 256 colours in UTF-8 with a mouse; the same size without colours and without UTF-8; and
a VT100 of 80 by 24. Status 0 as expected, 1 not, 77 no tmux (skipped).
SPDX-License-Identifier: MIT
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 40  # seconds; a busy host
GUEST = "demo=counters console=ttyS0 console=tty1"


class Terminal:
    """One session of tmux with the program in it."""

    def __init__(self, program, folder, columns, rows, kind, locale, options=""):
        own = tempfile.mkdtemp(dir=folder)
        self.socket = os.path.join(own, "tmux")
        self.status = os.path.join(own, "status")
        self.stderr = os.path.join(own, "stderr")
        command = (f"env LC_ALL={locale} TERM={kind} XDG_CONFIG_HOME={folder}/config "
                   f"ASAN_OPTIONS=detect_leaks=0 '{program}' --tui {options} --append '{GUEST}' "
                   f"2>'{self.stderr}'; echo $? >'{self.status}.new'; stty -a | grep -c ' -echo ' "
                   f">>'{self.status}.new'; mv '{self.status}.new' '{self.status}'")
        self.tmux("-f", "/dev/null", "-u", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                  command)

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *arguments], capture_output=True,
                              text=True, check=False).stdout

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def command(self, line):
        self.type(":" + line)
        self.press("Enter")

    def click(self, column, row, kind="M"):
        """A mouse report as xterm's SGR mode sends it: press (or release, m) of the left button."""
        self.type(f"\033[<0;{column + 1};{row + 1}{kind}")

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def wait(self, *texts):
        """Until all of them are on the screen."""
        end = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            missing = [text for text in texts if not re.search(text, screen)]
            if not missing:
                return screen
            if time.monotonic() > end or os.path.exists(self.status):
                raise AssertionError(f"not to be seen: {missing}\n{screen}{self.trouble()}")
            time.sleep(0.05)  # asks again, does not hope for a duration

    def trouble(self):
        with open(self.stderr, encoding="utf-8") as file:
            return file.read()

    def end(self):
        """Exit status of the program, and whether it left the terminal without echo."""
        end = time.monotonic() + PATIENCE
        while not os.path.exists(self.status):
            if time.monotonic() > end:
                raise AssertionError("it does not end\n" + self.screen())
            time.sleep(0.05)
        with open(self.status, encoding="utf-8") as file:
            return [int(word) for word in file.read().split()]

    def kill(self):
        self.tmux("kill-server")


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def colours_and_mouse(program, folder):
    terminal = Terminal(program, folder, 160, 50, "xterm-256color", "C.UTF-8")
    try:
        terminal.wait("keys go to DEBUGGER", "Two stacks", "─ Guest screen ─", "primes below")
        # a program is interrupted by the timer; a small step, and back
        terminal.press("p")
        terminal.wait("PAUSED")
        for _ in range(20):
            terminal.press("F2")
            screen = terminal.wait("comes next")
            if "USER mode" in screen:
                break
        terminal.press("F8", "F8")
        terminal.wait("inside step 2/", "The lecture's order")
        terminal.press("I", "I")
        terminal.wait("PAUSED │ keys go to DEBUGGER", "comes next|micro-step 0|at [0-9A-F]{8}")
        # a click gives keys to the guest, which answers what is typed on its keyboard
        screen = terminal.wait("─ Serial console")
        row, line = next((n, line) for n, line in enumerate(screen.split("\n"))
                         if "Serial console" in line)
        column = line.index("Serial console") + 5
        terminal.click(column, row + 2)
        terminal.click(column, row + 2, "m")
        terminal.wait("keys go to GUEST by serial line")
        terminal.click(20, 9)
        terminal.click(20, 9, "m")
        terminal.wait("keys go to GUEST by keyboard")
        terminal.press("F5")
        terminal.wait("RUNNING")
        terminal.type("over ssh")
        terminal.press("Enter")
        terminal.wait('you typed "over ssh"')
        terminal.press("C-]")
        terminal.wait("keys go to DEBUGGER")
        # a border follows the mouse: from column 80 to 70
        terminal.click(80, 10)
        terminal.type("\033[<32;71;11M")
        terminal.click(70, 10, "m")
        terminal.wait(r"\n.{70}│─ Registers")
        terminal.press("C-Right")
        terminal.wait(r"\n.{71}│─ Registers")
        # panels come and go; presets; the slider
        terminal.command("open boot")
        terminal.wait("═ Boot ═")
        terminal.press("x")
        terminal.press("6")
        terminal.wait("keys go to GUEST by keyboard")
        terminal.press("C-]", "1", "p")
        terminal.wait("PAUSED", "Interrupt vector")
        terminal.command("slide 50%")
        terminal.wait("PAST, now is")
        terminal.command("slide last")
        terminal.wait(r"█┤")
        # a wide, then a small window
        terminal.tmux("resize-window", "-x", "80", "-y", "24")
        screen = terminal.wait("z x │─ Step inside")
        expect("Guest screen" not in screen, "80 columns have no room for the guest's screen")
        terminal.press("?")
        terminal.wait("Keys .F-keys always")
        terminal.press("?", "q")
        expect(terminal.end() == [0, 0], f"status and echo after q: {terminal.end()}")
    finally:
        terminal.kill()


def slowly(terminal):
    """At 20 instructions a second there are never more than that."""
    def instructions():
        return int(re.search(r"instruction ([0-9 ]*[0-9])",
                             terminal.screen()).group(1).replace(" ", ""))

    terminal.command("speed 20")
    terminal.wait("speed: 20 instructions/s")
    begin, first = time.monotonic(), instructions()
    terminal.press("r")
    terminal.wait("RUNNING")
    while instructions() < first + 10:
        expect(time.monotonic() < begin + PATIENCE, "it does not run at all")
    done = instructions() - first
    expect(done <= 20 * (time.monotonic() - begin) + 1, f"{done} instructions are too many")
    terminal.press("p")
    terminal.wait("PAUSED")


def monochrome(program, folder):
    terminal = Terminal(program, folder, 100, 40, "vt220", "C", "--preset interrupt")
    try:
        terminal.wait("keys go to DEBUGGER", "Two stacks", "primes below|Step inside")
        terminal.press("p")
        terminal.wait("PAUSED")
        slowly(terminal)
        screen = terminal.screen("-e")
        expect(not re.search("\033\\[[0-9;]*3[0-7]m", screen), "colours on a terminal without any")
        expect("\033[7m" in screen or ";7m" in screen, "the current line is not reversed")
        expect("?" * 6 not in screen, "glyphs that ASCII lacks")
        terminal.command("quit 9")
        expect(terminal.end() == [9, 0], f"status and echo after quit 9: {terminal.end()}")
    finally:
        terminal.kill()


def vt100(program, folder):
    """Letters do what F-keys do; the typing key brings them back with Ctrl-]."""
    terminal = Terminal(program, folder, 80, 24, "vt100", "C.UTF-8", "--theme contrast")
    try:
        terminal.wait("keys go to DEBUGGER", "Two stacks")
        terminal.press("t")
        terminal.wait("comes next")
        terminal.press("i")
        terminal.wait("Step inside")
        terminal.press("g")
        terminal.wait("keys go to GUEST")
        terminal.press("C-]")
        terminal.wait("keys go to DEBUGGER")
        terminal.press("q")
        expect(terminal.end() == [0, 0], f"status and echo after q: {terminal.end()}")
    finally:
        terminal.kill()


def script(program, folder):
    """Commands of the window in a script are done in their turn."""
    path = os.path.join(folder, "script")
    dumps = [os.path.join(folder, name) for name in ("one.txt", "two.txt", "three.png")]
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"preset memory\nuntil syscall\ndump {dumps[0]}\npreset interrupt\nmicro 2\n"
                   f"dump {dumps[1]}\ntheme light\ndump {dumps[2]}\nquit 5\n")
    terminal = Terminal(program, folder, 160, 50, "xterm-256color", "C.UTF-8", f"-x '{path}'")
    try:
        expect(terminal.end() == [5, 0], f"status and echo after a script: {terminal.end()}")
        texts = [open(dump, encoding="utf-8").read() for dump in dumps[:2]]
        expect("Page table (MMU)" in texts[0] and "system call comes next" in texts[0], texts[0])
        expect("Interrupt vector" in texts[1] and "inside step 2/" in texts[1], texts[1])
        expect(os.path.getsize(dumps[2]) > 1000, "no picture")
    finally:
        terminal.kill()


def refusals(program):
    for environment, says in (({"TERM": "xterm"}, "needs a terminal for input and output"),):
        done = subprocess.run([program, "--tui"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, env={**os.environ, **environment}, check=False)
        expect(done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1 and
               done.stdout == "", f"without a terminal: {done}")
    for options, says in ((["--tui", "--headless"], "does not go with --headless"),
                          (["--headless", "--theme", "dark"], "need the window or --tui"),
                          (["--theme", "pink"], "dark, light"),
                          (["--preset", "none"], "interrupt, syscall"),
                          (["--font-size", "2"], "from 7 to 52")):
        done = subprocess.run([program, *options], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        expect(done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1,
               f"{options}: {done}")


def main():
    program = os.path.abspath(sys.argv[1])
    if not shutil.which("tmux"):
        print("skipped: tmux is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        try:
            refusals(program)
            script(program, folder)
            vt100(program, folder)
            monochrome(program, folder)
            colours_and_mouse(program, folder)
        except AssertionError as trouble:
            print("FAILED:", trouble)
            sys.exit(1)
    print("terminal: all steps done")


main()
