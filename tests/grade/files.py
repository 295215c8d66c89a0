#!/usr/bin/env python3
"""files.py RINGSIDE SOURCES: `get`, `put` and the quiz.

What `get` brings is compared with debugfs and read by gdb. SPDX-License-Identifier: MIT
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

PATIENCE = 100  # seconds
failures = []


def check(good, words):
    if not good:
        print("FAILED:", words)
        failures.append(words)


class Runs:
    def __init__(self, ringside, work):
        self.ringside = ringside
        self.guest = os.path.join(os.path.dirname(ringside), "guest-os")
        self.work = work

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode("ascii"))
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def script(self, text, *options, feed=b""):
        done = subprocess.run([self.ringside, "--headless", "--append", "autologin=1", *options,
                               "-x", self.write("script", text)], capture_output=True,
                              timeout=PATIENCE, check=False, cwd=self.work, input=feed)
        return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def core_file(runs):
    """D6: a core file copied out and opened by gdb."""
    runs.write("typed", "@wait # \ncd /root; /demo/coredemo; sync; echo syn''ced\n@wait never\n")
    status, out, trouble = runs.script(
        'wait-for console "synced"\nget /root/core core\nget /bin/sh sh\nquit 3\n',
        "--input", "typed")
    check(status == 3, f"get: {status} {out[-300:]} {trouble}")
    check("as it is on disk 0" in out, "says what was read")
    host = subprocess.run(["debugfs", "-R", f"dump /bin/sh {runs.path('sh2')}",
                           os.path.join(runs.guest, "disk.img")], capture_output=True, check=False)
    check(host.returncode == 0 and runs.read("sh") == runs.read("sh2"), "the same as by debugfs")
    gdb = subprocess.run(["gdb", "-nx", "-batch", "-ex", "bt",
                          os.path.join(runs.guest, "user/coredemo"), runs.path("core")],
                         capture_output=True, text=True, check=False)
    check("third_call (depth=3)" in gdb.stdout and "in main ()" in gdb.stdout,
          f"gdb reads the core file: {gdb.stdout[-500:]}{gdb.stderr[-300:]}")


def both_ways(runs):
    """Every byte goes in and out again."""
    data = bytes(range(256)) + random.Random(3).randbytes(700)
    runs.write("data", data)
    runs.write("empty", b"")
    status, out, trouble = runs.script(
        'wait-for console "# "\nput data /root/it\nput empty /root/nothing\ntype sync;echo s""d\n'
        'wait-for console "sd\\r\\n"\nget /root/it back\nget /root/nothing nothing\nquit\n')
    check(status == 0, f"put: {status} {out[-300:]} {trouble}")
    if not failures:
        check(runs.read("back") == data and runs.read("nothing") == b"", "the same bytes")


def refused(runs):
    rows = (("get /bin/nothing x", "no such file on the disk"), ("get bin/sh x", "absolute path"),
            ("get /bin x", "no regular file"), ("get /bin/sh/x y", "no directory"),
            ("get /bin/sh", "two file names"), ("get /bin/sh /nowhere/x", "/nowhere/x"),
            ("put missing /root/x", "missing"), ("put data", "two file names"),
            ("put data /root/x'y", "can not have"), ("answer 3", "there is no question"),
            ("quiz 3", "quiz asks"))
    for line, message in rows:
        status, _, trouble = runs.script(f'wait-for console "# "\n{line}\n')
        check(status == 2 and trouble.startswith("ringside: ") and message in trouble and
              trouble.count("\n") == 1, f"{line}: {status} {trouble}")


def quiz(runs, seed, answers):
    done = subprocess.run([runs.ringside, "--headless", "--quiz", "--seed", str(seed), "--json",
                           "q.json"], capture_output=True, timeout=PATIENCE, check=False,
                          cwd=runs.work, input="\n".join(answers) + "\n", text=True)
    with open(runs.path("q.json"), encoding="ascii") as file:
        return done.stdout, json.load(file)


def asks(runs):
    out, first = quiz(runs, 5, ["nonsense"] + ["eip"] * 10)
    check(first["asked"] == 10 and first["seed"] == 5, f"ten questions: {first}")
    expected = [row["expected"].lstrip("0") for row in first["questions"]]
    for text in ("delivery of a software interrupt", "return from an interrupt",
                 "delivery of an interrupt"):
        check(text in out, f"asks about {text}")
    # what was right is not told before the answer
    head = out[:out.index("(answer EXPR")]
    check(not re.search(r"\b" + expected[0].rstrip("h") + r"\b", head[head.rindex("question"):]),
          "the question does not tell")
    values = ["0x" + row["expected"].rstrip("h") for row in first["questions"]]
    _, second = quiz(runs, 5, values)
    check([row["question"] for row in second["questions"]] ==
          [row["question"] for row in first["questions"]], "the same seed, the same questions")
    check(second["right"] == 10, f"right answers: {second}")
    _, third = quiz(runs, 6, ["0x123"] * 10)
    check([row["question"] for row in third["questions"]] !=
          [row["question"] for row in first["questions"]] and third["right"] == 0,
          f"another seed, other questions; wrong answers: {third['right']}")
    status, out, _ = runs.script('until syscall\nquiz\nanswer eflags\nquiz result\nquit\n',
                                 "--seed", "1")
    check(status == 0 and "of 1 right" in out, f"by commands: {out[-200:]}")


def main():
    with tempfile.TemporaryDirectory() as work:
        runs = Runs(os.path.abspath(sys.argv[1]), work)
        core_file(runs)
        both_ways(runs)
        refused(runs)
        asks(runs)
    print("FAILED" if failures else "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
