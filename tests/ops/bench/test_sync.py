"""The comparison whose memory is measured knows every friend in the end."""

from ops.bench import sync


def test_both_comparisons_run_to_their_end_and_their_memory_is_read(tmp_path):
    before, most = sync.work(1200, tmp_path)
    assert 0 < before <= most < sync.MOST_MEMORY * 4
