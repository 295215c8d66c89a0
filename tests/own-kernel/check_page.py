#!/usr/bin/env python3
"""Follow docs/your-own-kernel.md: write its files, run its commands, compare what they print.

Blocks of the page: "file=NAME" is a file, "sh run" is run, "text output" after it is what it must
print. Other blocks are for people.
SPDX-License-Identifier: MIT
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\S+) (\S[^\n]*)\n(.*?)^```$", re.M | re.S)


def follow(page, environment, folder):
    """Number of files, commands and compared outputs; leaves with a message at the first fault."""
    files, commands, outputs = 0, 0, 0
    printed = None
    for language, role, text in BLOCK.findall(page):
        if role.startswith("file="):
            with open(os.path.join(folder, role[len("file="):]), "w", encoding="utf-8") as file:
                file.write(text)
            files += 1
        elif (language, role) == ("sh", "run"):
            done = subprocess.run(["sh", "-e", "-c", text], cwd=folder, env=environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120,
                                  check=False)
            if done.returncode:
                sys.exit("status %d from:\n%s" % (done.returncode, text))
            printed = done.stdout.decode("latin-1").replace("\r", "")
            commands += 1
        elif (language, role) == ("text", "output"):
            if printed != text:
                sys.exit("the page promises:\n%s\nprinted was:\n%s" % (text, printed))
            outputs += 1
        else:
            sys.exit("unknown block: ```%s %s" % (language, role))
    return files, commands, outputs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("page")
    parser.add_argument("path", help="folder that `ringside` is found in")
    args = parser.parse_args()
    with open(args.page, encoding="utf-8") as file:
        page = file.read()
    path = os.path.abspath(args.path) + os.pathsep + os.environ["PATH"]
    with tempfile.TemporaryDirectory() as folder:
        found = follow(page, {**os.environ, "PATH": path}, folder)
        with open(os.path.join(folder, "kernel.c"), encoding="utf-8") as file:
            lines = len(file.readlines())
    print("%d files, %d commands, %d outputs compared; kernel.c has %d lines" % (*found, lines))
    if min(found) == 0:
        sys.exit("the page has no files, commands or outputs to check")


if __name__ == "__main__":
    main()
