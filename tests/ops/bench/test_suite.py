"""Parts by name; a broken claim ends with 1."""

import pytest

from ops.bench import suite
from ops.bench.programs import DidNotWork
from ops.bench.stage import Servers
from settings import BadConfiguration
from tests.conftest import sibling
from tests.ops.bench.said import lines


@pytest.mark.parametrize(("holds", "code", "mark"), [(True, 0, "✓"), (False, 1, "✕")])
def test_a_broken_claim_gives_exit_1_and_a_cross(capsys, monkeypatch, holds, code, mark):
    monkeypatch.setitem(suite.PARTS, "posters", lambda bench: bench.report.claim(holds, "两倍于基线"))
    assert suite.run(["posters"], quick=True) == code
    assert lines(capsys)[0].startswith(f"{mark} 两倍于基线")


def test_a_part_that_could_not_be_measured_is_a_broken_claim_and_the_next_one_runs(capsys, monkeypatch):
    def breaks(bench: suite.Bench) -> None:
        raise DidNotWork("wecom 停了")

    monkeypatch.setitem(suite.PARTS, "callbacks", breaks)
    monkeypatch.setitem(suite.PARTS, "posters", lambda bench: bench.report.tell("量到了"))
    assert suite.run(["callbacks", "posters"], quick=True) == 1
    assert [line[:1] for line in lines(capsys)] == ["✕", "·"]


def test_a_part_that_nobody_knows_is_refused_with_the_names_of_all():
    with pytest.raises(BadConfiguration, match="speed.*callbacks、doors.*failing、sync、start.*nearest"):
        suite.run(["callbacks", "speed"], quick=True)


def test_the_distributed_mode_is_measured_where_it_matters_one_part_at_a_time_and_on_nothing_that_is_used(
    postgres_url, postgres_template, redis_url
):
    empty = Servers(postgres_url, redis_url)
    for parts in (["welcome"], ["doors", "launch"], []):
        with pytest.raises(BadConfiguration, match="一次只量一项：doors、launch"):
            suite.run(parts, quick=True, servers=empty)
    used = Servers(sibling(postgres_url, postgres_template), redis_url)
    with pytest.raises(BadConfiguration, match="已经有内容"):
        suite.run(["doors"], quick=True, servers=used)
    empty.refuse_used()
