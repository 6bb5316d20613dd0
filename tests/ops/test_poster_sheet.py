"""The contact sheet in the documents is what the designs draw today."""

from PIL import Image, ImageChops, ImageStat

from ops.poster_sheet import SHEET, sheet


def test_the_documents_show_what_is_drawn_today():
    """Looked at from afar, so that another version of the encoder does not matter."""
    kept = Image.open(SHEET).convert("RGB")
    assert SHEET.stat().st_size < 400_000
    drawn = sheet()
    assert drawn.size == kept.size
    away = [picture.resize((301, 460), Image.Resampling.BOX) for picture in (kept, drawn)]
    difference = ImageChops.difference(*away)
    assert (
        max(ImageStat.Stat(difference).mean) < 1 and max(high for _, high in difference.getextrema()) < 60
    ), "draw it again with python -m ops.poster_sheet"
