#!/usr/bin/env python3
"""grade.py RINGSIDE SOURCES: `ringside grade` from outside.

Programs are compiled with tools/guest-cc; the JSON is validated by jsonschema, JUnit by xmllint,
TAP by prove. SPDX-License-Identifier: MIT
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import jsonschema

PATIENCE = 60  # seconds
failures = []

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int counter = 5;

int main(int count, char **words)
{
    char line[80];
    int length;

    if (count > 1 && strcmp(words[1], "loop") == 0) {
        for (;;) {
            counter = counter + 2;
        }
    }
    if (count > 1 && strcmp(words[1], "flood") == 0) {
        for (;;) {
            printf("all work and no play\n");
        }
    }
    if (count > 1 && strcmp(words[1], "crash") == 0) {
        *(volatile int *)0x40 = 1;
    }
    printf("hello %s\n", words[1]);
    fflush(stdout);
    length = (int)read(0, line, sizeof(line));
    write(2, "trouble\n", 8);
    printf("read %d\n", length);
    counter++;
    return 3;
}
"""

KERNEL = r"""
.section .text
.globl _start
.long 0x1BADB002, 0, -0x1BADB002
_start:
    movl $0x2A, 0x2000
    movw $0x3F8, %dx
    movb $'K', %al
    outb %al, %dx
    movb $5, %al
    movw $0xF4, %dx
    outb %al, %dx
"""


def check(good, words):
    if not good:
        print("FAILED:", words)
        failures.append(words)


class Grader:
    def __init__(self, ringside, sources, work):
        self.ringside = ringside
        self.work = work
        with open(os.path.join(sources, "docs/grading-schema.json"), encoding="ascii") as file:
            self.schema = json.load(file)

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return name

    def grade(self, *words):
        done = subprocess.run([self.ringside, "grade", *words], capture_output=True,
                              timeout=PATIENCE, check=False, cwd=self.work, text=True)
        return done.returncode, done.stdout, done.stderr

    def spec(self, *lines):
        """Status, the spec's part of the JSON, stderr."""
        self.write("t.grade", "\n".join(("ringside-grade 1", *lines)) + "\n")
        status, _, trouble = self.grade("--json", "t.json", "t.grade")
        with open(self.path("t.json"), encoding="ascii") as file:
            result = json.load(file)
        jsonschema.validate(result, self.schema)
        return status, result["specs"][0], trouble


def passes(grader):
    status, result, _ = grader.spec(
        'name "all of it"', 'program words "big world"', 'type "abc\\n"',
        "check 2 status 3", 'check 3 output is "hello big world\\nread 4\\n"',
        'check output lines "read 4" "hello big world"', 'check output contains "big"',
        'check output lacks "trouble"', 'check output matches "^read [0-9]+$"',
        'check errors is "trouble\\n"', "check 2 event 1..3: syscall read",
        "check event: main", "check no event: signal raised", "check state: counter == 6",
        "check clocks <= 1000000", "check system-calls >= 3", "must status 3")
    check(status == 0 and result["points"] == result["of"] == 17,
          f"everything right: {status}, {[c for c in result['checks'] if not c['passed']]}")


def partial(grader):
    status, result, _ = grader.spec(
        "program words x", "check 4 output lines \"read 0\" \"a\" \"hello x\" \"b\"",
        "  hint \"two are missing\"", "check 2 status 0", "check 1 event: syscall fork",
        "check 1 no event: syscall write", "check 1 clocks <= 10", "check 1 state: counter == 5")
    checks = result["checks"]
    check(status == 1 and result["points"] == 2 and result["of"] == 10, f"partial credit: {result}")
    check(checks[0]["found"] == '2 of 4 lines are there; missing: "a"' and
          checks[0]["hint"] == "two are missing", f"found and hint: {checks[0]}")
    check(checks[1]["found"] == "the program ended with status 3", f"{checks[1]}")
    check(checks[2]["found"] == "it never happened", f"{checks[2]}")
    check(checks[3]["found"].startswith("it happened 3 times, first at clock "), f"{checks[3]}")
    check(checks[5]["found"] == "it is 0", f"{checks[5]}")
    status, result, _ = grader.spec("program words x", "check 5 status 3", "must status 0")
    check(status == 1 and result["points"] == 0, f"a must that fails voids the rest: {result}")


def ends(grader):
    status, result, _ = grader.spec("program words loop", "limit clocks 3000000",
                                    "check no event: syscall write", "check status 0")
    check(result["run"]["reason"] == "limit" and result["run"]["clocks"] >= 3000000 and
          result["run"]["clocks"] < 3001000, f"a loop ends by its clocks: {result['run']}")
    status, result, _ = grader.spec("program words loop", "limit instructions 50000",
                                    "check status 0")
    check(50000 <= result["run"]["instructions"] < 50010, f"by instructions: {result['run']}")
    status, result, _ = grader.spec("program words flood", "limit output 5000", "check status 0")
    check(result["run"]["reason"] == "limit" and result["run"]["output"]["bytes"] < 5100 and
          len(result["run"]["output"]["begins"]) == 2048, "output is bounded")
    status, result, _ = grader.spec("program words crash", "check signal 11",
                                    "check event 1: exception 14 if $writer > 0x1000 user",
                                    "check event: signal raised")
    check(result["points"] >= 2, f"a crash: {result['checks']}")
    status, result, _ = grader.spec('shell "cat /host/data; exit 7"', "file words.c as data",
                                    "check status 7", "check output is file words.c")
    check(status == 0 and result["points"] == 2, f"a shell with files: {result['checks']}")
    status, result, _ = grader.spec(
        "kernel kernel.elf", "machine --mem 4M", "check stops exit", "check status 11",
        'check output is "K"', "check event 1: write 0x2000 == 0x2A", "check event 1: port 0xF4",
        "check state: [0x2000] == 42", "check instructions <= 10")
    check(status == 0 and result["points"] == 7, f"a kernel: {result['checks']}")


def hermetic(grader):
    """The same JSON again and in another folder; the same clocks and state as exec."""
    grader.spec("program words x", "check status 3", "check event: syscall")
    first = open(grader.path("t.json"), "rb").read()
    grader.spec("program words x", "check status 3", "check event: syscall")
    check(first == open(grader.path("t.json"), "rb").read(), "twice the same JSON")
    with tempfile.TemporaryDirectory() as other:
        shutil.copy(grader.path("words"), other)
        shutil.copy(grader.path("t.grade"), other)
        subprocess.run([grader.ringside, "grade", "--json", "t.json", "t.grade"], cwd=other,
                       capture_output=True, timeout=PATIENCE, check=False)
        check(first == open(os.path.join(other, "t.json"), "rb").read(), "the same elsewhere")
        status, _, _ = grader.grade("--in", other, "t.grade")
        check(status == 0, "--in names where the program is")
    subprocess.run([grader.ringside, "exec", "--json", "e.json", "words", "x"], cwd=grader.work,
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    ours = json.loads(first)["specs"][0]["run"]
    theirs = json.load(open(grader.path("e.json"), encoding="ascii"))
    check(ours["total-clocks"] == theirs["clocks"] and ours["hash"] == theirs["hash"],
          f"the same run as exec: {ours['total-clocks']} {theirs['clocks']}")
    return json.loads(first)["specs"][0]["made-of"]


def refused(grader, made_of):
    rows = (
        (("program nothing", "check status 0"), "t.grade:2:9: "),
        (("program words", "check event: syscall nothing"), "t.grade:3:14: "),
        (("program words", "check event: write nothing == 3"), "t.grade:3:14: "),
        (("program words", "check state: nothing"), "t.grade:3:14: "),
        (("program words", "chek status 0"), "t.grade:3:1: "),
        (("program words", "machine --headless", "check status 0"), "t.grade:3:9: --headless"),
        (("program words", "machine --rtc host", "check status 0"), "t.grade:3:9: --rtc host"),
        (("program words", "machine --cpu 8086", "check status 0"), "t.grade:3:9: --cpu 8086"),
        (("program words.c", "check status 0"), "t.grade:2:9: "),
        (("program words", "file nothing", "check status 0"), "t.grade:3:6: "),
        (("program words", "input nothing", "check status 0"), "t.grade:3:7: "),
        (("program words", "check output is file nothing"), "t.grade:3:22: "),
        (("program words", "requires timing i386", "check status 3"),
         "t.grade:3:10: is for timing i386; here it is i486"),
        (("program words", "requires version 9.9", "check status 3"),
         "t.grade:3:10: is for version"),
        (("program words", 'requires "disk 0" 0123456789abcdef', "check status 3"),
         "t.grade:3:10: is for disk 0 0123456789abcdef; here it is "),
        (("program words", "requires floppy 1", "check status 3"),
         "t.grade:3:10: floppy: this run"),
    )
    for lines, message in rows:
        status, result, trouble = grader.spec(*lines)
        check(status == 2 and result["trouble"].startswith(message) and
              trouble == f"ringside: {result['trouble']}\n", f"{lines}: {status}, {trouble}")
    status, _, trouble = grader.spec(
        "program words x", f"requires version {made_of['version']}", "requires timing i486",
        f'requires "disk 0" {made_of["images"]["disk 0"]}',
        f'requires kernel {made_of["images"]["kernel"]}', "check status 3")
    check(status == 0, f"what is required is here: {trouble}")
    status, _, trouble = grader.grade()
    check(status == 2 and "needs a SPEC" in trouble, "no spec")


def reports(grader):
    grader.write("a.grade", "ringside-grade 1\nprogram words <&#\ncheck 2 status 3\n"
                            "check output is \"<x>\"\n  hint \"a & b # c\"\n")
    grader.write("b.grade", "ringside-grade 1\nprogram words x\ncheck status 3\n")
    status, text, _ = grader.grade("--junit", "r.xml", "--tap", "r.tap", "a.grade", "b.grade")
    check(status == 1 and "together: 3 of 4 points" in text and
          'line 1 is "hello <&#", expected "<x>"; hint: a & b # c'.replace("&#", "&") in text or
          "hint: a & b # c" in text, f"text: {text}")
    xml = subprocess.run(["xmllint", "--xpath", "string(/testsuites/testsuite[1]/@failures)",
                          grader.path("r.xml")], capture_output=True, text=True, check=False)
    check(xml.returncode == 0 and xml.stdout.strip() == "1", f"JUnit: {xml}")
    tap = subprocess.run(["prove", "--exec", "cat", grader.path("r.tap")], capture_output=True,
                         text=True, check=False)
    check("Failed test:  2" in tap.stdout and "Tests: 3 Failed: 1" in tap.stdout,
          f"TAP: {tap.stdout}{tap.stderr}")


def main():
    ringside, sources = sys.argv[1:3]
    ringside = os.path.abspath(ringside)
    with tempfile.TemporaryDirectory() as work:
        grader = Grader(ringside, sources, work)
        grader.write("words.c", PROGRAM)
        subprocess.run([os.path.join(sources, "tools/guest-cc"), "-o", "words", "words.c"],
                       cwd=work, check=True)
        grader.write("kernel.S", KERNEL)
        subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-Wl,-Ttext=0x100000",
                        "-Wl,--build-id=none", "-o", "kernel.elf", "kernel.S"], cwd=work,
                       check=True)
        passes(grader)
        partial(grader)
        ends(grader)
        refused(grader, hermetic(grader))
        reports(grader)
    print("FAILED" if failures else "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
