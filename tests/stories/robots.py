"""What robots are told, and what they answer."""

from models.groups import Group
from tests.stories.house import House

ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="


def announce(house: House, group: Group, title: str, text: str, at: str = "") -> str:
    """HQ says something in one group; the path of the announcement's page."""
    form = {"group": str(group.id), "title": title, "text": text, "at": at}
    answer = house.office().send_form(
        "/console/announcements/new", form, at=f"/console/announcements/new?group={group.id}"
    )
    assert ("已排定" if at else "正在发。") in answer.text, answer.text
    house.run_job("launch")
    return answer.url.removeprefix(house.url).partition("?")[0]


def answers(house: House, words: str) -> list[str]:
    """What the robot said in the shop's group that has these words in it."""
    return [said for row in house.world.ledger("robot_reply") if words in (said := str(row["what"]))]
