"""A card leaves in the form that somebody wants."""

from dataclasses import replace

import pytest

from posters.fields import PosterRefused
from posters.prints import PrintPanel, press
from posters.prints.png import prove
from tests.posters.prints.cards import BADGE, COUNTER


@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<svg "), ("pdf", b"%PDF-")])
def test_each_form_begins_as_such_files_do(form, begins):
    assert press.one(BADGE, form).startswith(begins)


def test_sheets_are_a_pdf():
    assert press.sheets("店", "今天", [BADGE, COUNTER]).startswith(b"%PDF-")


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_no_form_leaves_without_its_code_having_been_read(form):
    broken = replace(BADGE, marks=(*BADGE.marks, PrintPanel(50, 6, 32, 32, "#FFFFFF")))
    with pytest.raises(PosterRefused):
        prove(broken)
    with pytest.raises(PosterRefused):
        press.one(broken, form)
