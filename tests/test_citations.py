"""What the code points to exists: sections of docs/platform.md ("contract 5.4"), cases of docs/faults.md ("B08")."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache

from tests.source import ROOT, files

PLATFORM, FAULTS = ROOT / "docs/platform.md", ROOT / "docs/faults.md"
CASE = re.compile(r"(?<![\w-])[A-Z][0-9]{2}(?!\w)")
IN_A_NAME = re.compile(r"_([A-Z][0-9]{2})(?=_|$)")
GAPS = ("partly: ", "not yet: ", "not here: ")


@cache
def cases() -> dict[str, str]:
    """Each case of the document with its gap."""
    rows = re.findall(
        r"^\| ([A-Z][0-9]{2}) \| .+ → .+ \|(.*)\|$", FAULTS.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) == len(dict(rows)), "a case has one row"
    return {case: gap.strip() for case, gap in rows}


@cache
def sections() -> set[str]:
    """The numbers of headings, and of the numbered points of a section."""
    return set(
        re.findall(
            r"^(?:#+ |- \*\*)([0-9]+(?:\.[0-9]+)*)\b", PLATFORM.read_text(encoding="utf-8"), re.MULTILINE
        )
    )


@cache
def names_of_tests() -> list[str]:
    tests = [path for path in files(".py") if path.name.startswith("test_")]
    return [
        name
        for path in tests
        for name in re.findall(r"^ *def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


def prose(text: str) -> Iterator[str]:
    """The docstrings and comments of a Python file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)  # below a constant or a field
    yield from (
        one.string
        for one in tokenize.generate_tokens(io.StringIO(text).readline)
        if one.type == tokenize.COMMENT
    )


def carried() -> set[str]:
    return {case for name in names_of_tests() for case in IN_A_NAME.findall(name)}


def test_every_case_that_a_test_carries_stands_in_the_document():
    assert carried() - set(cases()) == set()


def test_a_case_without_a_gap_has_a_test_and_one_that_is_not_tried_has_none():
    """An empty gap, or "partly", means that tests carry the id; "not yet" and "not here", that none does."""
    assert {case for case, gap in cases().items() if gap and not gap.startswith(GAPS)} == set()
    tried = {case for case, gap in cases().items() if not gap or gap.startswith("partly: ")}
    assert (tried - carried(), (set(cases()) - tried) & carried()) == (set(), set())


def test_an_id_stands_at_the_end_of_a_name_in_capitals():
    """So that `pytest -k B08` means the same to everybody, and a reader finds all of them."""
    lower = {case.lower() for case in cases()}
    assert [name for name in names_of_tests() if lower & set(name.split("_"))] == []
    ends = re.compile(r"(_[A-Z][0-9]{2})+$")
    assert [
        name for name in names_of_tests() if IN_A_NAME.search(name) and IN_A_NAME.search(ends.sub("", name))
    ] == []


def test_every_case_that_a_docstring_comment_or_document_names_exists():
    texts = {
        path: text for path in files(".py", ".md") if CASE.search(text := path.read_text(encoding="utf-8"))
    }
    found = [
        (path.relative_to(ROOT).as_posix(), case)
        for path, text in texts.items()
        for said in ([text] if path.suffix == ".md" else prose(text))
        for case in CASE.findall(said)
    ]
    assert [one for one in found if one[1] not in cases()] == []
    assert len({place for place, _ in found}) > 10, "the reader of docstrings finds some"


def test_every_cited_section_of_the_contract_exists():
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files(".py", ".md", ".html", ".js", ".css", ".toml")
    }
    cited = [
        (name, one)
        for name, text in texts.items()
        for one in re.findall(r"\bcontract ([0-9]+(?:\.[0-9]+)*)", text)
    ]
    assert [one for one in cited if one[1] not in sections()] == []
    assert len({name for name, _ in cited}) > 5
    loose = re.compile(r"\bsections? [0-9.]+ of the contract|\bcontract(?:'s)? (?:section|§)", re.IGNORECASE)
    assert [
        name for name, text in texts.items() if loose.search(text) and not name.endswith("test_citations.py")
    ] == []
