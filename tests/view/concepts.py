#!/usr/bin/env python3
"""concepts.py SOURCES: docs/concept-views.md names, for concepts with a view, a page that is there,
that a test compares with what is drawn, and that holds the words.
SPDX-License-Identifier: MIT
"""
import glob
import os
import re
import sys

WITH_VIEW = set("A1 A2 A4 A6 A7 A8 B1 B2 B3 B4 B5 B6 B7 B10 B11 B14 D3 D4".split())


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def main():
    sources = sys.argv[1]
    tests = "".join(read(path) for path in glob.glob(os.path.join(sources, "tests/view/*.c")))
    panels = set(re.findall(r'^PANEL\(\w+, "([^"]+)"', read(sources, "emu/view_panels.def"), re.M))
    rows = re.findall(r"^\| ([ABD]\d+) \| .*? \| (.*?) \| (.*?) \| (.*?) \|$",
                      read(sources, "docs/concept-views.md"), re.M)
    failures = [f"{name}: no row" for name in sorted(WITH_VIEW - {row[0] for row in rows})]

    for name, panel, page, words in rows:
        path = os.path.join(sources, "tests/view/golden", page + ".txt")
        if panel not in panels:
            failures.append(f"{name}: there is no panel {panel}")
        if f'"{page}"' not in tests:
            failures.append(f"{name}: no test draws {page}")
        if not os.path.exists(path) or words not in read(path):
            failures.append(f"{name}: {page} does not show: {words}")
    print("\n".join(failures) if failures else f"{len(rows)} rows as they should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
