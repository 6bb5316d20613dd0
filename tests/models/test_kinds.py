"""Every kind has its word."""

from models.kinds import KIND_WORDS, MaterialKind


def test_every_kind_has_a_word_of_its_own():
    assert len({KIND_WORDS[kind] for kind in MaterialKind}) == len(MaterialKind)
