#!/usr/bin/env python3
"""Sum up the JUnit file that ctest wrote, and fail on what did not pass or did not run.

A test that leaves with its SKIP_RETURN_CODE, is disabled, or could not be started has no result;
that fails here too, unless --allow-skip.
SPDX-License-Identifier: MIT
"""
import argparse
import sys
import xml.etree.ElementTree as ElementTree


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--allow-skip", action="store_true")
    parser.add_argument("report")
    args = parser.parse_args()

    failed, skipped, passed = [], [], 0
    for case in ElementTree.parse(args.report).getroot().iter("testcase"):
        if case.get("status") == "run":
            passed += 1
        elif case.find("failure") is not None or case.get("status") == "fail":
            failed.append(case.get("name"))
        else:
            skipped.append(case.get("name"))
    for name in failed:
        print("FAILED  " + name)
    for name in skipped:
        print("SKIPPED " + name)
    print("%d passed, %d failed, %d skipped" % (passed, len(failed), len(skipped)))
    if skipped and not args.allow_skip:
        print("a skipped test counts as failed; with --allow-skip it does not")
    if failed or (skipped and not args.allow_skip):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
