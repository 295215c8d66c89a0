#!/usr/bin/env python3
# Every id of data/path_ids.txt has its test: a row of that name in cpu/trap_paths.def or
# behaviours.def (which do not link without the test), or a row in path_ids.def that names a test
# that exists and is run. No id missing, none unknown, none twice in different spelling.
# SPDX-License-Identifier: MIT
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def name_of(path_id):
    return path_id.lower().replace("-", "_").rstrip("*")


def read_ids():
    lines = (HERE / "data/path_ids.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def linked_tests():
    names = set()
    for table in (ROOT / "cpu/trap_paths.def", HERE / "behaviours.def"):
        row = r"^(?:TRAP_PATH|TRAP_CASE|BEHAVIOUR)\((\w+)"
        names.update(re.findall(row, table.read_text(), re.M))
    return names


def test_runs(function, source, linked):
    """A cmocka test of its own, or one of the linked tables."""
    plain = re.sub(r"^test_(trap_)?", "", function)
    if plain in linked:
        return True
    path = ROOT / source
    if not path.is_file():
        return False
    text = path.read_text()
    defined = re.search(r"^(?:static )?void %s\(" % function, text, re.M)
    run = re.search(r"\b(?:cmocka_unit_test\w*|FIXTURE_CASE|CASE)\(\s*%s\b" % function, text)
    return bool(defined and run)


def main():
    ids, linked, wrong = read_ids(), linked_tests(), []
    table = (HERE / "path_ids.def").read_text()
    rows = re.findall(r'^PATH_ID\("([^"]+)", (\w+), "([^"]+)"\)', table, re.M)
    documented = re.findall(r'^PATH_ID_WITHOUT_TEST\("([^"]+)", "([^"]+)"\)', table, re.M)
    deviations = (ROOT / "docs/deviations.md").read_text()
    if len(ids) != len(set(ids)):
        wrong.append("an id is there twice")
    for path_id, function, source in rows:
        if path_id not in ids:
            wrong.append(f"path_ids.def: {path_id} is not an id")
        if not test_runs(function, source, linked):
            wrong.append(f"path_ids.def: {path_id}: no test {function} runs in {source}")
    for path_id, text in documented:
        if path_id not in ids:
            wrong.append(f"path_ids.def: {path_id} is not an id")
        if text not in deviations:
            wrong.append(f"{path_id}: docs/deviations.md does not say '{text}'")
    listed = {row[0] for row in rows} | {row[0] for row in documented}
    for path_id in ids:
        name = name_of(path_id)
        whole = path_id.endswith("*")
        if path_id in listed or name in linked:
            continue
        if not (whole and any(test.startswith(name) for test in linked)):
            wrong.append(f"{path_id}: no test")
    for line in wrong:
        print(line)
    print(f"{len(ids)} ids, {len(rows) + len(documented)} rows in path_ids.def, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
