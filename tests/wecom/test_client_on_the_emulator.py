"""The wire against the built-in WeCom: two programs that share no line agree on every byte."""

from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.cast import LIN, SHOP_CHAT
from tests.serving import running
from tests.wecom.closed_windows import MemoryClosedWindows
from tests.wecom.failures import failure
from tests.wecom_world import WEBHOOK, World, corp
from wecom.callbacks import KeyRing, encrypt_robot, open_envelope, open_robot, robot_stream
from wecom.client import WorkClient
from wecom.errors import Action
from wecom.events import parse_event, parse_robot
from wecom.oauth import Identity, authorize_url, identify, ticket
from wecom.tokens import MemoryTokens
from wecom.webhook import WebhookRobot


def utc_now():
    return datetime.now(UTC)


class Taken(list):
    def answer(self, path, query, body):
        return ""


@pytest.fixture
def inbox():
    """An address of ours that takes callbacks, (path, query, body) each, and answers what it is told to."""
    taken = Taken()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            taken.append((parts.path, parse_qs(parts.query), body))
            reply = taken.answer(*taken[-1]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    server.daemon_threads = True
    with running(server) as address:
        yield address, taken


@pytest.fixture
def world(inbox):
    with World(corp(inbox[0])) as world:
        yield world


@pytest.fixture
def client(world):
    app = world.content["app"]
    client = WorkClient(
        world.content["corp_id"], app["secret"], agent_id=app["agentid"], base_url=world.api_url,
        tokens=MemoryTokens(), closed_windows=MemoryClosedWindows(),
    )  # fmt: skip
    yield client
    client.close()


@pytest.fixture
def robot(world):
    robot = WebhookRobot(world.api_url, closed_windows=MemoryClosedWindows())
    yield robot
    robot.close()


def ring(world, part, receive_id):
    return KeyRing([(world.content[part]["token"], world.content[part]["aes_key"])], receive_id)


def say(content):
    return {"msgtype": "text", "text": {"content": content}}


def way(client, user="wangfang"):
    made = client.call(
        "externalcontact/add_contact_way",
        {"type": 1, "scene": 2, "user": [user], "state": "st0420", "skip_verify": True},
    )
    return made["config_id"], made["qr_code"]


def test_the_directory_is_read_with_a_token_that_is_renewed_when_it_ends(client, world):
    assert client.call("user/get", params={"userid": "wangfang"})["name"] == "王芳"
    world.expire_tokens()
    assert client.call("user/get", {"userid": "zhoumei"})["name"] == "周梅"
    assert failure(client.call, "user/get", {"userid": "nobody"}).action is Action.REFUSED


def test_a_wrong_secret_is_held_after_one_question_B05(world):
    client = WorkClient(
        world.content["corp_id"],
        "wrong-secret",
        base_url=world.api_url,
        tokens=MemoryTokens(),
        closed_windows=MemoryClosedWindows(),
    )
    assert failure(client.call, "user/get", {"userid": "wangfang"}).errcode == 40001
    assert failure(client.call, "user/get", {"userid": "wangfang"}).errcode is None
    assert len(world.ledger("call")) == 1
    client.close()


def test_a_code_is_scanned_and_the_friend_is_welcomed_once(client, world, inbox):
    config_id, picture_url = way(client)
    assert client.fetch_picture(picture_url).startswith((b"\x89PNG", b"\xff\xd8"))
    scanned = world.scan(world.new_customer(), config_id, wait=True, name="顾客")
    path, query, body = inbox[1][-1]
    opened = open_envelope(body, query, ring(world, "app", world.content["corp_id"]), utc_now())
    event = parse_event(opened)
    assert path == "/callback/app"
    assert event.kind.startswith("change_external_contact.add_")
    assert (event.user, event.external_user) == ("wangfang", scanned["external_userid"])
    assert event.text("State") == "st0420"
    welcome = {"welcome_code": event.text("WelcomeCode"), "text": {"content": "您好，我是王芳"}}
    client.call("externalcontact/send_welcome_msg", welcome)
    again = failure(client.call, "externalcontact/send_welcome_msg", welcome)
    assert again.action in (Action.DONE, Action.REFUSED)
    assert len(world.ledger("welcome")) == 1


def test_a_picture_is_uploaded_and_a_mass_message_is_confirmed_by_hand(client, world):
    media_id = client.upload("image", b"\xff\xd8\xff\xe0" + b"poster" * 1000, "poster.jpg")
    made = client.call(
        "externalcontact/add_msg_template",
        {"chat_type": "single", "sender": "wangfang", "external_userid": [LIN], "text": {"content": "新品到店"},
         "attachments": [{"msgtype": "image", "image": {"media_id": media_id}}]},
    )  # fmt: skip
    assert world.ledger("mass") == []
    world.confirm("wangfang", made["msgid"])
    assert [row["who"] for row in world.ledger("mass")] == [LIN]
    tasks = client.call("externalcontact/get_groupmsg_task", {"msgid": made["msgid"]})["task_list"]
    assert [(task["userid"], task["status"]) for task in tasks] == [("wangfang", 2)]


def test_a_leaver_is_told_by_the_directorys_callback(world, inbox):
    world.leave("zhaoqian", wait=True)
    events = [
        parse_event(open_envelope(body, query, ring(world, part, world.content["corp_id"]), utc_now()))
        for path, query, body in inbox[1]
        for part in [path.rsplit("/", 1)[1]]
    ]
    left = next(event for event in events if event.kind == "change_contact.delete_user")
    assert left.user == "zhaoqian"


def test_a_robot_posts_and_is_asked(robot, world, inbox):
    robot.send(WEBHOOK, {"msgtype": "text", "text": {"content": "早班开始", "mentioned_list": ["wangfang"]}})
    assert [row["who"] for row in world.ledger("robot")] == [SHOP_CHAT]
    assert failure(robot.send, "no-such-key", say("x")).action is Action.REFUSED
    world.say(SHOP_CHAT, "wangfang", "@小霁 今日任务", wait=True)
    path, query, body = next(one for one in inbox[1] if one[0] == "/callback/robot")
    message = parse_robot(open_robot(body, query, ring(world, "robot", ""), utc_now()))
    assert (message.kind, message.user, message.text) == ("text", "wangfang", "@小霁 今日任务")


def test_a_robots_answer_in_the_callback_reaches_the_group(world, inbox):
    def answer(path, query, body):
        opened = open_robot(body, query, ring(world, "robot", ""), utc_now())
        return encrypt_robot(robot_stream("S1", "今天有 **1 件**"), opened.ring, utc_now())

    inbox[1].answer = answer
    world.say(SHOP_CHAT, "wangfang", "@小霁 今日任务", wait=True)
    assert any("1 件" in str(row["what"]) for row in world.ledger("robot_reply"))


def test_a_tap_on_a_card_arrives_with_its_key_and_a_code_to_update_it(client, world, inbox):
    card = {
        "card_type": "button_interaction", "main_title": {"title": "今日转发"}, "task_id": "t1@1",
        "button_list": [{"type": 0, "text": "我已发", "style": 1, "key": "said"}],
    }  # fmt: skip
    notice = {
        "touser": "wangfang",
        "msgtype": "template_card",
        "agentid": client.agent_id,
        "template_card": card,
    }
    client.call("message/send", notice)
    world.click("wangfang", "t1@1", "said", wait=True)
    event = parse_event(open_envelope(*inbox[1][-1][:0:-1], ring(world, "app", client.corp_id), utc_now()))
    assert (event.kind, event.actor, event.text("EventKey")) == ("template_card_event", "wangfang", "said")
    again = {"userids": ["wangfang"], "agentid": client.agent_id, "response_code": event.text("ResponseCode")}
    client.call("message/update_template_card", again | {"button": {"replace_name": "已记下"}})
    assert (
        failure(
            client.call, "message/update_template_card", again | {"button": {"replace_name": "x"}}
        ).errcode
        == 60140
    )


def test_twenty_a_minute_and_then_the_robot_is_held_B02(robot, world):
    for number in range(20):
        robot.send(WEBHOOK, say(f"第 {number} 条"))
    assert failure(robot.send, WEBHOOK, say("第 21 条")).errcode == 45009
    assert failure(robot.send, WEBHOOK, say("第 22 条")).errcode is None
    assert len(world.ledger("robot")) == 20


@pytest.mark.parametrize(
    ("rule", "action"),
    [({"errcode": 45009}, Action.WINDOW), ({"errcode": 45033}, Action.SLOWER), ({"html": 502}, Action.UNKNOWN),
     ({"html": 200}, Action.UNKNOWN), ({"reset": "before"}, Action.UNKNOWN), ({"reset": "after"}, Action.UNKNOWN)],
)  # fmt: skip
def test_chaos_is_named_for_what_it_is_B06_B08(client, world, rule, action):
    world.chaos({"api": "message/send", **rule})
    notice = {
        "touser": "wangfang",
        "msgtype": "text",
        "agentid": client.agent_id,
        "text": {"content": "今日任务"},
    }
    assert failure(client.call, "message/send", notice).action is action
    executed = rule == {"reset": "after"}
    assert len(world.ledger("notice")) == (1 if executed else 0)


def test_a_guide_is_recognised_by_a_code_that_works_once(client, world):
    back = world.content["app"]["home"] + "back"
    url = authorize_url(client.corp_id, back, "s1", agent_id=client.agent_id, base=world.url)
    cookies = {"onetap_wecom_member": "wangfang"}
    sent_back = requests.get(url, cookies=cookies, allow_redirects=False, timeout=20).headers["Location"]
    query = parse_qs(urlsplit(sent_back).query)
    assert query["state"] == ["s1"]
    assert identify(client, query["code"][0]) == Identity("wangfang", None)
    assert failure(identify, client, query["code"][0]).action is Action.REFUSED
    assert ticket(client, "corp", utc_now()) != ticket(client, "agent", utc_now())
