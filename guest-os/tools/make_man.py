#!/usr/bin/env python3
"""Makes the manual of the guest, one text for each section, and the table of `syscalls`.

    make_man.py GUEST-OS FOLDER     writes FOLDER/1, 2, 3, 7 and FOLDER/call_words.h

Section 1 comes from the comments at the tops of the programs, 2 from man/calls.txt and
include/system_calls.def, 3 from the library's headers and man/functions.txt, 7 from man/7/*.txt.
A page begins with a line of a form feed and its names; man(1) looks for that. A call, a program or
a function without words is an error (status 1). SPDX-License-Identifier: MIT
"""
import glob
import os
import re
import sys
import textwrap

WIDTH = 76
TITLES = {1: "Programs", 2: "System calls", 3: "Library", 7: "Concepts"}
SUFFIXES = re.compile(r"(_time64|64|32)$")
failures = []


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


def fill(text, indent=7):
    space = " " * indent
    return textwrap.fill(" ".join(text.split()), WIDTH, initial_indent=space,
                         subsequent_indent=space, break_on_hyphens=False)


def page(section, names, brief, parts, others=()):
    """names: the first is the page's; others: it is found by them, too; parts: [(heading, text
    that is already filled)]"""
    title = "%s(%d)" % (names[0].upper(), section)
    middle = TITLES[section]
    lines = ["\f" + " ".join(dict.fromkeys([*names, *others])),
             title + middle.center(WIDTH - 2 * len(title)) + title, "",
             "NAME", fill("%s - %s" % (", ".join(dict.fromkeys(names)), brief)), ""]
    for heading, text in parts:
        lines += [heading, text, ""]
    return "\n".join(lines)


def head_comment(path):
    """The comment at the top as one line, without the licence."""
    text = re.match(r"/\*(.*?)\*/", read(path), re.S).group(1)
    text = " ".join(line.strip().lstrip("*").strip() for line in text.split("\n"))
    return re.sub(r"\s*SPDX-License-Identifier: MIT\s*", "", text).strip()


def programs(root):
    """Section 1."""
    pages = []
    folders = [os.path.dirname(path) for path in glob.glob(root + "/user/*/main.c")]
    sources = glob.glob(root + "/user/*.c") + glob.glob(root + "/user/demo/*.c")
    for path in sources + [folder + "/main.c" for folder in folders]:
        name = os.path.splitext(os.path.basename(path))[0]
        name = os.path.basename(os.path.dirname(path)) if name == "main" else name
        usage, sign, words = head_comment(path).partition(": ")
        if not sign or not usage.startswith(name):
            usage, words = name, head_comment(path)
        words, mark, see = words.partition(" See: ")
        first = re.split(r"(?<=[a-z)])[.:;] ", words)[0].rstrip(".")
        parts = [("SYNOPSIS", fill(usage)), ("DESCRIPTION", fill(words[0].upper() + words[1:]))]
        if "/demo/" in path:
            parts.append(("WHERE", fill("/demo/%s; `demo` lists all demonstrations." % name)))
        if see:
            parts.append(("SEE ALSO", fill(see)))
        pages.append((name, page(1, [name], first, parts)))
    return pages


def signatures(root):
    """{call: (number, declaration, stub)} of system_calls.def."""
    found = {}
    text = re.sub(r"/\*.*?\*/", "", read(root, "include/system_calls.def"), flags=re.S)
    for count, inside in re.findall(r"^CALL(\d)\((.*?)\)$", text, re.M | re.S):
        fields = [" ".join(field.split()) for field in inside.split(",")]
        number, call, kind, stub = fields[:4]
        pairs = fields[4:]
        if len(pairs) != 2 * int(count):
            failures.append("system_calls.def: %s: %d fields for %s arguments"
                            % (call, len(pairs), count))
        arguments = ", ".join("%s%s%s" % (pairs[i], "" if pairs[i].endswith("*") else " ",
                                          pairs[i + 1]) for i in range(0, len(pairs), 2))
        found[call] = (int(number, 0), "%s%s%s(%s);" % (kind, "" if kind.endswith("*") else " ",
                                                     call, arguments or "void"), stub)
    return found


def call_words(root):
    """[(calls, group, name of 1971, brief, [paragraph], [(error, words)])] of man/calls.txt."""
    entries = []
    for block in re.split(r"^= ", re.sub(r"^#.*\n", "", read(root, "man/calls.txt"), flags=re.M),
                          flags=re.M)[1:]:
        lines = block.rstrip().split("\n")
        group, old, brief = [part.strip() for part in lines[1].split("|")]
        errors = [line[2:].partition(" ")[::2] for line in lines[2:] if line.startswith("! ")]
        text = "\n".join(line for line in lines[2:] if not line.startswith("! "))
        paragraphs = [part for part in text.split("\n\n") if part.strip()]
        entries.append((lines[0].split(), group, old, brief, paragraphs, errors))
    return entries


def calls(root):
    """Section 2, and the rows of call_words.h."""
    known, pages, rows = signatures(root), [], []
    for names, group, old, brief, paragraphs, errors in call_words(root):
        for name in names:
            if name not in known:
                failures.append("man/calls.txt: %s: no such call" % name)
                return [], []
        short = [SUFFIXES.sub("", name) for name in names]
        synopsis = "\n".join("%s    /* %d */" % (fill(known[name][1]), known[name][0])
                             for name in names)
        parts = [("SYNOPSIS", synopsis)]
        if paragraphs:
            parts.append(("DESCRIPTION", "\n\n".join(fill(part) for part in paragraphs)))
        if errors:
            parts.append(("ERRORS", "\n".join(
                "       %-12s %s" % (error, textwrap.fill(words, WIDTH - 20).replace(
                    "\n", "\n" + " " * 20)) for error, words in errors)))
        parts.append(("NOTES", fill("Group: %s. %s" % (group, "Not in the manual of November 1971."
                      if old == "-" else "In the manual of November 1971: %s." % old))))
        pages.append((short[0], page(2, short, brief, parts,
                                     names + [known[name][2] for name in names])))
        rows += [(known[name][0], name, group, old, brief) for name in names]
    described = {row[1] for row in rows}
    failures.extend("man/calls.txt: %s is not described" % call
                    for call in known if call not in described)
    return pages, sorted(rows)


def functions(root):
    """Section 3."""
    words = dict(line.split(": ", 1) for line in read(root, "man/functions.txt").split("\n")
                 if line and line[0] != "#")
    pages, used = {}, set()
    headers = glob.glob(root + "/libc/include/*.h") + [root + "/common/text.h"]
    for path in sorted(headers):
        header = "string.h" if path.endswith("text.h") else os.path.basename(path)
        comment, fresh, text = "", False, re.sub(r"\\\n", " ", read(path))
        pattern = r"/\*(?P<comment>.*?)\*/|(?P<blank>\n\n)|^(?P<function>(?:_Noreturn |static " \
                  r"inline )*(?:const |struct |unsigned )*\w+ \**(?P<name>\w+)\([^{;]*\))" \
                  r"(?: __attribute__[^;]*)?(?:;|\n\{)"
        for match in re.finditer(pattern, text, re.M | re.S):
            if match["comment"]:
                comment = " ".join(line.strip().lstrip("* ").strip()
                                   for line in match["comment"].split("\n")).strip()
                comment, fresh = "" if "SPDX" in comment else comment, True
            elif match["blank"]:
                comment = ""
            elif match["name"] not in pages:
                name = match["name"]
                brief = words.get(name) or re.split(r"(?<=[a-z)\"])[.;] ", comment)[0].rstrip(".")
                used.add(name)
                if not brief:
                    failures.append("man/functions.txt: %s of <%s> is not described"
                                    % (name, header))
                    continue
                parts = [("SYNOPSIS", fill("#include <%s>" % header) + "\n" + fill(
                    match["function"].replace("static inline ", "") + ";"))]
                if comment and (fresh or name not in words):
                    parts.append(("DESCRIPTION", fill(comment)))
                fresh = False
                pages[name] = page(3, [name], brief[0].lower() + brief[1:], parts)
    failures.extend("man/functions.txt: %s: no such function" % name
                    for name in words if name not in used)
    return list(pages.items())


def concepts(root):
    """Section 7: man/7/NAME.txt has the brief in its first line, then headings in capitals."""
    pages = []
    for path in glob.glob(root + "/man/7/*.txt"):
        lines = read(path).rstrip().split("\n")
        name, parts, block = os.path.splitext(os.path.basename(path))[0], [], []
        for line in lines[1:] + [""]:
            if line and not line.startswith(" ") and line == line.upper():
                parts.append([line, []])
            elif parts:
                parts[-1][1].append(line)
        pages.append((name, page(7, [name], lines[0],
                                 [(heading, "\n".join(block).strip("\n"))
                                  for heading, block in parts])))
    return pages


def main():
    root, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    call_pages, rows = calls(root)
    sections = {1: programs(root), 2: call_pages, 3: functions(root), 7: concepts(root)}
    for failure in failures:
        print(failure, file=sys.stderr)
    if failures:
        return 1
    for section, pages in sections.items():
        with open(os.path.join(folder, str(section)), "w", encoding="utf-8") as file:
            file.write("".join(text for _, text in sorted(pages)))
    with open(os.path.join(folder, "call_words.h"), "w", encoding="utf-8") as file:
        file.write("/* Made by make_man.py of man/calls.txt: CALL_WORDS(number, call, group, name "
                   "of 1971, words) */\n")
        for row in rows:
            file.write('CALL_WORDS(%d, "%s", "%s", "%s", "%s")\n' % row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
