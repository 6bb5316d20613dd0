"""The files of the repository, and what they import."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
BOXES = {
    "server",
    "settings",
    "handlers",
    "scheduler",
    "models",
    "posters",
    "wecom",
    "emulator",
    "pages",
    "ops",
}


def listed(*more: str) -> set[str]:
    """The names that git tracks."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", *more], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return {name for name in names.split("\0") if name}


def files(*endings: str) -> list[Path]:
    """What git tracks, and what it would track."""
    names = listed("--others", "--exclude-standard")
    return sorted(path for name in names if name.endswith(endings or "") and (path := ROOT / name).is_file())


def source() -> list[Path]:
    return [path for path in files(".py") if box_of(path) in BOXES]


def box_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that the file names, also inside functions: `from a import b` counts as a.b."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (above, node.module) if part)
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            yield from ((node.lineno, arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant))
