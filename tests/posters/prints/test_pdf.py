"""Cards as PDF, rendered and read as a print shop's customers would."""

import pypdfium2
import pytest
import zxingcpp

from posters.prints import pdf
from tests.posters.prints.cards import BADGE, COUNTER, TILL, WANG, badges

POINTS_PER_MM = 72 / 25.4


def pages(made: bytes) -> list[tuple[tuple[float, float], list[str]]]:
    """Of each page its size in millimetres, and the codes that a scanner sees on it."""
    with pypdfium2.PdfDocument(made) as book:
        return [
            (
                tuple(round(side / POINTS_PER_MM) for side in page.get_size()),
                sorted(one.text for one in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())),
            )
            for page in book
        ]


def test_a_single_card_is_a_page_of_its_size():
    assert pages(pdf.single(BADGE)) == [((86, 54), [WANG.payload])]
    assert pages(pdf.single(COUNTER)) == [((92, 130), [TILL.payload])]


def test_a_stores_cards_lie_on_sheets_of_a4_and_every_code_is_read():
    cards = [*badges(9), COUNTER]
    found = pages(pdf.sheets("沈阳中街店", "11 月 19 日 14:32 生成", cards))
    assert [size for size, _codes in found] == [(210, 297)] * len(found)
    assert sorted(code for _size, codes in found for code in codes) == sorted(card.payload for card in cards)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9])
def test_no_card_lies_on_another_or_leaves_its_sheet(n):
    cards = [*badges(n), COUNTER, COUNTER, COUNTER]
    placed = list(pdf.laid_out(cards))
    assert sum(len(page) for page in placed) == len(cards)
    for page in placed:
        for one in page:
            assert one.left >= 5 and one.left + one.card.width <= 205
            assert one.top >= pdf.TOP and one.top + one.card.height <= pdf.BOTTOM
            for other in page:
                apart = (
                    one.left + one.card.width <= other.left
                    or other.left + other.card.width <= one.left
                    or one.top + one.card.height <= other.top
                    or other.top + other.card.height <= one.top
                )
                assert one is other or apart
