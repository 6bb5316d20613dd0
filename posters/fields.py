"""What a poster is made of: the artwork that is equal for all, and the person in the strip below it."""

from dataclasses import dataclass, field

WIDTH, HEIGHT = 1080, 1920
ART_HEIGHT = 1600
SENTENCE = "长按识别，加我微信"


@dataclass(frozen=True, slots=True)
class Art:
    """The upper 1,600 rows: HQ fills these in once per campaign, nothing personal is here."""

    design: str = "artwork"
    picture: bytes = b""
    headline: str = ""
    subline: str = ""
    price: str = ""
    note: str = ""
    points: str = ""
    """One a line: a name, a space, a few words about it"""
    brand: str = ""
    occasion: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The bottom 320 rows: whose poster it is, and the payload of her own entry code."""

    name: str
    store: str
    code: str
    sentence: str = SENTENCE
    avatar: bytes = b""


@dataclass(frozen=True, slots=True)
class PosterFields:
    """All that draw() knows."""

    person: Person
    art: Art = field(default_factory=Art)


class PosterRefused(ValueError):
    """A poster cannot be drawn as asked; `text`, with `values` filled in, is shown to people."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text)
        self.text, self.values = text, values

    def __str__(self) -> str:
        return self.text.format(**self.values)


class GlyphMissing(PosterRefused):
    """No installed font can draw these characters, so the poster would show boxes."""

    def __init__(self, chars: tuple[str, ...]) -> None:
        super().__init__(
            "字体里没有「{chars}」，画出来会是方框，所以没有画。"
            "请换一个写法，或请管理员在服务器上安装 Noto Sans CJK 字体",
            chars="".join(chars),
        )
        self.chars = chars
        self.args = (chars,)  # what makes it anew on its way out of the drawing process


class CodeUnreadable(PosterRefused):
    """No code could be read from a picture."""


class PictureRefused(PosterRefused):
    """A picture that we do not open, or cannot."""
