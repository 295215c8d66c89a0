#!/usr/bin/env python3
"""What of docs/style.md a script can check: lengths, file headers, headers that stand alone,
no mutable file-scope data, nothing left "to do", no dead links in the pages.

Exceptions are listed below, each with its reason.
SPDX-License-Identifier: MIT
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

FUNCTION_LINES_MAX = 80
FILE_LINES_MAX = 600
TEST_LINES_MAX = 800  # rows of expected values
HEADER_LINES_MAX = 30  # the headers of devices draw their registers there
LINE_COLUMNS_MAX = 100

# "file: function" -> why it may be longer than FUNCTION_LINES_MAX
LONG_FUNCTIONS = {}
# file -> why it may be longer than FILE_LINES_MAX
LONG_FILES = {}
# header -> why it can not be compiled alone
DEPENDENT_HEADERS = {}
# "file: name" -> why mutable data of static lifetime is right there
MUTABLE_DATA = {}
# Front ends own the process: its terminal, its window, its signal handlers.
FRONT_ENDS = re.compile(r"emu/(ui_.*|main|terminal|tui_.*)\.c$")

C_LIKE = (".c", ".h", ".S", ".ld", ".def")
SCRIPTS = (".py", ".sh")
ROOMS = ("cpu", "devices", "emu", "guest-os", "tests", "tools", "docs", ".ci")
UNFINISHED = re.compile(r"\b(" + "TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


def files(root):
    """(path, first line) of every source, script or table of the project."""
    for room in ROOMS:
        for base, dirs, names in os.walk(os.path.join(root, room)):
            dirs[:] = sorted(d for d in dirs if d != "__pycache__")
            for name in sorted(names):
                yield os.path.relpath(os.path.join(base, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def is_script(text):
    return text.startswith("#!")


def check_header_comment(path, lines):
    """A comment at the top of at most HEADER_LINES_MAX lines with an SPDX line in it."""
    if path.endswith(C_LIKE):
        if not lines or not lines[0].startswith("/*"):
            return ["%s:1: no header comment" % path]
        end = next((i for i, line in enumerate(lines) if "*/" in line), len(lines))
    else:
        end = next((i for i, line in enumerate(lines) if i and "SPDX" in line), len(lines))
    problems = []
    if not any("SPDX-License-Identifier: MIT" in line for line in lines[:end + 1]):
        problems.append("%s:1: no SPDX line in the header comment" % path)
    elif end + 1 > HEADER_LINES_MAX and not path.endswith(".def"):
        problems.append("%s:1: header comment of %d lines (at most %d)" % (path, end + 1,
                                                                          HEADER_LINES_MAX))
    return problems


def check_functions(path, lines):
    """Kernel braces put the body of a function between "{" and "}" in the first column."""
    problems = []
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line.startswith("}") and begin is not None:
            length = number - begin - 1
            above = [re.match(r"(?:\w.*?)?(\w+)\(", l) for l in lines[max(0, begin - 8):begin - 1]]
            title = next((found.group(1) for found in reversed(above) if found), "?")
            if length > FUNCTION_LINES_MAX and "%s: %s" % (path, title) not in LONG_FUNCTIONS:
                problems.append("%s:%d: %s has %d lines (at most %d)"
                                % (path, begin, title, length, FUNCTION_LINES_MAX))
            begin = None
    return problems


def check_text(root):
    problems = []
    for path in files(root):
        known = path.endswith(C_LIKE + SCRIPTS)
        try:
            text = read(root, path)
        except UnicodeDecodeError:
            continue
        if not known and not is_script(text):
            continue
        lines = text.split("\n")
        problems += check_header_comment(path, lines)
        for number, line in enumerate(lines, 1):
            if UNFINISHED.search(line):
                problems.append("%s:%d: unfinished work is an issue, not a comment"
                                % (path, number))
            if line != line.rstrip():
                problems.append("%s:%d: blanks at the end of the line" % (path, number))
            if len(line) > LINE_COLUMNS_MAX and path.endswith((".c", ".h") + SCRIPTS):
                problems.append("%s:%d: %d columns" % (path, number, len(line)))
        if path.endswith((".c", ".h")):
            problems += check_functions(path, lines)
        most = TEST_LINES_MAX if path.startswith("tests/") else FILE_LINES_MAX
        if not path.endswith(".def") and len(lines) > most + 1 and path not in LONG_FILES:
            problems.append("%s: %d lines (at most %d)" % (path, len(lines) - 1, most))
    return problems


def check_links(root):
    """Every file that a page points to is there."""
    problems = []
    pages = ["README.md"] + [p for p in files(root) if p.endswith(".md")]
    for page in pages:
        if not os.path.exists(os.path.join(root, page)):
            continue
        text = re.sub(r"```.*?```", "", read(root, page), flags=re.S)
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            if not os.path.exists(os.path.join(root, os.path.dirname(page), target)):
                problems.append("%s: no file '%s'" % (page, target))
    return problems


def check_headers(root, compiler):
    """Every header of the machine compiles alone, twice."""
    problems = []
    headers = [p for p in files(root) if p.endswith(".h")
               and p.split(os.sep)[0] in ("cpu", "devices", "emu")]
    with tempfile.TemporaryDirectory() as folder:
        stub = os.path.join(folder, "alone.c")
        for path in headers:
            if path in DEPENDENT_HEADERS:
                continue
            with open(stub, "w", encoding="ascii") as file:
                file.write('#include "%s"\n#include "%s"\n' % (path, path))
            done = subprocess.run(
                [compiler, "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra",
                 "-Werror", "-Wno-unused-function", "-I", root] + LIBRARY_FLAGS + [stub],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                problems.append("%s: does not compile alone:\n%s"
                                % (path, done.stdout.decode(errors="replace")))
    return problems


def library_flags():
    done = subprocess.run(["pkg-config", "--cflags", "sdl2", "SDL2_ttf"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return [w for w in done.stdout.decode().split() if w.startswith("-I")]


LIBRARY_FLAGS = library_flags()


def check_data(objects):
    """Writable sections of the objects hold nothing, outside the front ends."""
    problems = []
    for path in objects:
        source = re.sub(r"^.*CMakeFiles/[^/]+\.dir/", "", path)[:-len(".o")]
        room = re.search(r"(?:^|/)(cpu|devices|emu)/CMakeFiles/", path)
        name = "%s/%s" % (room.group(1), source) if room else source
        if FRONT_ENDS.search(name):
            continue
        text = subprocess.run(["objdump", "-t", path], check=True,
                              stdout=subprocess.PIPE).stdout.decode()
        for line in text.splitlines():
            found = re.match(r"[0-9a-f]+ .{7} (\S+)\s+([0-9a-f]+) (?:\.hidden )?(\S+)$", line)
            if not found or int(found.group(2), 16) == 0:
                continue
            section, symbol = found.group(1), found.group(3)
            writable = re.match(r"\.(data|bss|tdata|tbss)|\*COM\*", section)
            if writable and not section.startswith(".data.rel.ro"):
                if "%s: %s" % (name, symbol) not in MUTABLE_DATA:
                    problems.append("%s: '%s' is mutable data of static lifetime" % (name, symbol))
    return problems


def objects_below(build):
    for room in ("cpu", "devices", "emu"):
        for base, _, names in os.walk(os.path.join(build, room)):
            for name in sorted(names):
                if name.endswith(".c.o"):
                    yield os.path.join(base, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--source", default=".", help="root of the source tree")
    parser.add_argument("--build", help="build folder whose objects to look into")
    parser.add_argument("--compiler", help="compile each header alone with this")
    args = parser.parse_args()

    problems = check_text(args.source) + check_links(args.source)
    if args.compiler:
        problems += check_headers(args.source, args.compiler)
    if args.build:
        problems += check_data(objects_below(args.build))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
