"""天气: what falls is what the words speak of."""

from dataclasses import replace

from posters.samples import samples
from posters.templates import design

RAIN = replace(samples()["weather"], picture=b"")


def test_it_snows_where_headline_subline_or_occasion_speak_of_snow() -> None:
    """Where the sky is, snow is far brighter than rain."""

    def brightest(occasion: str) -> int:
        sky = design("weather").paint(replace(RAIN, occasion=occasion)).crop((0, 660, 160, 920))
        return sky.convert("L").getextrema()[1]

    assert brightest("天气 · 雪") > brightest("天气 · 雨") + 20


def test_without_a_picture_an_umbrella_stands_in_the_rain() -> None:
    poster = design("weather").paint(RAIN)
    red, green, blue = poster.getpixel((500, 900))
    assert red > 180 and green > 130 and blue < 140
