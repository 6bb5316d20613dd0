"""会员日: the gift and its ticket."""

from dataclasses import replace

from PIL import ImageChops

from posters.samples import samples
from posters.templates import design, member_day

DAY = samples()["member_day"]


def test_without_a_picture_a_present_lies_before_the_moon() -> None:
    gift = design("member_day").paint(replace(DAY, picture=b""))
    socks = design("member_day").paint(DAY)
    left, top, right, bottom = ImageChops.difference(gift, socks).getbbox()
    assert left > 150 and right < 930 and top > 600 and bottom <= member_day.TICKET_TOP + 60


def test_price_and_note_stand_on_the_cream_ticket() -> None:
    bare = design("member_day").paint(replace(DAY, price="", note=""))
    ticket = bare.crop((100, member_day.TICKET_TOP + 30, 980, 1600))
    assert ticket.getcolors(1) == [(880 * (1570 - member_day.TICKET_TOP), (0xFD, 0xF3, 0xE2))]
