"""Shapes with smooth edges, the same on every machine."""

from PIL import Image

from posters import shapes


def sheet() -> Image.Image:
    return Image.new("RGB", (200, 200))


def test_a_gradient_has_its_colours_where_they_were_put() -> None:
    made = shapes.gradient((0.0, "#000000"), (0.5, "#804020"), (1.0, "#FFFFFF"), size=(4, 100))
    assert made.getpixel((0, 0)) == (0, 0, 0) and made.getpixel((3, 50)) == (128, 64, 32)
    assert made.getpixel((0, 25)) == (64, 32, 16)


def test_an_edge_is_neither_inside_nor_outside_but_between() -> None:
    round_, slanted = sheet(), sheet()
    shapes.circle(round_, (100, 100), 60, "#FFFFFF")
    shapes.polygon(slanted, ((20, 20), (180, 60), (60, 180)), "#FFFFFF")
    for made in (round_, slanted):
        values = {made.getpixel((x, y))[0] for x in range(200) for y in range(200)}
        assert {0, 255} <= values and len(values) > 5
    assert round_.getpixel((100, 100)) == (255, 255, 255) and round_.getpixel((30, 100)) == (0, 0, 0)


def test_what_lies_partly_or_wholly_outside_is_drawn_as_far_as_it_is_inside() -> None:
    made = sheet()
    shapes.circle(made, (0, 0), 40, "#FFFFFF")
    shapes.circle(made, (500, 500), 40, "#FFFFFF")
    shapes.line(made, ((150, 190), (150, 400)), "#FFFFFF", 8)
    shapes.rounded(made, (-50, 90, 20, 110), 4, "#FFFFFF")
    assert made.getpixel((5, 5)) == made.getpixel((150, 199)) == made.getpixel((5, 100)) == (255, 255, 255)


def test_light_fades_to_nothing_at_its_edge() -> None:
    made = sheet()
    shapes.glow(made, (100, 100), (80, 40), "#FFFFFF", 0.5)
    across = [made.getpixel((x, 100))[0] for x in range(100, 200, 10)]
    assert across == sorted(across, reverse=True) and 120 <= across[0] <= 128
    assert made.getpixel((21, 100))[0] <= 1 and made.getpixel((100, 145)) == (0, 0, 0)


def test_points_are_thrown_the_same_each_time_and_not_among_the_words() -> None:
    box = (0, 0, 200, 200)
    assert shapes.scatter(7, 50, box) == shapes.scatter(7, 50, box) != shapes.scatter(8, 50, box)
    kept = shapes.scatter(7, 50, box, (0, 0, 200, 100))
    assert kept and all(y >= 100 for _, y, _ in kept)


def test_points_along_a_line_are_evenly_spaced() -> None:
    made = shapes.evenly([(0, 0), (30, 0), (30, 30)], 20)
    assert made == [(0, 0), (20, 0), (30, 10), (30, 30)] or made == [(0, 0), (20, 0), (30, 10)]


def test_a_curve_goes_through_its_points_and_closes_when_asked_to() -> None:
    corners = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    open_, closed = shapes.curve(corners), shapes.curve(corners, closed=True)
    assert set(corners) <= set(open_) and set(corners) <= set(closed) and len(closed) > len(open_)
