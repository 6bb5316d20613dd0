"""Figures and lines of the report."""

import math
import re

from ops.bench.machine import load_words
from ops.bench.report import ms, percentile, times


def test_a_rate_says_so_many_times_another_of_the_same_run():
    assert (times(3.0, 2.0), times(3.0, 0.0)) == (1.5, math.inf)


def test_the_slowest_one_percent_is_left_out_and_nothing_is_infinitely_late():
    assert percentile([*range(1, 101)], 99) == 99
    assert percentile([3.0], 99) == 3.0
    assert percentile([], 99) == math.inf
    assert (ms(0.0123), ms(2.5)) == ("12.3 ms", "2.5 s")
    assert re.fullmatch(r"负载 \d+\.\d，\d+ 核", load_words())
