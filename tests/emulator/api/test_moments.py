"""客户朋友圈: which jobs are taken, how often, and what becomes of wrong senders and tags."""

import pytest
import requests

from tests.cast import GAO, WANG, ZHAO, ZHOU
from tests.emulator.api.test_media import JPEG
from tests.wecom_world import World, corp

ADD, RESULT = "externalcontact/add_moment_task", "externalcontact/get_moment_task_result"
TEXT = {"text": {"content": "小雪到了"}}


def attached(world, kind="image", data=JPEG, purpose="1"):
    """A media id for moments (1) or the product album (2)."""
    query = {"access_token": world.token(), "media_type": kind, "attachment_type": purpose}
    address = world.api_url + "media/upload_attachment"
    return requests.post(address, params=query, files={"media": ("a.jpg", data)}, timeout=20).json()


def picture(world):
    return {"msgtype": "image", "image": {"media_id": attached(world)["media_id"]}}


def link(world, **more):
    cover = attached(world)["media_id"]
    return {
        "msgtype": "link",
        "link": {"title": "尺码", "url": "https://a.example/", "media_id": cover} | more,
    }


def senders(*userids):
    return {"visible_range": {"sender_list": {"user_list": list(userids)}}}


def made(world, **body):
    """The result of a finished job."""
    answer = world.call(ADD, TEXT | body)
    assert answer["errcode"] == 0, answer
    world.advance(2)
    told = world.call(RESULT, jobid=answer["jobid"])
    assert (told["status"], told["type"]) == (3, "add_moment_task")
    return told["result"]


def test_a_job_starts_runs_and_ends(world: World):
    world.post("/control/moments", {"job_seconds": 600})
    jobid = world.call(ADD, TEXT)["jobid"]
    assert world.call(RESULT, jobid=jobid)["status"] == 1
    world.advance(400)
    assert world.call(RESULT, jobid=jobid)["status"] == 2
    world.advance(300)
    assert world.call(RESULT, jobid=jobid)["result"]["moment_id"].startswith("mom")
    world.advance(86_400)
    assert world.call(RESULT, jobid=jobid)["errcode"] == 40058


def test_without_a_range_everybody_in_the_visible_range_gets_it(world: World):
    world.change_member(ZHOU, visible=False)
    moment_id = made(world)["moment_id"]
    tasks = world.call("externalcontact/get_moment_task", {"moment_id": moment_id})["task_list"]
    assert {row["userid"] for row in tasks} == {WANG, ZHAO, GAO}


def test_wrong_senders_and_departments_come_back_and_the_others_get_it(world: World):
    wanted = {"user_list": ["WangFang", "nobody"], "department_list": [22, 999]}
    result = made(world, visible_range={"sender_list": wanted})
    assert result["invalid_sender_list"] == {"user_list": ["nobody"], "department_list": [999]}
    tasks = world.call("externalcontact/get_moment_task", {"moment_id": result["moment_id"]})["task_list"]
    assert [row["userid"] for row in tasks] == [WANG, ZHOU]
    assert "moment_id" not in made(world, **senders("nobody"))


def test_ten_a_minute_and_no_more(world: World):
    assert [world.call(ADD, TEXT)["errcode"] for _ in range(11)] == [0] * 10 + [45009]
    world.advance(61)
    assert world.call(ADD, TEXT)["errcode"] == 0


def test_media_have_to_be_uploaded_for_moments(world: World):
    from_messages = requests.post(
        world.api_url + "media/upload",
        params={"access_token": world.token(), "type": "image"},
        files={"media": ("a.jpg", JPEG)},
        timeout=20,
    ).json()["media_id"]
    for media_id in (from_messages, attached(world, purpose="2")["media_id"]):
        body = TEXT | {"attachments": [{"msgtype": "image", "image": {"media_id": media_id}}]}
        assert world.call(ADD, body)["errcode"] == 40007
    assert world.call(ADD, TEXT | {"attachments": [picture(world)]})["errcode"] == 0
    message = {"sender": WANG, "attachments": [picture(world)]}
    assert world.call("externalcontact/add_msg_template", message)["errcode"] == 40007
    assert attached(world, purpose="3")["errcode"] == 40058
    assert attached(world, kind="file")["errcode"] == 40004


def test_nine_pictures_or_one_video_or_one_link(world: World):
    """F16."""
    one = picture(world)
    movie = b"\0\0\0\x18ftypmp42" + b"\0\0\0\x6cmvhd" + bytes(12) + (1000).to_bytes(4, "big")
    short, long = (
        attached(world, "video", movie + ms.to_bytes(4, "big") + bytes(20)) for ms in (30_000, 31_000)
    )
    video = {"msgtype": "video", "video": {"media_id": short["media_id"]}}
    too_long = {"msgtype": "video", "video": {"media_id": long["media_id"]}}
    cases = [
        ([one] * 9, 0),
        ([one] * 10, 41064),
        ([video], 0),
        ([video] * 2, 41064),
        ([too_long], 41082),
        ([link(world)], 0),
        ([one, link(world)], 41065),
        ([link(world, title="字" * 22)], 40058),
        ([{"msgtype": "file", "file": {"media_id": "x"}}], 41065),
    ]
    assert [world.call(ADD, TEXT | {"attachments": many})["errcode"] for many, _ in cases] == [
        errcode for _, errcode in cases
    ]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": "a" * 2001}}, 45002),
        ({"text": {"content": "汉" * 1334}}, 45002),
        ({"text": {"content": "汉" * 1333}}, 0),
        ({"visible_range": {"user_list": ["wangfang"]}}, 40058),
    ],
)
def test_wrong_posts_are_refused(world: World, body, errcode):
    """F16."""
    assert world.call(ADD, TEXT | body)["errcode"] == errcode


def test_with_a_tag_only_those_who_carry_it_see_it(receiver):
    content = corp(receiver.base, tags=[{"id": "et1", "name": "看靴子"}])
    content["customers"][0]["tags"] = ["et1"]
    with World(content) as world:
        body = {"external_contact_list": {"tag_list": ["et1", "et9"]}}
        result = made(world, visible_range=body)
        assert result["invalid_external_contact_list"] == {"tag_list": ["et9"]}
        published = world.post(f"/phone/guide/{WANG}/publish", {"moment_id": result["moment_id"]})
        assert published["visible"] == 1
        assert "moment_id" not in made(world, visible_range={"external_contact_list": {"tag_list": ["et9"]}})


def test_an_answer_can_be_lost_after_the_job_was_taken(world: World):
    world.chaos({"api": ADD, "reset": "after", "times": 1})
    with pytest.raises(requests.ConnectionError):
        world.call(ADD, TEXT)
    world.advance(2)
    now = int(world.server.platform.clock.now())
    body = {"start_time": now - 60, "end_time": now + 60, "filter_type": 0}
    assert len(world.call("externalcontact/get_moment_list", body)["moment_list"]) == 1
