#!/usr/bin/env python3
"""The house rules of docs/architecture.md, section "The house", as a check.

Includes: who may include whom, and which libraries live in which file. Archives: the two pure
libraries may need nothing from outside but a few memory functions.
SPDX-License-Identifier: MIT
"""
import argparse
import os
import re
import subprocess
import sys

PURE_HEADERS = {"inttypes.h", "limits.h", "stdalign.h", "stdbool.h", "stddef.h", "stdint.h",
                "string.h"}
FREESTANDING_HEADERS = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h"}

# room -> project folders whose headers it may include
ROOMS = {
    "cpu": ("cpu",),
    "devices": ("devices",),
    "emu": ("cpu", "devices", "emu"),
}
# header pattern -> the only sources in emu/ that may include it, and why
LIBRARIES = [
    (r"(SDL2/)?SDL_ttf", r"(ui|font)_.*", "glyphs are drawn in one place, for window and pictures"),
    (r"(SDL2/)?SDL(?!_ttf)", r"ui_.*", "only the window draws with SDL"),
    (r"(lib|g)?elf\.h|libelf/.*|dwarf\.h|elfutils/.*", r"elf_.*|dwarf_.*",
     "object files are read in one place"),
    (r"n?cursesw?\.h|term\.h|ncursesw?/.*", r"tui_.*", "the terminal has one front end"),
    (r"zstd\.h", r"(snapshot|history|moment).*", "compression belongs to saved states"),
    (r"Zydis/.*|Zycore/.*", r"disasm.*|disassembl.*", "disassembly text has one source"),
]
# What the pure libraries may need from outside: what compilers call by themselves.
ALLOWED_SYMBOLS = {
    "memcpy", "memset", "memmove", "memcmp",
    "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_",
    "__memcpy_chk", "__memset_chk", "__memmove_chk",
}
# Sanitizers, coverage and fuzzing put these in.
INSTRUMENTATION = re.compile(r"__(asan|ubsan|sanitizer|sancov|gcov|llvm|start|stop)_")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources(folder):
    for base, dirs, files in os.walk(folder):
        dirs[:] = [d for d in dirs if not d.startswith((".", "build"))]
        for name in sorted(files):
            if name.endswith((".c", ".h", ".S", ".def")):
                yield os.path.join(base, name)


def includes(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found.group(1) == "<", found.group(2)


def check_pure(room, is_system, header):
    if is_system:
        return None if header in PURE_HEADERS else "<%s> is not for %s/" % (header, room)
    if header.split("/")[0] not in ROOMS[room]:
        return '"%s" belongs to another room than %s/' % (header, room)
    return None


def check_emu(name, is_system, header):
    for pattern, owners, reason in LIBRARIES:
        if re.match(pattern, header) and not re.match(owners, name):
            return "<%s>: %s" % (header, reason)
    if not is_system and header.split("/")[0] not in ROOMS["emu"]:
        return '"%s" belongs to no room that emu/ may use' % header
    return None


def own_headers(root):
    """Headers of the guest's C library, as programs name them."""
    base = os.path.join(root, "guest-os", "libc", "include")
    return {os.path.relpath(path, base) for path in sources(base)}


def check_guest(path, library, is_system, header):
    if is_system:
        if header in FREESTANDING_HEADERS:
            return None
        if header in library and not path.startswith("guest-os/kernel"):
            return None
        return "<%s> in freestanding code" % header
    if header == "devices/platform_map.h":
        return None
    if header.split("/")[0] in ("cpu", "devices", "emu", "tests", "tools"):
        return '"%s": guest and machine share devices/platform_map.h only' % header
    return None


def check_includes(root):
    problems = []
    library = own_headers(root)
    for room in ("cpu", "devices", "emu", "guest-os"):
        for path in sources(os.path.join(root, room)):
            relative = os.path.relpath(path, root)
            if relative.startswith("guest-os/tools/"):  # programs of the host
                continue
            for number, is_system, header in includes(path):
                if room == "emu":
                    problem = check_emu(os.path.basename(path), is_system, header)
                elif room == "guest-os":
                    problem = check_guest(relative, library, is_system, header)
                else:
                    problem = check_pure(room, is_system, header)
                if problem:
                    problems.append("%s:%d: %s" % (relative, number, problem))
    return problems


def check_platform_map(root):
    """Assembly includes it too: nothing but #define, #pragma once and comments."""
    path = os.path.join(root, "devices", "platform_map.h")
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), file.read(),
                      flags=re.S)
    return ["devices/platform_map.h:%d: only #define belongs here" % number
            for number, line in enumerate(text.split("\n"), 1)
            if line.strip() and not line.startswith(("#define ", "#pragma once"))]


def check_archive(path):
    def symbols(option):
        text = subprocess.run(["nm", "-g", option, path], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.decode()
        return {line.split()[-1] for line in text.splitlines()
                if line.split() and not line.endswith(":")}

    outside = symbols("--undefined-only") - symbols("--defined-only") - ALLOWED_SYMBOLS
    return ["%s needs '%s' from outside" % (os.path.basename(path), name)
            for name in sorted(outside) if not INSTRUMENTATION.match(name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--source", default=".", help="root of the source tree")
    parser.add_argument("archives", nargs="*", help="libraries whose undefined symbols to check")
    args = parser.parse_args()

    problems = check_includes(args.source) + check_platform_map(args.source)
    for archive in args.archives:
        problems += check_archive(archive)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
