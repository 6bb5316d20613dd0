"""Tests mirror the tree: whoever changes a module finds its tests under its name, and whoever reads a test its module."""

import ast
from functools import cache
from pathlib import Path

from tests.source import ROOT, files, source

HOUSE = {"architecture", "citations", "docs", "mirror", "packaging", "run", "services"}
"""What is no module's: the tree itself, its documents, and the tools of the tests."""
SUBSTANCE = 20
"""Lines inside functions: a module that does more than this has a test of its name."""
DOORS = "tests/test_server_before_pages.py"
PLAYED = "tests/pages/demo/test_demo_autoplay.py"
MEASURED = "tests/ops/bench/test_bench.py"
TESTED_ELSEWHERE = {
    # seen only through what stands before it
    "emulator/api/attachments.py": "tests/emulator/api/test_welcome.py",
    "emulator/platform.py": "tests/emulator/test_app.py",
    "emulator/phones/screens.py": "tests/emulator/phones/test_views.py",
    "pages/api/schemas.py": "tests/pages/api/test_openapi.py",
    "pages/routes.py": "tests/pages/web/test_access.py",
    "pages/web/oauth.py": "tests/pages/guide/test_guide_sign_in.py",
    # seen only in the whole program
    "ops/administration.py": "tests/test_server.py",
    "ops/serve.py": "tests/test_server.py",
    "ops/readiness.py": DOORS,
    "ops/wiring.py": DOORS,
    "pages/web/health.py": DOORS,
    "pages/demo/actions.py": PLAYED,
    "pages/demo/leaving_steps.py": PLAYED,
    "pages/demo/steps.py": PLAYED,
    # parts of a measurement, which share one stage because it is slow to set up
    "ops/bench/calls.py": "tests/ops/bench/test_caller.py",
    "ops/bench/floor.py": MEASURED,
    "ops/bench/callbacks.py": MEASURED,
    "ops/bench/crowd.py": MEASURED,
    "ops/bench/doors.py": MEASURED,
    "ops/bench/poster_campaign.py": MEASURED,
    "ops/bench/taps.py": MEASURED,
    "ops/bench/stage.py": MEASURED,
}


@cache
def tree() -> list[Path]:
    return [path.relative_to(ROOT) for path in files(".py", ".sh")]


@cache
def mirrored() -> list[Path]:
    """The files of tests, from tests/ on; stories walk through all of the tree and mirror nothing."""
    found = [path.relative_to("tests") for path in tree() if path.is_relative_to("tests")]
    return [path for path in found if path.name.startswith("test_") and path.parts[0] != "stories"]


def about(name: str, test: Path) -> bool:
    """test_outbox.py is about outbox, and so is a claim of its own: test_outbox_under_load.py."""
    return f"{test.stem}_".startswith(f"test_{name}_")


@cache
def modules_of(folder: Path) -> set[str]:
    """The names that a test in the mirror of this folder may begin with: its files, its packages and its own."""
    inside = [path.relative_to(folder) for path in tree() if path.is_relative_to(folder)]
    return {Path(path.parts[0]).stem for path in inside} | ({folder.name} if folder.parts else HOUSE)


def has_test(module: Path) -> bool:
    places = [(module.parent, module.stem)]
    if module.name == "__init__.py":
        package = module.parent
        places = [(package, package.name), (package.parent, package.name)]
    return any(test.parent == folder and about(name, test) for test in mirrored() for folder, name in places)


def substance(path: Path) -> int:
    """Lines inside its functions, docstrings apart: rows, constants and tables do nothing."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines.update(line for part in body for line in range(part.lineno, (part.end_lineno or 0) + 1))
    return len(lines)


@cache
def untested() -> set[str]:
    # a migration is tried by the tests of models/migrate.py
    modules = [path for path in source() if "versions" not in path.parts and substance(path) > SUBSTANCE]
    names = (path.relative_to(ROOT) for path in modules)
    return {str(name) for name in names if not has_test(name)}


def test_a_test_lies_in_the_mirror_of_a_folder_and_bears_the_name_of_one_of_its_modules():
    assert [
        str(test)
        for test in mirrored()
        if not (ROOT / test.parent).is_dir() or not any(about(name, test) for name in modules_of(test.parent))
    ] == []


def test_a_module_that_does_something_has_a_test_of_its_name():
    assert untested() - set(TESTED_ELSEWHERE) == set()


def test_the_list_of_the_others_holds_no_more_than_it_must():
    assert set(TESTED_ELSEWHERE) - untested() == set()
    assert {test for test in TESTED_ELSEWHERE.values() if not (ROOT / test).is_file()} == set()
