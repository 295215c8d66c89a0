#!/usr/bin/env python3
"""labs.py RINGSIDE SOURCES [LAB...]: the labs of docs/labs.

The starter compiles and does not get all points; the model answer of tests/labs does, in every spec
of the lab; each wrong answer loses the check that its first line names.
SPDX-License-Identifier: MIT
"""
import json
import os
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


def compile_answer(sources, source, place):
    """The commands that the lab's page tells. A lab with rows of system calls is about a kernel:
    the rows are beside the source, or the model's, and a program of the lab uses them."""
    tools = os.path.join(sources, "tools")
    if not os.path.exists(os.path.join(place, "starter.def")):
        return [[os.path.join(tools, "guest-cc"), "-o", "answer", source]]
    rows = source[:-2] + ".def"
    if not os.path.exists(rows):
        rows = os.path.join(os.path.dirname(source), "model.def")
    return [[os.path.join(tools, "guest-kernel"), "-o", "kernel.elf", rows, source],
            [os.path.join(tools, "guest-cc"), "-o", "asker", os.path.join(place, "asker.c")]]


def grade(ringside, sources, folder, source, spec):
    """Compile, grade: status, the spec's JSON."""
    for command in compile_answer(sources, source, os.path.dirname(spec)):
        made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if made.returncode or made.stderr:
            return 2, {"trouble": made.stderr}
    done = subprocess.run([ringside, "grade", "--in", folder, "--json", "r.json", spec], cwd=folder,
                          capture_output=True, timeout=PATIENCE, check=False)
    with open(os.path.join(folder, "r.json"), encoding="ascii") as file:
        return done.returncode, json.load(file)["specs"][0]


def lost(result):
    return [(c["check"], c["found"]) for c in result.get("checks", []) if not c["passed"]]


def judge_lab(ringside, sources, lab, folder):
    place = os.path.join(sources, "docs/labs", lab)
    answers = os.path.join(sources, "tests/labs", lab)
    specs = sorted(name for name in os.listdir(place) if name.endswith(".grade"))

    for spec in specs:
        path = os.path.join(place, spec)
        status, result = grade(ringside, sources, folder, os.path.join(answers, "model.c"), path)
        check(status == 0, f"{lab} {spec}: the model answer: {result.get('trouble', lost(result))}")
    path = os.path.join(place, specs[0])
    status, result = grade(ringside, sources, folder, os.path.join(place, "starter.c"), path)
    check(status == 1, f"{lab}: the starter: {status} {result.get('trouble', '')}")
    wrong = sorted(name for name in os.listdir(answers) if name.startswith("wrong"))
    check(wrong, f"{lab}: no wrong answers")
    for name in wrong:
        source = os.path.join(answers, name)
        expected = re.match(r"/\* loses: (.*)\n", open(source, encoding="ascii").readline())[1]
        status, result = grade(ringside, sources, folder, source, path)
        check(status == 1 and expected in [row[0] for row in lost(result)],
              f"{lab} {name}: should lose {expected}, lost {result.get('trouble', lost(result))}")


def main():
    ringside, sources, *labs = sys.argv[1:]
    ringside, sources = os.path.abspath(ringside), os.path.abspath(sources)
    labs = labs or sorted(name for name in os.listdir(os.path.join(sources, "docs/labs"))
                          if name[0].isdigit())
    for lab in labs:
        with tempfile.TemporaryDirectory() as folder:
            judge_lab(ringside, sources, lab, folder)
    print("FAILED" if failures else f"{len(labs)} labs as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
