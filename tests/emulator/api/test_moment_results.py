"""What became of a post: listed, published or not, in whose Moments, liked and commented, cancelled."""

from tests.cast import LIN, WANG, XU, ZHAO, ZHOU
from tests.emulator.api.test_moments import TEXT, link, made, picture, senders
from tests.wecom_world import World

LIST, TASKS = "externalcontact/get_moment_list", "externalcontact/get_moment_task"
CUSTOMERS, DELIVERED = "externalcontact/get_moment_customer_list", "externalcontact/get_moment_send_result"
COMMENTS, CANCEL = "externalcontact/get_moment_comments", "externalcontact/cancel_moment_task"


def listed(world: World, **more):
    now = int(world.server.platform.clock.now())
    return world.call(LIST, {"start_time": now - 3600, "end_time": now + 3600} | more)


def publish(world: World, userid, moment_id):
    return world.post(f"/phone/guide/{userid}/publish", {"moment_id": moment_id})


def test_the_list_shows_content_by_kind_and_no_creator_of_a_company_post(world: World):
    one = picture(world)
    made(world, attachments=[one, one])
    made(world, attachments=[link(world)])
    first, second = listed(world)["moment_list"]
    assert "creator" not in first and first["create_type"] == 0 and first["visible_type"] == 1
    assert first["image"] == [one["image"]] * 2 and first["text"] == TEXT["text"]
    assert second["link"]["title"] == "尺码" and "image" not in second


def test_the_list_comes_in_pages_and_covers_thirty_days(world: World):
    for _ in range(3):
        made(world)
    page = listed(world, limit=2)
    rest = listed(world, limit=2, cursor=page["next_cursor"])
    assert (len(page["moment_list"]), len(rest["moment_list"]), rest["next_cursor"]) == (2, 1, "")
    assert world.call(LIST, {"start_time": 0, "end_time": 31 * 86_400})["errcode"] == 40058
    assert listed(world, limit=21)["errcode"] == 40058


def test_nothing_is_told_of_a_copy_before_she_published_it(world: World):
    moment_id = made(world, **senders(WANG, ZHAO))["moment_id"]
    ask = {"moment_id": moment_id, "userid": WANG}
    assert [world.call(api, ask)["errcode"] for api in (CUSTOMERS, DELIVERED, COMMENTS)] == [41062] * 3
    assert world.call(CUSTOMERS, ask | {"userid": ZHOU})["errcode"] == 41061
    assert world.call(TASKS, {"moment_id": "mom?"})["errcode"] == 41060
    publish(world, WANG, moment_id)
    assert world.call(TASKS, {"moment_id": moment_id})["task_list"] == [
        {"userid": WANG, "publish_status": 1},
        {"userid": ZHAO, "publish_status": 0},
    ]
    assert world.call(CUSTOMERS, ask)["customer_list"] == [
        {"userid": WANG, "external_userid": LIN},
        {"userid": WANG, "external_userid": XU},
    ]
    page = world.call(DELIVERED, ask | {"limit": 1})
    assert page["customer_list"] == [{"external_userid": LIN}] and page["next_cursor"]


def test_likes_and_comments_are_counted_without_their_words(world: World):
    moment_id = made(world, **senders(WANG))["moment_id"]
    publish(world, WANG, moment_id)
    for who, words in (
        (XU, ""),
        (LIN, ""),
        (LIN, "有 37 码吗"),
        (XU, ""),
    ):  # the second like takes the first back
        world.post(f"/phone/customer/{who}/react", {"moment_id": moment_id, "userid": WANG, "words": words})
    told = world.call(COMMENTS, {"moment_id": moment_id, "userid": WANG})
    assert [one["external_userid"] for one in told["like_list"]] == [LIN]
    assert [set(one) for one in told["comment_list"]] == [{"external_userid", "create_time"}]


def test_cancelling_stops_who_has_not_published(world: World):
    moment_id = made(world, **senders(WANG, ZHAO))["moment_id"]
    publish(world, WANG, moment_id)
    assert [world.call(CANCEL, {"moment_id": moment_id})["errcode"] for _ in range(2)] == [0, 0]
    phone = world.get(f"/phone/guide/{ZHAO}")["moments"]
    assert phone[0]["cancelled"] and not phone[0]["published"]
    assert len(world.ledger("moment")) == 2
