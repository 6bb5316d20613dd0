"""Which characters can be drawn, and what happens to those that cannot."""

from collections.abc import Iterator

import pytest

from posters import fonts
from posters.fields import GlyphMissing, PosterRefused
from posters.fonts import BOLD, MEDIUM, REGULAR, file_for, missing_glyphs, plain, runs

CACHES = (fonts.file_for, fonts.main_file, fonts.system_file, fonts.subsets)


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A machine without any CJK font of its own."""
    monkeypatch.setattr(fonts, "SYSTEM_FOLDERS", ())
    _forget()
    yield monkeypatch
    _forget()


def _forget() -> None:
    for cached in CACHES:
        cached.cache_clear()


def test_everyday_text_needs_no_font_but_the_package(bare_machine: pytest.MonkeyPatch) -> None:
    text = "王芳 霁野·沈阳中街店，¥699 – 25 ℃「新品」①…— JIYE 龘喆堃囍 ％ × ㎡"
    assert missing_glyphs(text) == []
    for weight in (REGULAR, MEDIUM, BOLD):
        assert "".join(chars for _, chars in runs(text, weight)) == text


def test_rarer_symbols_come_from_the_packages_small_files(bare_machine: pytest.MonkeyPatch) -> None:
    assert "chinese-simplified" in str(file_for("王", REGULAR))
    assert "chinese-simplified" not in str(file_for("℃", BOLD))
    assert "noto-sans-sc-" in str(file_for("℃", BOLD))


def test_without_a_system_font_rare_hanzi_are_reported_once_K04(bare_machine: pytest.MonkeyPatch) -> None:
    assert missing_glyphs("𠮷王㵘𠮷") == ["𠮷", "㵘"]
    with pytest.raises(GlyphMissing, match="字体里没有「𠮷㵘」"):
        runs("𠮷王㵘", BOLD)


def test_with_a_system_font_they_are_drawn_by_it_K04() -> None:
    if fonts.system_file(BOLD) is None:
        pytest.skip("this machine has no Noto Sans CJK")
    assert missing_glyphs("𠮷㵘") == []
    assert [chars for _, chars in runs("李𠮷芳", BOLD)] == ["李", "𠮷", "芳"]


def test_a_missing_package_says_what_to_run(bare_machine: pytest.MonkeyPatch, tmp_path: object) -> None:
    bare_machine.setenv("ONETAP_FONT_DIR", str(tmp_path))
    with pytest.raises(PosterRefused, match="npm ci"):
        missing_glyphs("王")


def test_coloured_emoji_leave_whole_and_everything_else_stays() -> None:
    assert plain("小美🌸 👩‍👧‍👦 👍🏽 ❤️ 🇨🇳 3️⃣ ⛄") == "小美 3"
    assert plain("王芳 · 25 ℃ ①「」…♀★") == "王芳 · 25 ℃ ①「」…♀★"
    assert plain("a\ue415b") == "ab"


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("小美🌸", "小美"),
        ("3️⃣ 折", "3 折"),
        ("王\u200b芳\ufe0f\u202e", "王芳"),
        ("a\tb\n c", "a b c"),
        ("远山　零下", "远山　零下"),
        ("e\u0301", "é"),
        ("葛\U000e0100", "葛"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(written: str, drawn: str) -> None:
    assert plain(written) == drawn
