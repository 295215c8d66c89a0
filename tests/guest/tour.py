#!/usr/bin/env python3
"""Runs the sections of docs/tour.md as they are written.

    tour.py RINGSIDE GUEST_FOLDER TOUR.md [--show] [ID...]

A section begins with "## ID ..." and has blocks:

    ```guest        typed at the shell of a machine that has just been powered on
    ```host         typed on this computer, in an empty folder, `ringside` in the PATH

In a block a line that begins with "# " (guest) or "$ " (host) is typed; ^C, ^Z and ^\\ alone in a
line are keys; the other lines have to appear in the output, in this order. "…" stands for
anything in a line, and "..." alone for any lines. --show prints what appears instead of judging.
Status 0: everything appeared. SPDX-License-Identifier: MIT
"""
import os
import re
import subprocess
import sys
import tempfile

PROMPT = "tour# "
KEYS = {"^C": "\x03", "^Z": "\x1a", "^\\": "\x1c", "^D": "\x04"}
MOST_SECONDS = 120


def sections(path):
    """[(id, [(language, [line])])] in the order of the file."""
    found, block = [], None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("```"):
            if block is None and line[3:] in ("guest", "host"):
                block = []
                found[-1][1].append((line[3:], block))
            else:
                block = None
        elif block is not None:
            block.append(line)
        elif line.startswith("## "):
            found.append((line[3:].split()[0], []))
    return [section for section in found if section[1]]


def steps(lines, mark):
    """[(typed, [expected line])]; a key is a step of its own."""
    found = []
    for line in lines:
        if line.startswith(mark):
            found.append((line[len(mark):], []))
        elif line in KEYS:
            found.append((line, []))
        elif not found:
            raise ValueError("output before any command: " + line)
        else:
            found[-1][1].append(line)
    return found


def plain(text):
    """Without carriage returns and what only moves the cursor."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return re.sub(r"[^\n]\x08", "", text.replace("\r", ""))


def script_of(parts):
    """The --input file."""
    # quoted twice, so that its echo is not taken for the prompt
    lines = ["@wait ~ # ", "PS1='%s''%s'" % (PROMPT[:-2], PROMPT[-2:]), "@wait " + PROMPT]
    for index, (typed, expected) in enumerate(parts):
        following = parts[index + 1][0] if index + 1 < len(parts) else None
        lines.append("@type " + KEYS[typed] if typed in KEYS else typed)
        if following in KEYS:
            words = [line for line in expected if "…" not in line and line != "..."]
            lines.append("@wait " + (words[-1] if words else typed))
        else:
            lines.append("@wait " + PROMPT)
    return lines + ["poweroff", ""]


def run_guest(ringside, parts, folder):
    path = os.path.join(folder, "input")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(script_of(parts)))
    run = subprocess.run([ringside, "--headless", "--input", path, "--max-clocks", "60000000000",
                          "--debugcon", "/dev/null"], capture_output=True, timeout=MOST_SECONDS)
    text = plain(run.stdout.decode("utf-8", "replace"))
    if run.returncode != 0:
        raise ValueError("the machine ended with status %d:\n%s%s" %
                         (run.returncode, text[-2000:], run.stderr.decode()))
    pieces = text.split(PROMPT)[1:]
    results, at = [], 0
    for typed, _ in parts:
        if typed in KEYS:
            results.append(results[-1])  # what follows a key is the output of its command
            continue
        lines = []
        while at < len(pieces) and lines[:1] != [typed.rstrip()]:  # past lines left empty
            lines = [line.rstrip() for line in pieces[at].split("\n")]
            at += 1
        results.append(lines[1:])
    return results


def run_host(parts, folder, environment):
    results = []
    for typed, _ in parts:
        run = subprocess.run(["sh", "-c", typed], cwd=folder, env=environment, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             stdin=subprocess.DEVNULL, timeout=MOST_SECONDS, errors="replace")
        results.append(plain(run.stdout).split("\n"))
    return results


def pattern(line):
    return re.compile(".*".join(re.escape(part) for part in line.split("…")) + r"\s*$")


def missing(expected, got):
    """The first expected line that does not appear, None: all do."""
    at, anywhere = 0, False
    for line in expected:
        if line == "...":
            anywhere = True
            continue
        wanted = pattern(line)
        while at < len(got) and not wanted.match(got[at]):
            if not anywhere and got[at].strip():
                return line
            at += 1
        if at == len(got):
            return line
        at, anywhere = at + 1, False
    return None


def run_block(language, lines, ringside, guest, show):
    parts = steps(lines, "# " if language == "guest" else "$ ")
    environment = dict(os.environ, PATH=os.path.dirname(ringside) + ":" + os.environ["PATH"],
                       GUEST=guest)
    with tempfile.TemporaryDirectory() as folder:
        if language == "guest":
            results = run_guest(ringside, parts, folder)
        else:
            results = run_host(parts, folder, environment)
    wrong = []
    seen = {}
    for (typed, expected), got in zip(parts, results):
        if show:
            print(("# " if language == "guest" else "$ ") + typed)
            print("\n".join(got))
            continue
        rest = got[seen.get(id(got), 0):]
        lost = missing(expected, [line for line in rest if line != typed or typed not in KEYS])
        if lost is not None:
            wrong.append("%s\n    expected: %s\n    output:\n        %s" %
                         (typed, lost, "\n        ".join(got)))
        elif len(expected) > 0:
            for index in range(len(got)):
                if pattern(expected[-1]).match(got[index]):
                    seen[id(got)] = index + 1
    return wrong


def main():
    words = [word for word in sys.argv[1:] if word != "--show"]
    if len(words) < 3:
        sys.exit(__doc__)
    ringside, guest = os.path.abspath(words[0]), os.path.abspath(words[1])
    wanted = words[3:]
    failed = count = 0
    for name, blocks in sections(words[2]):
        if wanted and name not in wanted:
            continue
        count += 1
        for language, lines in blocks:
            try:
                wrong = run_block(language, lines, ringside, guest, "--show" in sys.argv)
            except (ValueError, subprocess.TimeoutExpired) as trouble:
                wrong = [str(trouble)]
            for text in wrong:
                failed += 1
                print("%s: %s" % (name, text))
    print("%d sections, %d steps differ" % (count, failed))
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
