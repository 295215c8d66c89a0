#!/usr/bin/env python3
"""Makes docs/guest-programs.md: the guest's programs, from the comments at the tops of their files.

list_programs.py [--check] REPOSITORY: writes the page, or (--check) says whether it is up to date.
SPDX-License-Identifier: MIT
"""
import glob
import os
import re
import sys

HEAD = """# The guest's programs

Each is one file of `guest-os/user/` (the shell and init are folders). Made by
`guest-os/tools/list_programs.py` from the comments at the tops of those files.

"""
GROUPS = (
    ("Programs", "in `/bin`", "guest-os/user/*.c", lambda name: not is_test(name)),
    ("Demonstrations", "in `/demo`; `demo` lists them by topic, `demo run` runs them",
     "guest-os/user/demo/*.c", lambda name: True),
    ("Tests and burdens", "in `/bin`; they check themselves", "guest-os/user/*.c",
     lambda name: is_test(name)),
)
BURDENS = {"catcher", "churn", "cli", "count", "crashme", "demo_once", "diskwalk", "diskwork",
           "divzero", "hog", "line", "measure", "pieces", "poker", "promise", "sysfuzz", "wide"}


def is_test(name):
    return name.startswith("test_") or name in BURDENS


def comment(path):
    """The first comment of a file as one line, without the licence."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.match(r"/\*(.*?)\*/", text, re.S).group(1)
    text = " ".join(line.strip().lstrip("*").strip() for line in text.split("\n"))
    return re.sub(r"\s*SPDX-License-Identifier: MIT\s*", "", text).strip()


def row(path):
    """The usage and the words of a program."""
    text = comment(path)
    name = os.path.splitext(os.path.basename(path))[0]
    if os.path.basename(path) == "main.c":
        name = os.path.basename(os.path.dirname(path))
    usage, sign, words = text.partition(": ")
    if not sign or not usage.startswith(name):
        usage, words = name, text
    return "* `%s`: %s" % (usage.replace("`", "'"), words)


def page(root):
    parts = [HEAD]
    for title, place, pattern, wanted in GROUPS:
        paths = [path for path in glob.glob(os.path.join(root, pattern))
                 if wanted(os.path.splitext(os.path.basename(path))[0])]
        if title == "Programs":
            paths += [os.path.join(root, "guest-os/user/%s/main.c" % name)
                      for name in ("sh", "strace")]
        rows = sorted(row(path) for path in paths)
        parts.append("## %s\n\n%s, %d.\n\n%s\n\n" % (title, place[0].upper() + place[1:], len(rows),
                                                    "\n".join(rows)))
    return "".join(parts).rstrip() + "\n"


def main():
    check = "--check" in sys.argv
    root = sys.argv[-1]
    path = os.path.join(root, "docs/guest-programs.md")
    text = page(root)
    if not check:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return 0
    with open(path, encoding="utf-8") as file:
        if file.read() != text:
            print("docs/guest-programs.md is not up to date: guest-os/tools/list_programs.py .")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
