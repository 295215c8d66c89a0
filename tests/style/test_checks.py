#!/usr/bin/env python3
"""Each check of tools/ finds the fault it is there for, and nothing in a clean tree.
SPDX-License-Identifier: MIT
"""
import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = sys.argv.pop(1)
CC = os.environ.get("CC", "cc")
HEADER = "/* A file.\n * SPDX-License-Identifier: MIT */\n"
CLEAN = {
    "devices/platform_map.h": HEADER + "#pragma once\n#define PORT_EXIT 0xF4\n",
    "cpu/cpu.h": HEADER + "#pragma once\n#include <stdint.h>\n",
    "cpu/cpu.c": HEADER + '#include "cpu/cpu.h"\n\nint one(void)\n{\n    return 1;\n}\n',
    "emu/ui_window.c": HEADER + "#include <SDL2/SDL.h>\n",
}


class Checks(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for path, text in CLEAN.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        return full

    def check(self, script, *arguments):
        done = subprocess.run([sys.executable, os.path.join(TOOLS, script), *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode()

    def layers(self, *arguments):
        return self.check("check_layers.py", "--source", self.folder.name, *arguments)

    def style(self, *arguments):
        return self.check("check_style.py", "--source", self.folder.name, *arguments)

    def compile(self, text, name="object.o", folder="cpu"):
        source = self.write("source.c", text)
        base = os.path.join(self.folder.name, "build", folder, "CMakeFiles", "x.dir")
        os.makedirs(base, exist_ok=True)
        target = os.path.join(base, name)
        subprocess.run([CC, "-O1", "-fno-stack-protector", "-c", "-o", target, source], check=True)
        return target

    def assert_found(self, result, words):
        self.assertEqual(result[0], 1, result[1])
        self.assertIn(words, result[1])

    def test_clean_tree_passes(self):
        self.assertEqual(self.layers(), (0, ""))
        self.assertEqual(self.style("--compiler", CC), (0, ""))

    def test_layers_cpu_including_a_device(self):
        self.write("cpu/a.c", HEADER + '#include "devices/bus.h"\n')
        self.assert_found(self.layers(), 'cpu/a.c:3: "devices/bus.h" belongs to another room')

    def test_layers_device_including_stdio(self):
        self.write("devices/a.c", HEADER + "#include <stdio.h>\n")
        self.assert_found(self.layers(), "devices/a.c:3: <stdio.h> is not for devices/")

    def test_layers_sdl_outside_the_window(self):
        self.write("emu/machine.c", HEADER + "#include <SDL2/SDL.h>\n")
        self.assert_found(self.layers(), "emu/machine.c:3: <SDL2/SDL.h>")

    def test_layers_guest_including_the_machine(self):
        self.write("guest-os/kernel/a.c", HEADER + '#include "cpu/cpu.h"\n')
        self.assert_found(self.layers(), "devices/platform_map.h only")

    def test_layers_platform_map_with_a_type(self):
        self.write("devices/platform_map.h", HEADER + "#pragma once\nstruct port;\n")
        self.assert_found(self.layers(), "platform_map.h:4: only #define")

    def test_layers_archive_that_needs_malloc(self):
        target = self.compile("void *malloc(unsigned long);\nvoid *f(void);\n"
                              "void *f(void) { return malloc(1); }\n")
        self.assert_found(self.layers(target), "needs 'malloc' from outside")

    def test_style_long_function(self):
        body = "    x++;\n" * 81
        self.write("cpu/a.c", HEADER + "void f(int x)\n{\n" + body + "}\n")
        self.assert_found(self.style(), "cpu/a.c:4: f has 81 lines (at most 80)")

    def test_style_long_file(self):
        self.write("cpu/a.c", HEADER + "int x;\n" * 600)
        self.assert_found(self.style(), "cpu/a.c: 602 lines")

    def test_style_missing_licence(self):
        self.write("cpu/a.c", "/* A file. */\n")
        self.assert_found(self.style(), "cpu/a.c:1: no SPDX line")

    def test_style_header_that_needs_another(self):
        self.write("cpu/a.h", HEADER + "#pragma once\nuint32_t f(void);\n")
        self.assert_found(self.style("--compiler", CC), "cpu/a.h: does not compile alone")

    def test_style_dead_link(self):
        self.write("docs/a.md", "[here](a.md) and [there](b.md#part)\n")
        self.assertEqual(self.style(), (1, "docs/a.md: no file 'b.md'\n"))

    def test_style_mutable_data(self):
        self.compile("static int count;\nint f(void);\nint f(void) { return count++; }\n",
                     "a.c.o")
        build = os.path.join(self.folder.name, "build")
        self.assert_found(self.style("--build", build), "cpu/a.c: 'count' is mutable data")

    def test_style_constant_tables_are_not_mutable(self):
        self.compile('const char *const names[] = {"a", "b"};\n', "a.c.o")
        build = os.path.join(self.folder.name, "build")
        self.assertEqual(self.style("--build", build), (0, ""))

    @unittest.skipUnless(os.uname().machine == "x86_64", "reads x86-64 code")
    def test_handlers_indirect_call(self):
        target = self.compile("void op_a(void (**f)(void));\nvoid op_a(void (**f)(void))\n"
                              "{\n    f[0]();\n    f[1]();\n}\n")
        self.assert_found(self.check("check_handlers.py", target), "op_a: indirect call")

    @unittest.skipUnless(os.uname().machine == "x86_64", "reads x86-64 code")
    def test_handlers_direct_call(self):
        target = self.compile("int slow(int);\nint op_b(int);\nint op_b(int x)\n"
                              "{\n    return slow(x) + 1;\n}\n")
        self.assert_found(self.check("check_handlers.py", target),
                          "op_b: call of slow is not in tail position")


if __name__ == "__main__":
    unittest.main()
