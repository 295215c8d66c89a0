#!/usr/bin/env python3
"""screen_session.py EMULATOR SCRIPT [FOLDER]: a session typed on the guest's screen and keyboard.

With ringside a real window under a virtual X server gets real keys, and the screen is read from the
window's own dump. With QEMU (FOLDER: of the guest's build) keys come from its monitor, and the text
is read from the video memory. SCRIPT has lines of "keys => text that must be on the screen then";
<Return>, <ctrl+c> and the like are names of keys as X has them. Status 0 as expected, 1 not, 77 no
such emulator or no Xvfb here. SPDX-License-Identifier: MIT
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 60   # seconds for a text to appear
TYPING = 0.015  # seconds between keys: QEMU's keyboard has room for 16 bytes
COLUMNS = 80
COMMAND_LINE = "autologin=0 console=ttyS0 console=tty1"


def wait_until(condition, words):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(words)
        time.sleep(0.05)  # asks again, does not hope for a duration


def split(keys):
    """[(is_name, text)] of text with <names>."""
    return [(part.startswith("<") and part.endswith(">") and len(part) > 2,
             part.strip("<>") if part.startswith("<") and len(part) > 2 else part)
            for part in re.split(r"(<[A-Za-z0-9_+]+>)", keys) if part]


class Window:
    """ringside under Xvfb."""

    def __init__(self, program, folder):
        self.folder = folder
        read_end, write_end = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1400x900x24", "-nolisten",
             "tcp"], pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        os.environ["DISPLAY"] = ":" + os.read(read_end, 16).decode().strip()
        os.environ["XDG_CONFIG_HOME"] = folder
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.program = subprocess.Popen([program, "--append", COMMAND_LINE], stdout=self.log,
                                        stderr=self.log)
        wait_until(self.focus, "no window")
        self.to_guest = False

    def focus(self):
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.program.pid), "--name",
             "Ringside"], capture_output=True, text=True, check=False).stdout.split()
        return bool(found) and subprocess.run(["xdotool", "windowfocus", "--sync", found[-1]],
                                              check=False).returncode == 0

    def press(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "5", *keys], check=True)

    def direct(self, to_guest):
        if self.to_guest != to_guest:
            self.press("F12")
            self.to_guest = to_guest

    def type(self, keys):
        self.direct(True)
        for is_name, text in split(keys):
            if is_name:
                self.press(text)
            else:
                subprocess.run(["xdotool", "type", "--delay", "5", "--", text], check=True)

    def screen(self):
        self.direct(False)
        path = os.path.join(self.folder, "dump.txt")
        if os.path.exists(path):
            os.remove(path)
        subprocess.run(["xdotool", "type", "--delay", "2", ":dump " + path], check=True)
        self.press("Return")
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "no dump")
        with open(path, encoding="utf-8") as file:
            return "\n".join(line[:COLUMNS].rstrip() for line in file.read().split("\n")[2:27])

    def end(self):
        self.program.kill()
        self.server.kill()
        self.program.wait()
        self.server.wait()


class Monitor:
    """QEMU, by its monitor."""

    PLAIN = {" ": "spc", "-": "minus", "=": "equal", ";": "semicolon", "'": "apostrophe",
             ",": "comma", ".": "dot", "/": "slash", "\\": "backslash", "[": "bracket_left",
             "]": "bracket_right", "`": "grave_accent"}
    SHIFTED = dict(zip("!@#$%^&*()_+{}|:\"<>?~", ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0",
                   "minus", "equal", "bracket_left", "bracket_right", "backslash", "semicolon",
                   "apostrophe", "comma", "dot", "slash", "grave_accent"]))
    NAMES = {"Return": "ret", "BackSpace": "backspace", "Escape": "esc"}

    def __init__(self, program, folder, build):
        self.memory = os.path.join(folder, "memory")
        self.program = subprocess.Popen(
            [program, "-m", "64", "-kernel", os.path.join(build, "kernel.elf"), "-initrd",
             os.path.join(build, "ramdisk.img"), "-append", COMMAND_LINE, "-serial", "null",
             "-monitor", "stdio", "-display", "none", "-no-reboot"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def say(self, words):
        self.program.stdin.write((words + "\n").encode())
        self.program.stdin.flush()

    def key(self, name):
        self.say(f"sendkey {name} 1")
        time.sleep(TYPING)

    def type(self, keys):
        for is_name, text in split(keys):
            if is_name:
                parts = [self.NAMES.get(part, part.lower()) for part in text.split("+")]
                self.key("-".join(parts))
                continue
            for c in text:
                if c in self.SHIFTED:
                    self.key("shift-" + self.SHIFTED[c])
                else:
                    self.key("shift-" + c.lower() if c.isupper() else self.PLAIN.get(c, c))

    def screen(self):
        if os.path.exists(self.memory):
            os.remove(self.memory)
        self.say(f"pmemsave 0xb8000 32768 \"{self.memory}\"")
        wait_until(lambda: os.path.exists(self.memory) and os.path.getsize(self.memory) == 32768,
                   "no video memory")
        with open(self.memory, "rb") as file:
            text = file.read()[::2].decode("cp437")
        rows = [text[i:i + COLUMNS].rstrip() for i in range(0, len(text), COLUMNS)]
        return "\n".join(rows)

    def end(self):
        self.program.kill()
        self.program.wait()


def play(machine, lines):
    wait_until(lambda: "login:" in machine.screen(), "no login")
    for number, line in enumerate(lines, 1):
        if line.startswith("#") or not line.strip():
            continue
        keys, text = line.split(" => ")
        machine.type(keys)
        try:
            wait_until(lambda: text in machine.screen(), f"line {number}: waited for: {text}")
        except RuntimeError as trouble:
            print(trouble)
            print("--- screen ---")
            print(machine.screen())
            return False
    return True


def main():
    emulator, script = sys.argv[1:3]
    is_qemu = "qemu" in emulator
    for tool in [emulator] if is_qemu else [emulator, "Xvfb", "xdotool"]:
        if not shutil.which(tool):
            print("skipped:", tool, "is not installed")
            sys.exit(77)
    with open(script, encoding="utf-8") as file:
        lines = file.read().split("\n")
    with tempfile.TemporaryDirectory() as folder:
        machine = Monitor(emulator, folder, sys.argv[3]) if is_qemu else Window(emulator, folder)
        try:
            good = play(machine, lines)
        finally:
            machine.end()
    if not good:
        sys.exit(1)
    print("screen session: all lines done")


main()
