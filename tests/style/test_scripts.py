#!/usr/bin/env python3
"""tools/run and tools/test, in a made-up tree with made-up package tools: nothing is installed.
SPDX-License-Identifier: MIT
"""
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = sys.argv.pop(1)
PROJECT = """cmake_minimum_required(VERSION 3.22)
set(CMAKE_C_COMPILER_FORCED TRUE)  # no time for trying it out
project(made_up C)
enable_testing()
file(GLOB sources CONFIGURE_DEPENDS emu/*.c)
add_executable(ringside ${sources})
foreach(status 0 77)
  add_test(NAME status_${status} COMMAND ringside ${status})
  set_tests_properties(status_${status} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
add_test(NAME status_3 COMMAND ringside 3)
"""
SOURCE = """#include <stdlib.h>
#include <string.h>
int main(int count, char **words)
{
    if (count == 2 && strcmp(words[1], "--headless") == 0) {
        return 8;
    }
    if (count == 2 && strcmp(words[1], "--tui") == 0) {
        return 9;
    }
    return count > 1 ? atoi(words[1]) : 5;
}
"""
ALL_INSTALLED = """#!/bin/sh
shift 3
for name; do echo "installed $name"; done
"""
NONE_INSTALLED = "#!/bin/sh\nexit 1\n"
REFUSES = '#!/bin/sh\necho "$(basename "$0") was called: $*" >&2\nexit 99\n'


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="two words ")
        self.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, "tree")
        self.programs = os.path.join(folder.name, "programs")
        os.makedirs(os.path.join(self.root, "emu"))
        os.makedirs(os.path.join(self.root, "tools"))
        os.makedirs(self.programs)
        for name in ("lib.sh", "run", "test", "test_report.py"):
            shutil.copy(os.path.join(TOOLS, name), os.path.join(self.root, "tools", name))
        self.write("CMakeLists.txt", PROJECT)
        self.write("emu/main.c", SOURCE)
        self.program("dpkg-query", ALL_INSTALLED)
        for name in ("apt-get", "sudo"):
            self.program(name, REFUSES)

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="ascii") as file:
            file.write(text)

    def program(self, name, text):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def start(self, script, *arguments, display=":0"):
        environment = dict(os.environ, PATH=self.programs + os.pathsep + os.environ["PATH"],
                           DISPLAY=display, WAYLAND_DISPLAY="")
        done = subprocess.run([os.path.join(self.root, "tools", script), *arguments],
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode()

    def test_run_builds_and_hands_over_arguments_and_status(self):
        self.assertEqual(self.start("run", "42")[0], 42)
        self.assertEqual(self.start("run")[0], 5)

    def test_run_without_a_display_uses_the_terminal(self):
        script = os.path.join(self.root, "tools/run")
        environment = dict(os.environ, PATH=self.programs + os.pathsep + os.environ["PATH"],
                           DISPLAY="", WAYLAND_DISPLAY="")
        ours, theirs = pty.openpty()
        self.assertEqual(self.start("run", display="")[0], 8)  # and builds
        done = subprocess.run([script], env=environment, stdin=theirs, stdout=theirs, check=False)
        self.assertEqual(done.returncode, 9)
        done = subprocess.run([script], env=environment, stdin=theirs, stdout=subprocess.DEVNULL,
                              check=False)
        self.assertEqual(done.returncode, 8)
        os.close(ours)
        os.close(theirs)

    def test_run_without_a_display_hands_over_arguments(self):
        self.assertEqual(self.start("run", "42", display="")[0], 42)

    def test_run_again_neither_builds_nor_says_anything(self):
        self.start("run", "0")
        for name in ("cmake", "ninja"):
            self.program(name, REFUSES)
        self.assertEqual(self.start("run", "7"), (7, ""))

    def test_run_builds_again_after_a_change_a_new_file_and_a_lost_program(self):
        self.start("run", "0")
        self.write("emu/main.c", SOURCE.replace("5", "6"))
        self.assertEqual(self.start("run")[0], 6)
        self.write("emu/broken.c", "not C\n")
        self.assertEqual(self.start("run")[0], 2)
        os.remove(os.path.join(self.root, "emu/broken.c"))
        self.assertEqual(self.start("run")[0], 6)
        os.remove(os.path.join(self.root, "build/ringside"))
        self.assertEqual(self.start("run")[0], 6)

    def test_run_without_root_or_sudo_names_the_packages(self):
        self.program("dpkg-query", NONE_INSTALLED)
        self.program("id", "#!/bin/sh\necho 1000\n")
        os.remove(os.path.join(self.programs, "sudo"))
        if shutil.which("sudo"):
            return  # a real one is here: the message can not come
        status, text = self.start("run")
        self.assertEqual(status, 2)
        self.assertIn("as root run: apt-get install gcc", text)

    def test_run_says_when_packages_can_not_be_had(self):
        self.program("dpkg-query", NONE_INSTALLED)
        self.program("id", "#!/bin/sh\necho 0\n")
        status, text = self.start("run")
        self.assertEqual(status, 2)
        self.assertIn("apt-get could not install: gcc", text)

    def test_test_fails_on_a_skipped_test_unless_allowed(self):
        status, text = self.start("test", "-R", "status_(0|77)")
        self.assertEqual(status, 1, text)
        self.assertIn("SKIPPED status_77", text)
        self.assertEqual(self.start("test", "--allow-skip", "-R", "status_(0|77)")[0], 0)

    def test_test_fails_on_a_failed_test_and_on_no_test_at_all(self):
        status, text = self.start("test", "--allow-skip")
        self.assertNotEqual(status, 0)
        self.assertIn("1 passed, 1 failed, 1 skipped", text)
        self.assertNotEqual(self.start("test", "-R", "no such test")[0], 0)

    def test_test_refuses_an_unknown_preset(self):
        self.assertEqual(self.start("test", "--preset", "quick")[0], 2)


if __name__ == "__main__":
    unittest.main()
