"""Cards as SVG: the same marks in millimetres, every word an outline."""

import re
from xml.etree import ElementTree

from PIL import Image

from posters.code import QUIET_MODULES, code_modules
from posters.prints import svg
from tests.posters.prints.cards import BADGE, COUNTER, TILL

NAMES = "{http://www.w3.org/2000/svg}"
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def test_a_card_is_drawn_at_its_size_and_needs_no_font():
    for card in (BADGE, COUNTER):
        root = ElementTree.fromstring(svg.draw(card))
        assert (root.get("width"), root.get("height")) == (f"{card.width:g}mm", f"{card.height:g}mm")
        assert {one.tag.removeprefix(NAMES) for one in root.iter()} <= {"svg", "rect", "path"}


def test_the_code_is_drawn_module_by_module_within_its_quiet_zone():
    drawing = svg.draw(COUNTER)
    code = next(
        one for one in ElementTree.fromstring(drawing).iter(f"{NAMES}path") if RUN.match(one.get("d"))
    )
    bits = code_modules(TILL.payload)
    drawn = Image.new("1", bits.size, 1)
    for column, row, wide in (map(int, run) for run in RUN.findall(code.get("d"))):
        for one in range(wide):
            drawn.putpixel((column + one, row), 0)
    assert list(drawn.get_flattened_data()) == [bool(one) for one in bits.get_flattened_data()]
    module = float(re.search(r"scale\(([\d.]+)\)", code.get("transform"))[1])
    assert module * (bits.width + 2 * QUIET_MODULES) - 54 < 1e-3
