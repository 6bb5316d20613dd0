"""Art and strip become one file without another encode."""

from PIL import Image

from posters.splice import QUALITY, upper_part, with_strip
from posters.strip import paint_strip
from posters.templates import design
from tests.posters.arts import ARTS
from tests.posters.samples import WANG, opened, saved


def test_the_spliced_file_has_the_same_pixels_as_a_full_encode() -> None:
    """Goal A4 of the measurements: joining costs nothing in looks."""
    for art in ARTS.values():
        painted, strip = design(art.design).paint(art), paint_strip(WANG)
        whole = Image.new("RGB", (1080, 1920))
        whole.paste(painted, (0, 0))
        whole.paste(strip, (0, 1600))
        full = opened(saved(whole, "JPEG", quality=QUALITY, subsampling=2)).tobytes()
        assert opened(with_strip(upper_part(painted), strip)).tobytes() == full
