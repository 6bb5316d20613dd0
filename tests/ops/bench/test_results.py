"""What became of a guide's customers, written down by us and as a row for each of them."""

from ops.bench import results
from ops.bench.report import Report
from tests.ops.bench.said import lines


def test_one_reading_is_written_down_in_all_three_ways(capsys, tmp_path):
    results.measure(Report(), tmp_path, guides=2)
    whole, alone = lines(capsys)
    assert "× 每位客户一行" in whole and "2 位导购" in whole
    assert "× 直接写" in alone
