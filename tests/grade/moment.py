#!/usr/bin/env python3
"""moment.py RINGSIDE SOURCES: places saved in files, and opened again.

SPDX-License-Identifier: MIT
"""
import json
import os
import re
import subprocess
import sys
import tempfile

PATIENCE = 60  # seconds
failures = []


def check(good, words):
    if not good:
        print("FAILED:", words)
        failures.append(words)


class Runs:
    def __init__(self, ringside, work):
        self.ringside = ringside
        self.work = work

    def path(self, name):
        return os.path.join(self.work, name)

    def run(self, *words, script=None):
        if script is not None:
            with open(self.path("script"), "w", encoding="ascii") as file:
                file.write(script)
            words = (*words[:1], "-x", self.path("script"), *words[1:])
        done = subprocess.run([self.ringside, *words], capture_output=True, timeout=PATIENCE,
                              check=False, cwd=self.work, text=True, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr


def state(text):
    """Registers and clock as `info registers` and the watch list printed them."""
    return re.findall(r"\b(?:eax|ebx|ecx|edx|esi|edi|ebp|esp|eip|eflags|cr3) [0-9A-F]{8}", text)


LOOK = "print $clock\ninfo registers\nmarks\ninfo breakpoints\nx /8x $esp\nquit 5\n"


def console(runs):
    """The guest with a typed line: marks, a breakpoint, a watch, a micro-step."""
    with open(runs.path("typed"), "w", encoding="ascii") as file:
        file.write("@wait # \necho moment $((6 * 7))\n@wait never\n")
    status, out, trouble = runs.run(
        "--headless", "--append", "autologin=1", "--input", "typed",
        script="mark start\nwait-for console \"moment 42\"\nuntil interrupt\nmicro 3\n"
               "break syscall write\ndisplay $eip\nmark here\nsave-moment a.moment\n" + LOOK)
    check(status == 5, f"saving: {status} {trouble}")
    size = os.path.getsize(runs.path("a.moment"))
    check(size < 8000, f"a moment is small: {size} bytes")
    expected = out[out.index("is in a.moment"):]
    status, out, trouble = runs.run("replay", "--headless", "a.moment", script=LOOK)
    check(status == 5, f"opening: {status} {trouble}")
    check(state(out) == state(expected) and len(state(out)) == 11,
          f"the same registers in the middle of a delivery: {state(out)} {state(expected)}")
    check("here: clock" in out and "start: clock" in out and "syscall write" in out,
          "marks and breakpoints are there")
    check(out.split("x /8x")[-1][-300:] == expected.split("x /8x")[-1][-300:], "the same stack")
    status, again, _ = runs.run("replay", "--headless", "a.moment",
                                script="save-moment b.moment\nback 3\nlast syscall\nquit\n")
    check(open(runs.path("a.moment"), "rb").read() == open(runs.path("b.moment"), "rb").read(),
          "saved again it is the same file")
    check("vector 80h" in again or "system call" in again, f"one can go back from it: {again}")


def at_exit(runs):
    """--moment keeps the end of a run; going on from it gives the same end."""
    folder = os.path.join(os.path.dirname(runs.ringside), "guest-os/user")
    status, _, trouble = runs.run("exec", "--max-clocks", "3200000", "--moment", "c.moment", "--",
                                  os.path.join(folder, "echo"), "hello")
    check(status == 124, f"stopped by its limit: {status} {trouble}")
    place = json.load(open(runs.path("c.moment"), encoding="ascii"))["place"]
    check(3200000 <= place["clock"] < 3200100, f"kept where it stopped: {place}")
    status, out, _ = runs.run("replay", "--json", "c.json", "c.moment")
    whole = runs.run("exec", "--json", "d.json", "--", os.path.join(folder, "echo"), "hello")
    check(status == 0 and out == whole[1] == "hello\n", f"goes on to the end: {status} {out}")
    ours, theirs = (json.load(open(runs.path(name), encoding="ascii"))
                    for name in ("c.json", "d.json"))
    check(ours["clocks"] == theirs["clocks"] and ours["hash"] == theirs["hash"],
          "the same clocks and hash as without the stop")


def refused(runs):
    text = open(runs.path("a.moment"), encoding="ascii").read()
    moment = json.loads(text)
    disk = next(i for i in moment["images"] if i["what"] == "disk 0")["hash"]
    rows = (
        (text.replace(disk, "0123456789abcdef"), "was made with another disk 0"),
        (text.replace(f'"{moment["version"]}"', '"0.0.1"'), "was made with Ringside 0.0.1; this"),
        (text.replace(moment["hash"], "0123456789abcdef"), "not its state"),
        (text.replace('"ringside-moment": 1', '"ringside-moment": 2'), "ringside-moment"),
        (text.replace(" serial ", " serious "), "input"),
        (text[:len(text) // 2], "bad.moment:"),
        ("", "bad.moment:"),
        (text.replace('"--timing"', '"--timings"'), "unknown option"),
    )
    for changed, message in rows:
        with open(runs.path("bad.moment"), "w", encoding="ascii") as file:
            file.write(changed)
        status, out, trouble = runs.run("replay", "--headless", "bad.moment", script="quit\n")
        check(status == 2 and message in trouble and trouble.count("\n") == 1,
              f"{message}: {status} {out} {trouble}")
    status, _, trouble = runs.run("replay")
    check(status == 2 and "needs one MOMENT" in trouble, "no file")
    status, _, trouble = runs.run("replay", "nothing")
    check(status == 2 and "nothing" in trouble, "a file that is not there")


def main():
    with tempfile.TemporaryDirectory() as work:
        runs = Runs(os.path.abspath(sys.argv[1]), work)
        console(runs)
        at_exit(runs)
        refused(runs)
    print("FAILED" if failures else "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
