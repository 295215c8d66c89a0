#!/usr/bin/env python3
"""tour.py RINGSIDE [FOLDER]: a tour of every preset in the real window, by keys and by mouse.

Each stop looks at the window's own text for what the preset is there to show. With FOLDER its
pictures are kept there (docs/pictures: the presets and the figures of the lecture, all of them from
the live machine); run it again after a change of the views. Status 0 as expected, 1 not, 77 no X
server (skipped).
SPDX-License-Identifier: MIT
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 60  # seconds; a busy host
GUEST = "demo=counters console=ttyS0 console=tty1"


def wait_until(condition, words):
    end = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(words() if callable(words) else words)
        time.sleep(0.05)  # asks again, does not hope for a duration


def is_whole(path):
    """Portable Network Graphics 1.2, 11.2.5: IEND is the last; a text ends with its last line."""
    with open(path, "rb") as file:
        content = file.read()
    return content.endswith(b"IEND\xaeB`\x82" if path.endswith(".png") else b"\n")


class Server:
    """A virtual X server of its own."""

    def __enter__(self):
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1920x1200x24", "-noreset",
             "-nolisten", "tcp"], pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        os.environ["DISPLAY"] = ":" + os.read(read_end, 16).decode().strip()
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()


class Window:
    """The program, with the keys of a person."""

    def __init__(self, program, folder, pictures, *options):
        self.folder = folder
        self.pictures = pictures
        self.cell = (8, 16)  # pixels
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([program, *options], stdout=self.log, stderr=self.log)
        wait_until(self.focus, "no window")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def focus(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError("the program ended: " + self.log.read())
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "--name",
             "Ringside"], capture_output=True, text=True, check=False).stdout.split()
        self.window = found[-1] if found else None
        return found and subprocess.run(["xdotool", "windowfocus", "--sync", self.window],
                                        check=False).returncode == 0

    def press(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "5", *keys], check=True)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "2", "--", text], check=True)

    def command(self, line):
        self.type(":" + line)
        self.press("Return")

    def size(self, width, height):
        subprocess.run(["xdotool", "windowsize", "--sync", self.window, str(width), str(height)],
                       check=True)

    def mouse(self, column, row, *actions):
        subprocess.run(["xdotool", "mousemove", "--window", self.window,
                        str(column * self.cell[0] + self.cell[0] // 2),
                        str(row * self.cell[1] + self.cell[1] // 2), *actions], check=True)

    def dump(self, path):
        if os.path.exists(path):
            os.remove(path)
        self.command("dump " + path)
        wait_until(lambda: os.path.exists(path) and is_whole(path), "no dump")

    def look(self):
        path = os.path.join(self.folder, "now.txt")
        self.dump(path)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def sees(self, *texts):
        self.text = self.look()
        return all(re.search(text, self.text) for text in texts)

    def expect(self, *texts):
        wait_until(lambda: self.sees(*texts), lambda: f"not to be seen: {texts}\n{self.text}")

    def place(self, text):
        """(column, row) of a text in the window."""
        for row, line in enumerate(self.look().split("\n")):
            found = re.search(text, line)
            if found:
                return found.start(), row
        raise AssertionError(f"{text} is not there\n{self.look()}")

    def picture(self, name, *crop):
        """Kept as a PNG with a palette, a few dozen kilobytes."""
        if not self.pictures:
            return
        path = os.path.join(self.folder, "picture.png")
        self.dump(path)
        subprocess.run(["convert", path, *crop, "-strip", "+dither", "-colors", "24", "-define",
                        "png:compression-level=9",
                        "PNG8:" + os.path.join(self.pictures, name + ".png")], check=True)

    def pause(self):
        self.press("p")
        self.expect("PAUSED")

    def stop_in_user_mode(self, key):
        """Press the key until it has stopped in USER mode."""
        def again():
            self.press(key)
            wait_until(lambda: self.sees("PAUSED"), "it does not stop")
            return "USER mode" in self.text
        wait_until(again, "never in USER mode")


def interrupt(window):
    """Key 1: a timer interrupt, small step by small step, and the panels by mouse."""
    window.press("1")
    window.expect("Guest screen", "Interrupt vector", "primes below", "Dual-mode datapath")
    window.pause()
    window.stop_in_user_mode("F2")
    window.expect("interrupt comes next", "BEFORE")
    for _ in range(60):
        window.press("F8")
        if window.sees("E[0-9A-F]{7}│[0-9A-F]{8}\\*EFLAGS"):
            break
    window.expect("KERNEL mode", "not pushed yet", "The lecture's order")
    window.picture("preset-interrupt")
    # a click on a line of the program sets a breakpoint, a second one takes it away
    column, row = window.place("►[0-9A-F]{8} ")
    window.mouse(column + 2, row + 1, "click", "1")
    window.expect("●")
    window.mouse(column + 2, row + 1, "click", "1")
    wait_until(lambda: not window.sees("●"), "the second click leaves the breakpoint")
    # the marks of a title: alone, all again, closed
    column, row = window.place("═ Program around EIP.*z x")
    end = window.text.split("\n")[row].index(" z x", column) + 1
    window.mouse(end, row, "click", "1")
    wait_until(lambda: not window.sees("Two stacks"), "z does not show the panel alone")
    window.press("z")
    window.expect("Two stacks")
    column, row = window.place("─ Serial console.*z x")
    window.mouse(window.text.split("\n")[row].index(" z x", column) + 3, row, "click", "1")
    wait_until(lambda: not window.sees("Serial console"), "x does not close the panel")
    # a field says what it means: the right button, F1 under the mouse, and by keys alone
    column, row = window.place(" IF=[01]")
    window.mouse(column + 1, row, "click", "3")
    window.expect("Interrupts allowed .interrupt flag.", "Read on: SDM 3")
    window.picture("explain")
    window.press("Escape")
    wait_until(lambda: not window.sees("Read on:"), "Escape leaves the explanation")
    window.press("F1")
    window.expect("Interrupts allowed .interrupt flag.")
    window.press("Escape")
    # the border between two columns follows the mouse
    window.mouse(80, 30, "mousedown", "1")
    window.mouse(90, 30)
    window.mouse(90, 30, "mouseup", "1")
    window.expect(r"\n.{90}│")
    window.press("1")


def arrangement(window):
    """Panels that are opened, saved, closed and loaded; a text that is not right; the wheel."""
    path = os.path.join(window.folder, "saved.ringside")
    window.command("open boot")
    window.expect("═ Boot ═")
    window.command("save " + path)
    wait_until(lambda: os.path.exists(path), "nothing saved")
    window.press("x")
    wait_until(lambda: not window.sees("─ Boot ─|═ Boot ═"), "x does not close the panel")
    window.command("load " + path)
    window.expect("─ Boot ─")
    window.command("layout screen nonsense")
    window.expect("─ Boot ─")
    window.command("layout [program*11 inside*9] stacks")
    wait_until(lambda: not window.sees("Registers, and"), "layout makes no other arrangement")
    column, row = window.place("►[0-9A-F]{8} ")
    window.mouse(column + 3, row, "click", "5")
    wait_until(lambda: window.place("►[0-9A-F]{8} ")[1] < row, "the wheel does not scroll")
    window.press("Escape", "1")
    window.expect("Registers, and")


def time_travel(window):
    """The slider: a mark, a click far back, and to the end again."""
    window.command("mark here")
    _, row = window.place("time from")
    window.mouse(40, row, "click", "1")
    window.expect("PAST, now is", "♦|█")
    window.picture("time-slider")
    window.press("braceright")
    wait_until(lambda: not window.sees("PAST"), "} does not go to the end")
    window.press("bracketleft")
    window.expect("PAST|time from")
    window.command("go here")
    window.expect("here at")
    window.command("speed 200")
    window.press("r")
    window.expect("RUNNING", "speed 200 instructions/s")
    window.press("p")
    window.command("speed real")


def syscall(window):
    """Key 2: a system call, its program and source."""
    window.press("2")
    for _ in range(6):
        window.stop_in_user_mode("F4")
    window.expect("system call comes next", "int 80h", "Source, variables, call stack", "_start at")
    window.picture("preset-syscall")


def signal(window):
    """Key 3: a signal is delivered to the program that catches it."""
    window.press("3")
    window.command("slide first")
    window.command("until signal delivered")
    window.expect("PAUSED", "signal delivered; stopped", "Upcall beside interrupt")
    window.picture("preset-signal")


def memory(window):
    """Key 4: the next page fault."""
    window.press("4")
    window.press("F3")
    window.expect("PAUSED", "exception|page fault", "─ Memory", "Page table .MMU.")
    window.picture("preset-memory")


def processes(window):
    """Key 5: who runs, who waits; things are chosen by keys."""
    window.press("5")
    window.command("slide last")
    window.expect("Processes: the tree", "count", "waiting", "parent")
    window.press("F5")
    wait_until(lambda: window.sees("RUNNING") and window.text.count("gettimeofday") > 3,
               "no calls in the list")
    window.pause()
    window.expect("Timeline: who has the processor", "Counters")
    window.press("Right", "Right", "Right", "Return")
    window.expect("Process [0-9]+ ")
    window.picture("preset-processes")


def console(window):
    """Key 6: typing to the guest; F12 gives the keys back."""
    window.command("slide last")
    window.press("6")
    window.press("F5")
    window.type("a line")
    window.press("BackSpace", "e", "Return")
    window.press("F12")
    window.expect('you typed "a line"', "DEBUGGER")
    window.picture("preset-console")


def devices(window):
    """Key 8: who asks for an interrupt, beside what the processor does with it."""
    window.press("p")
    window.press("8")
    window.stop_in_user_mode("F2")
    window.expect("Interrupt controllers .8259A pair.", "delivered next", "Dual-mode datapath")
    window.picture("preset-devices")


def lecture(window):
    """Key 7: at 1024 by 768 three panels in letters of 20 pixels on white paper."""
    window.press("p")
    window.size(1024, 768)
    window.press("7")
    window.cell = (12, 24)
    window.expect("Program around EIP", "Step inside", "Two stacks")
    window.stop_in_user_mode("F2")
    for _ in range(12):
        window.press("F8")
    window.expect("inside")
    window.picture("preset-lecture")
    window.press("1")
    window.size(1280, 800)
    window.cell = (8, 16)
    window.expect("Interrupt vector", "Two stacks")


def themes(window):
    """All themes: the paper has their colour."""
    window.stop_in_user_mode("F2")
    for theme, paper in (("light", "FFFFFF"), ("contrast", "000000"), ("safe-dark", "14161A"),
                         ("safe-light", "FFFFFF"), ("dark", "16181D")):
        window.command("theme " + theme)
        path = os.path.join(window.folder, "theme.png")
        window.dump(path)
        corner = subprocess.run(["convert", path, "-crop", "1x1+1279+799", "-depth", "8", "txt:-"],
                                capture_output=True, text=True, check=True).stdout
        if "#" + paper not in corner:
            raise AssertionError(f"theme {theme}: {corner}")
        window.picture("theme-" + theme)
    window.press("ctrl+equal", "ctrl+equal")
    window.expect("DEBUGGER")


STOPS = (interrupt, arrangement, time_travel, syscall, signal, memory, processes, console, devices,
         lecture, themes)


# ---- the lecture's figures ----

FIGURE_ROWS = 30
FIGURE_WIDTH = 960  # pixels


def figure(window, panel, name, *texts):
    """One panel alone, with the line that says the mode."""
    window.command("zoom " + panel)
    window.expect(*texts)
    height = FIGURE_ROWS * window.cell[1]
    window.picture("figure-" + name, "-crop", f"{FIGURE_WIDTH}x{height}+0+0", "+repage")
    window.press("Escape")


def small_steps_until(window, text):
    def again():
        window.press("F8")
        return window.sees(text)
    wait_until(again, f"no small step shows {text}")


def pause_among_programs(window):
    window.command("zoom screen")
    window.expect("primes below")
    window.press("Escape")
    window.pause()


def figures_of_an_interrupt(window):
    pause_among_programs(window)
    window.stop_in_user_mode("F2")
    figure(window, "vector", "vector", "IRQ 0 timer")
    figure(window, "inside", "before", "BEFORE")
    small_steps_until(window, r"\A KERNEL mode")
    figure(window, "datapath", "dual-mode", "Dual-mode datapath")
    figure(window, "registers", "mode-switch", "KERNEL")
    small_steps_until(window, "\\*EFLAGS")
    figure(window, "inside", "during", "push saved values")
    figure(window, "stacks", "two-stacks", "not pushed yet")
    window.command("until iret")
    window.expect("PAUSED")
    window.press("shift+F11")
    figure(window, "inside", "after", "AFTER")


def figures_of_a_call(window):
    window.stop_in_user_mode("F4")
    window.command("until trap")
    window.expect("KERNEL mode", "PAUSED")
    figure(window, "source", "system-call-path", "KERNEL", "USER", "main at")
    window.command("zoom upcall")  # which keeps a log from then on
    window.command("slide first")
    window.command("until signal delivered")
    window.expect("signal delivered; stopped")
    window.command("until on_poke")
    window.expect("PAUSED", "USER mode", "on_poke")
    figure(window, "upcall", "upcall", "Upcall beside interrupt", "USER mode")
    figure(window, "stacks", "upcall-stacks", "Two stacks")
    window.press("F3")
    window.expect("exception comes next")
    figure(window, "mmu", "translation", "directory entry", "table entry")
    window.command("slide last")
    window.expect("PAUSED")
    figure(window, "tables", "tables", "GDT", "TSS")
    figure(window, "devices", "devices", "timer|PIT")
    figure(window, "boot", "boot", "a program prints its first byte")
    figure(window, "processes", "processes", "count")


def figures_of_base_and_bound(window):
    pause_among_programs(window)
    window.stop_in_user_mode("F2")
    figure(window, "mmu", "base-and-bound", "within bound", "yes")


def figures(program, folder, pictures):
    look = ["--theme", "light"]
    with Window(program, folder, pictures, *look, "--append", GUEST) as window:
        window.size(FIGURE_WIDTH, (FIGURE_ROWS + 4) * window.cell[1])
        window.press("h")
        figures_of_an_interrupt(window)
        figures_of_a_call(window)
    with Window(program, folder, pictures, *look, "--append", "mmu=base-bound " + GUEST) as window:
        window.size(FIGURE_WIDTH, (FIGURE_ROWS + 4) * window.cell[1])
        window.press("h")
        figures_of_base_and_bound(window)


def main():
    program = os.path.abspath(sys.argv[1])
    pictures = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
    for tool in ("Xvfb", "xdotool", "convert"):
        if not shutil.which(tool):
            print("skipped:", tool, "is not installed")
            sys.exit(77)
    if pictures:
        os.makedirs(pictures, exist_ok=True)
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # SDL's libdbus leaks at its end
    with tempfile.TemporaryDirectory() as folder, Server():
        os.environ["XDG_CONFIG_HOME"] = folder
        with Window(program, folder, pictures, "--append", GUEST) as window:
            for stop in STOPS:
                try:
                    stop(window)
                except AssertionError as trouble:
                    print("FAILED:", stop.__name__, trouble)
                    sys.exit(1)
                print("seen:", stop.__name__)
            window.press("q")
            window.process.wait(PATIENCE)
            if window.process.returncode != 0:
                window.log.seek(0)
                print("FAILED: status", window.process.returncode, window.log.read())
                sys.exit(1)
            with open(os.path.join(folder, "ringside", "settings.json"), encoding="utf-8") as file:
                if '"theme": "dark"' not in file.read():
                    print("FAILED: the theme is not in the settings")
                    sys.exit(1)
        if pictures:
            os.remove(os.path.join(folder, "ringside", "settings.json"))
            try:
                figures(program, folder, pictures)
            except AssertionError as trouble:
                print("FAILED: figures", trouble)
                sys.exit(1)
    print("tour: all stops seen")


main()
