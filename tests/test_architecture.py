"""The tree keeps its shape: who may import whom, how long a file may be, what tests may not do."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.source import BOXES, ROOT, box_of, files, imports, listed, source

MAY_IMPORT = {
    "models": {"wecom.limits", "wecom.sentences"},
    "posters": set(),
    "wecom": set(),
    "emulator": set(),
    "settings": set(),
    "handlers": {"models", "wecom.callbacks", "wecom.errors", "wecom.events", "wecom.limits"},
    "pages": {"models", "posters", "wecom"},
    "scheduler": {"models", "posters", "wecom", "handlers"},
    "ops": BOXES - {"server"},
    "server": BOXES,
}
"""A box may import itself and these; a dotted name opens only that module of the box."""
MAY_NOT_IMPORT = {
    "models": {"flask", "requests", "urllib3", "PIL", "dramatiq", "apscheduler", "wechatpy"},
    "posters": {"flask", "sqlmodel", "sqlalchemy", "requests", "wechatpy"},
    "wecom": {"flask", "sqlmodel", "sqlalchemy", "PIL"},
    "emulator": {"wechatpy", "sqlmodel"},
}
"""What would drag the outside world into a box that must not know it."""
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}
LONGEST_FILE = 500
WORDS = {
    "channel",
    "content",
    "kind",
    "lost_how",
    "outcome",
    "result",
    "role",
    "source",
    "state",
    "status",
    "step",
    "verdict",
    "way",
}
"""What a row says about itself in a word: compared with a member of its enum, never with letters."""
OUTSIDE = {"emulator", "wecom", "posters"}
"""These know the platform's words, which are spelled as it spells them."""
LITERAL = re.compile(rf"""(?:\.|\.get\(")(?:{"|".join(sorted(WORDS))})(?:"\))? (?:==|!=|in|not in) \(?['"]""")


def allowed(box: str, module: str) -> bool:
    opened = MAY_IMPORT[box] | {box}
    return any(module == name or module.startswith(f"{name}.") for name in opened)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_each_box_imports_only_what_it_may_know():
    broken = [
        f"{place(path, line)} imports {module}"
        for path in source()
        for line, module in imports(path)
        if module.split(".")[0] in BOXES and not allowed(box_of(path), module)
    ]
    assert broken == []


def test_a_room_of_pages_uses_the_plumbing_and_never_another_room():
    def room(parts: Sequence[str]) -> str:
        """console, api, …; nothing for what may name all of them: pages/__init__.py and pages/routes.py"""
        inside = len(parts) > 1 and parts[0] == "pages" and (ROOT / "pages" / parts[1]).is_dir()
        return parts[1] if inside else ""

    broken = [
        f"{place(path, line)} imports {module}"
        for path in source()
        if (mine := room(path.relative_to(ROOT).parts))
        for line, module in imports(path)
        if room(module.split(".")) not in ("", "web", mine)
    ]
    assert broken == []


def test_boxes_stay_clear_of_what_is_not_their_business():
    broken = [
        f"{place(path, line)} imports {module}"
        for path in source()
        for line, module in imports(path)
        if module.split(".")[0] in MAY_NOT_IMPORT.get(box_of(path), ())
    ]
    assert broken == []


def test_nothing_of_ours_imports_the_tests():
    assert [
        place(path, line)
        for path in source()
        for line, module in imports(path)
        if module.split(".")[0] == "tests"
    ] == []


def test_models_get_the_time_as_an_argument():
    def reads_the_clock(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CLOCKS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"datetime", "date", "time"}
        )

    assert [
        place(path, node.lineno)
        for path in source()
        if box_of(path) == "models"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if reads_the_clock(node)
    ] == []


def names_a_word(node: ast.expr) -> bool:
    """`row.status`, `col(Row.status)`; the kind of an event or message is the platform's word."""
    if isinstance(node, ast.Call) and node.args:
        return names_a_word(node.args[0])
    arrived = isinstance(node, ast.Attribute) and re.search(r"(?:event|message)$", ast.unparse(node.value))
    return isinstance(node, ast.Attribute) and node.attr in WORDS and not (node.attr == "kind" and arrived)


def letters(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(letters(one) for one in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""


def test_a_state_is_compared_with_a_member_and_never_with_letters():
    compared = [
        (path, node.lineno, [node.left, *node.comparators])
        for path in source()
        if box_of(path) not in OUTSIDE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
    ]
    broken = [
        place(path, line)
        for path, line, sides in compared
        if any(map(names_a_word, sides)) and any(map(letters, sides))
    ]
    broken += [
        place(path, number)
        for path in files(".html")
        if box_of(path) not in OUTSIDE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LITERAL.search(line)
    ]
    assert broken == []


def test_what_is_ours_keeps_its_name_on_import():
    renamed = [
        f"{place(path, node.lineno)} {alias.name} as {alias.asname}"
        for path in files(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.asname and (getattr(node, "module", None) or alias.name).split(".")[0] in {*BOXES, "tests"}
    ]
    assert renamed == []


def test_a_class_name_stands_for_one_thing():
    """The emulator is a program of its own and shares nothing, not even names."""
    homes: dict[str, list[str]] = {}
    for path in source():
        if box_of(path) != "emulator":
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    homes.setdefault(node.name, []).append(place(path, node.lineno))
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def test_no_file_outgrows_its_reader():
    # a migration is written by a program, once, and read from top to bottom
    written = (path for path in files(".py", ".html", ".css", ".js", ".sh") if "versions" not in path.parts)
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    assert {str(path.relative_to(ROOT)): size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_a_constant_is_explained_by_the_docstring_under_it():
    """And not by a comment beside or above it; a comment of its own line inside a long value explains that entry."""
    machines = re.compile(r"#\s*(?:noqa|type:|fmt:|----)")

    def comments(text: str) -> dict[int, bool]:
        """Line → whether the comment stands alone there."""
        found = tokenize.generate_tokens(io.StringIO(text).readline)
        return {
            one.start[0]: not one.line[: one.start[1]].strip()
            for one in found
            if one.type == tokenize.COMMENT and not machines.match(one.string)
        }

    def beside(node: ast.stmt, alone: dict[int, bool]) -> bool:
        lines = range(node.lineno, (node.end_lineno or 0) + 1)
        return alone.get(node.lineno - 1, False) or any(not alone.get(line, True) for line in lines)

    broken = []
    for path in (path for path in files(".py") if "versions" not in path.parts):
        text = path.read_text(encoding="utf-8")
        tree, alone = ast.parse(text), comments(text)
        bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
        broken += [
            place(path, node.lineno)
            for body in bodies
            for node in body
            if isinstance(node, ast.Assign | ast.AnnAssign) and beside(node, alone)
        ]
    assert broken == []


def test_every_module_says_what_lives_in_it():
    silent = [
        str(path.relative_to(ROOT))
        for path in source()
        if (tree := ast.parse(path.read_text(encoding="utf-8"))).body and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_tests_use_the_built_in_wecom_and_no_mocks():
    # another value for a constant (SYSTEM_FOLDERS) is a setting; another body for a function is a mock
    constant = r'(?:[\w.]+, "[A-Z_]+"|"[\w.]+\.[A-Z_]+")'
    mocks = re.compile(rf"\b(?:Mock|MagicMock|AsyncMock|patch)\(|unittest\.mock|\.setattr\((?!{constant})")
    tests = [path for path in files(".py") if box_of(path) == "tests" and path != Path(__file__)]
    assert [
        place(path, number)
        for path in tests
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if mocks.search(line)
    ] == []


def test_no_file_names_the_address_of_a_package_registry():
    hosts = re.compile(rb"pypi\.or[g]|pythonhosted\.or[g]|npmjs\.(?:or|co)")
    assert [str(path.relative_to(ROOT)) for path in files() if hosts.search(path.read_bytes())] == []


def test_only_known_entries_stand_at_the_top():
    known = {
        *(f"{box}.py" for box in ("server", "settings")),
        *(BOXES - {"server", "settings"}),
        "tests",
        "docs",
        "pyproject.toml",
        "package.json",
        "package-lock.json",
        "Makefile",
        "Dockerfile",
        "compose.yaml",
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-node.lock",
        "LICENSE",
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        ".ci",
        ".gitignore",
        ".dockerignore",
    }
    # of what git tracks: whoever runs this may have a file of her own beside it
    assert {Path(name).parts[0] for name in listed()} - known == set()


WRITTEN = {
    "pages/console/setup.py": {"/callback/"},
    "pages/web/access.py": {"/console"},
    "pages/web/csrf.py": {"/callback/", "/api/", "/t/"},
    "pages/web/errors.py": {"/callback/", "/api/"},
    "pages/web/headers.py": {"/callback/"},
    "pages/web/i18n.py": {"/api/"},
    "pages/web/input_limits.py": {"/callback/", "/api/"},
    "pages/web/sessions.py": {"/g", "/g/"},
}
"""What handlers answer, for the operator to copy; and what a request's path is compared with: whole rooms, also
what no view answers."""
ROOMS = r"/(?:console|g|demo|api|callback|t)"


def test_templates_ask_for_the_addresses_of_our_pages():
    """`url_for` fails for an address that is gone; a written path would lead a person to nothing."""
    written = re.compile(rf"""(?<!startswith\()["']{ROOMS}(?:[/?"'#)]|$)""")
    comment = re.compile(r"\{#.*?#\}", re.DOTALL)
    templates = [path for path in files(".html") if box_of(path) == "pages"]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:90]}"
        for path in templates
        for line in comment.sub("", path.read_text(encoding="utf-8")).splitlines()
        if written.search(line)
    ]
    assert templates
    assert found == []


def test_views_ask_for_the_addresses_of_our_pages_too():
    def gives_an_address(node: ast.AST) -> bool:
        """`Blueprint(…, url_prefix="/g")`, `@blueprint.get("/g/oauth")`"""
        named = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        return named.endswith("Blueprint") or named.startswith("blueprint.")

    def written(tree: ast.Module) -> Iterator[ast.Constant]:
        inside = [node for node in ast.walk(tree) if gives_an_address(node)]
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        said |= {id(part) for node in inside for part in ast.walk(node)}
        yield from (
            node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said
        )

    found = [
        (path, node)
        for path in source()
        if box_of(path) == "pages"
        for node in written(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node.value, str) and re.match(rf"{ROOMS}(?:[/?#]|$)", node.value)
    ]
    by_file: dict[str, set[str]] = {}
    for path, node in found:
        by_file.setdefault(str(path.relative_to(ROOT)), set()).add(str(node.value))
    assert by_file == WRITTEN
