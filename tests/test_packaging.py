"""What gets installed is pinned, and the image and the composition name things that exist."""

import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from tests.source import BOXES, box_of, files, imports

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = BOXES | {"tests"}
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"]


def pins(lock: str) -> dict[str, set[str]]:
    """Name → versions (a universal lock may pin one for older and one for newer Pythons)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def names(requirements: list[str | dict[str, str]]) -> set[str]:
    return {re.split(r"[^a-zA-Z0-9-]", each)[0].lower() for each in requirements if isinstance(each, str)}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash_and_no_address(lock: str):
    text = (ROOT / lock).read_text()
    packages = re.split(r"\n(?=[a-z])", text)
    assert all("==" in each and "--hash=sha256:" in each for each in packages)
    assert "://" not in text and "index" not in text


def test_the_lock_holds_every_dependency_of_the_project():
    assert names(PROJECT["project"]["dependencies"]) - pins("requirements.lock").keys() == set()
    assert pins("requirements.lock")["wechatpy"] == {"2.0.0a26"}


def test_whatever_is_imported_is_declared_and_not_just_brought_along_by_something_else():
    runtime = names(PROJECT["project"]["dependencies"])
    in_tests = runtime | names(PROJECT["dependency-groups"]["test"])
    providers = packages_distributions()
    undeclared = set()
    for path in files(".py"):
        declared = in_tests if box_of(path) == "tests" else runtime
        modules = {module.split(".")[0] for _, module in imports(path)} - OURS - sys.stdlib_module_names
        undeclared |= {
            f"{path.relative_to(ROOT)}: {module}"
            for module in modules
            if not declared & {each.lower().replace("_", "-") for each in providers.get(module, [])}
        }
    assert undeclared == set()


def test_the_larger_lock_agrees_with_the_smaller_one():
    runtime, everything = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: versions for name, versions in runtime.items() if everything.get(name) != versions} == {}
    groups = PROJECT["dependency-groups"]
    assert names(groups["test"] + groups["lint"]) - everything.keys() == set()


def test_front_end_packages_are_exact_and_their_lock_names_no_host():
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    text = (ROOT / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    assert "://" not in text
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(each.get("integrity", "").startswith("sha512-") for name, each in locked.items() if name)


def test_the_packages_listed_are_the_folders_that_exist():
    listed = PROJECT["tool"]["setuptools"]
    assert [name for name in listed["packages"] if not (ROOT / name / "__init__.py").is_file()] == []
    assert [name for name in listed["py-modules"] if not (ROOT / f"{name}.py").is_file()] == []


def test_the_image_copies_what_exists_and_does_not_run_as_root():
    text = (ROOT / "Dockerfile").read_text()
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    copied = [word for line in lines for word in line.split()]
    assert copied and [name for name in copied if not (ROOT / name).exists()] == []
    assert re.search(r"^USER onetap$", text, re.MULTILINE)
    assert "--require-hashes" in text and "npm ci" in text


def test_the_composition_starts_every_role_after_the_migration():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"postgres", "redis", "migrate", "web", "worker", "scheduler"}
    for role in ("web", "worker", "scheduler"):
        assert services[role]["command"][0] == role
        assert services[role]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert services[role]["environment"]["ONETAP_REDIS_URL"].startswith("redis://")
