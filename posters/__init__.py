"""Fields in, image bytes out: draws personal posters and reads the codes they carry."""

from posters.code import read_code
from posters.drawing import Size, draw, draw_art
from posters.fields import (
    ART_HEIGHT,
    HEIGHT,
    WIDTH,
    Art,
    CodeUnreadable,
    GlyphMissing,
    Person,
    PictureRefused,
    PosterFields,
    PosterRefused,
)
from posters.fonts import missing_glyphs
from posters.pictures import CleanPicture, clean_picture, shrink
from posters.strip import sentence_fault
from posters.templates import DESIGNS, complaints

__all__ = [
    "ART_HEIGHT",
    "DESIGNS",
    "HEIGHT",
    "WIDTH",
    "Art",
    "CleanPicture",
    "CodeUnreadable",
    "GlyphMissing",
    "Person",
    "PictureRefused",
    "PosterFields",
    "PosterRefused",
    "Size",
    "clean_picture",
    "complaints",
    "draw",
    "draw_art",
    "missing_glyphs",
    "read_code",
    "sentence_fault",
    "shrink",
]
