"""The documents fail when the code has a setting, command, word, channel or poster that they do not name."""

import re
from pathlib import Path

import click
import pytest

from tests.source import BOXES, source

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh-CN.md"]
NAME = re.compile(r"ONETAP_[A-Z_]+[A-Z]")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def unnamed(names: list[str], document: str) -> list[str]:
    """Those that stand nowhere in the document's code: between backquotes, or in a block of it."""
    text = text_of(document)
    blocks = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
    code = "\n".join([*blocks.findall(text), *re.findall(r"`([^`\n]+)`", blocks.sub("", text))])
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code)]


def make_targets() -> list[str]:
    return re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), re.MULTILINE)


def commands(group: click.Group, before: str = "") -> list[str]:
    """Every command with the groups above it: "admin create"."""
    found: list[str] = []
    for name, command in ((name, one) for name, one in group.commands.items() if not one.hidden):
        whole = f"{before}{name}"
        found += commands(command, f"{whole} ") if isinstance(command, click.Group) else [whole]
    return found


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_named(readme: str):
    from settings import Settings

    assert unnamed([f"ONETAP_{name.upper()}" for name in Settings.model_fields], readme) == []


@pytest.mark.parametrize("readme", READMES)
def test_no_setting_is_named_that_does_not_exist(readme: str):
    from settings import Settings

    in_code = {name for path in source() for name in NAME.findall(path.read_text(encoding="utf-8"))}
    known = {f"ONETAP_{name.upper()}" for name in Settings.model_fields} | in_code
    assert set(NAME.findall(text_of(readme))) - known == set()


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_is_named(readme: str):
    assert unnamed([f"make {target}" for target in make_targets()], readme) == []


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_named(readme: str):
    from server import cli

    assert unnamed(commands(cli), readme) == []


@pytest.mark.parametrize("readme", READMES)
def test_every_word_that_a_robot_understands_is_named(readme: str):
    from handlers import registry

    words = [command.words[0] for command in registry.commands()]
    assert words and unnamed(words, readme) == []


def test_every_channel_is_named_with_the_words_of_its_descriptor():
    from models.ledger.channels import CHANNELS
    from scheduler.channels import SENDERS

    assert {name for name, one in CHANNELS.items() if one.lane} == set(SENDERS)
    assert unnamed(list(CHANNELS), "CONTRIBUTING.md") == []
    told = text_of("CONTRIBUTING.md")
    assert [one.name for one in CHANNELS.values() if f"`{one.name}` ({one.about})" not in told] == []


def test_every_poster_is_named():
    from posters.templates import DESIGNS

    assert unnamed(list(DESIGNS), "CONTRIBUTING.md") == []


def test_every_box_stands_in_the_table_of_contributing():
    table = re.findall(r"^\| `([a-z]+)(?:/|\.py)` \|", text_of("CONTRIBUTING.md"), re.MULTILINE)
    assert set(table) - {"tests"} == BOXES


@pytest.mark.parametrize(
    "document",
    [
        *READMES,
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md")),
    ],
)
def test_every_file_that_a_document_links_to_exists(document: str):
    links = re.findall(r"\]\(([^)#:]+)\)", text_of(document))
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


def test_every_file_on_a_walk_stands_where_the_walk_says():
    named = re.findall(r"`(\w+/[\w/]+\.py)`", text_of("docs/architecture.md"))
    assert len(named) > 20 and [name for name in named if not (ROOT / name).is_file()] == []
