"""What goes with a message: each customer's poster, one picture for all, uploaded once and trusted while it lives."""

from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
import requests
from PIL import Image
from sqlmodel import select

from models.accounts import Account, Role
from models.campaigns import pictures
from models.campaigns.files import keep_file
from models.campaigns.pictures import Media
from models.campaigns.variants import poster_of
from models.friends import entry_codes
from models.ledger.outbox import OutboxStatus
from scheduler import jobs
from scheduler.channels import attachments
from scheduler.channels.mass import CODE_FIRST
from scheduler.channels.mass_nouns import NO_CODE
from scheduler.jobs import campaigns
from tests import cast
from tests.cast import CHEN, LIN, SU, WANG, XU, ZHAO, ZHOU
from tests.scheduler.channels.test_mass import ADD
from tests.second_reader import second_reader

ADD_CODE = "externalcontact/add_contact_way"


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def with_codes(stage):
    with stage.db.write() as session:
        for guide in (stage.people.wang, stage.people.zhao, stage.people.zhou):
            cast.ready_code(session, guide=guide)


def picture(stage, colour="navy"):
    out = BytesIO()
    Image.new("RGB", (750, 900), colour).save(out, "JPEG")
    with stage.db.write() as session:
        return pictures.keep_picture(
            session,
            sha256=sha256(out.getvalue()).hexdigest(),
            name="雪地靴.jpg",
            width=750,
            height=900,
            content=out.getvalue(),
            now=stage.now,
        ).id


def media_of(stage, row):
    """The bytes behind a delivered attachment, as the customer's phone shows them."""
    answer = requests.get(
        f"{stage.world.url}/pic/{row['what']['attachments'][0]['image']['media_id']}", timeout=20
    )
    assert answer.ok
    return answer.content


def test_every_customers_poster_leads_back_to_her_own_guide_K05(stage):
    """Read by a second library, from what the customer received."""
    with_codes(stage)
    stage.launch(
        attachments=cast.poster(headline="初雪，\n先暖脚", price="699", subline="羊毛里"),
    )
    for userid in (WANG, ZHAO, ZHOU):
        stage.world.confirm(
            userid,
            stage.task(getattr(stage.people, {WANG: "wang", ZHAO: "zhao", ZHOU: "zhou"}[userid])).msgid,
        )
    seen = {}
    for row in stage.arrived("mass"):
        picture = media_of(stage, row)
        assert Image.open(BytesIO(picture)).width == 1080
        seen[row["what"]["userid"], row["who"]] = second_reader(picture)
    people = stage.people
    assert seen == {
        (userid, customer): f"https://work.weixin.qq.com/ca/st{userid}{guide.id}"
        for userid, guide, customer in (
            (WANG, people.wang, XU),
            (WANG, people.wang, LIN),
            (ZHAO, people.zhao, SU),
            (ZHOU, people.zhou, CHEN),
        )
    }


def test_a_poster_is_drawn_once_and_kept_under_its_content(stage):
    with_codes(stage)
    stage.launch(attachments=cast.poster(headline="初雪"))
    task = stage.task(stage.people.wang)
    with stage.db.read() as session:
        plan = poster_of(session, task)
    assert task.poster == plan.key and task.media_id
    drawn = len(list((stage.runtime.data_dir / "posters").glob("*/*")))
    assert drawn == 4, "the art once, and three strips"
    uploads = len(stage.calls("media/upload"))
    stage.launch(name="同样的海报", attachments=cast.poster(headline="初雪"))
    assert len(stage.calls("media/upload")) == uploads, (
        "the same bytes are not uploaded twice within three days"
    )


def test_a_poster_waits_for_the_code_that_is_being_made_and_then_bears_it(stage):
    """The guide came a minute ago: her campaign is late, not lost."""
    stage.world.chaos({"api": ADD_CODE, "errcode": -1, "times": 1})
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, stage.people.wang, stage.now)
    stage.plan(attachments=cast.poster(headline="初雪"))
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    [row] = stage.rows("mass")
    assert (row.status, row.attempts, row.reason) == (OutboxStatus.QUEUED, 0, CODE_FIRST)
    assert stage.task(stage.people.wang).skipped == ""
    stage.advance(seconds=10)
    stage.work()
    stage.advance(seconds=10)
    stage.work()
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    with stage.db.read() as session:
        hers = entry_codes.of_guide(session, stage.people.wang.id)
    assert hers.payload and {second_reader(media_of(stage, row)) for row in stage.arrived("mass")} == {
        hers.payload
    }


def test_a_poster_whose_code_the_platform_refuses_is_not_sent_and_says_so(stage):
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, stage.people.wang, stage.now)
    stage.world.chaos({"api": ADD_CODE, "errcode": 84061})
    stage.launch(attachments=cast.poster(headline="初雪"))
    [row] = stage.rows("mass")
    assert (row.status, row.reason) == (OutboxStatus.NOT_SENT, NO_CODE) and stage.task(
        stage.people.wang
    ).skipped == NO_CODE


def test_one_picture_for_all_is_uploaded_once(stage):
    stage.launch(attachments=cast.pictured(picture(stage)))
    assert len(stage.calls("media/upload")) == 1 and len(stage.calls(ADD)) == 3


@pytest.mark.parametrize(
    ("attached", "wide"),
    [(cast.pictured, 750), (lambda one: cast.poster(picture_id=one, headline="初雪"), 1080)],
)
def test_a_picture_or_a_poster_needs_no_text_beside_it(stage, attached, wide):
    with_codes(stage)
    stage.launch(text="", attachments=attached(picture(stage)))
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    received = stage.arrived("mass", XU)[0]
    assert not received["what"].get("text")
    assert Image.open(BytesIO(media_of(stage, received))).width == wide


def test_a_picture_whose_upload_hangs_does_not_keep_the_other_rows_until_their_leases_end(stage, monkeypatch):
    monkeypatch.setattr(attachments, "TURN_SECONDS", 0.01)
    with ExitStack() as hanging:
        for turn in attachments._turns:
            hanging.enter_context(turn)
        stage.launch(attachments=cast.pictured(picture(stage)))
    assert {(row.status, row.attempts, row.reason) for row in stage.rows("mass")} == {
        (OutboxStatus.QUEUED, 0, attachments.UPLOADING)
    }
    stage.advance(seconds=6)
    stage.work()
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.SENT} and len(
        stage.calls("media/upload")
    ) == 1


def test_a_media_id_that_has_expired_is_uploaded_again_once_B14(stage):
    """Three days pass between preparing and sending."""
    number = picture(stage)
    stage.launch(attachments=cast.pictured(number))
    with stage.db.write() as session:
        media = session.exec(select(Media)).one()
        media.media_id = "forgotten-by-the-platform"
    stage.plan(attachments=cast.pictured(number), name="第二次")
    stage.tick(seconds=0)
    stage.advance(seconds=10)
    stage.work()
    rows = stage.rows("mass")[3:]
    assert [row.status for row in rows] == [OutboxStatus.SENT] * 3 and max(row.attempts for row in rows) == 2
    assert len(stage.calls("media/upload")) <= 1 + 3


def test_remembered_media_is_trusted_for_less_than_three_days(stage):
    with stage.db.write() as session:
        pictures.remember_media(session, {("s" * 64, "image"): "m1"}, stage.now)
        pictures.remember_media(session, {("s" * 64, "image"): "m2"}, stage.now)
        assert pictures.known_media(session, "s" * 64, "image", stage.now) == "m2"
        later = stage.now + timedelta(hours=71)
        assert pictures.known_media(session, "s" * 64, "image", later) == ""
    campaigns.forget_media(stage.runtime, later)
    with stage.db.read() as session:
        assert session.exec(select(Media)).all() == []


def test_a_poster_that_is_not_drawn_in_time_waits_and_uses_up_no_try(stage, monkeypatch):
    """Other programs had both cores: after three tries her task was 没送出, with an error of the program."""
    with_codes(stage)
    with monkeypatch.context() as busy:
        busy.setattr("posters.shelf.DRAW_SECONDS", 0.0)
        stage.launch(attachments=cast.poster(headline="初雪"))
        assert {(row.status, row.attempts, row.reason) for row in stage.rows("mass")} == {
            (OutboxStatus.QUEUED, 0, attachments.DRAWING)
        }
    stage.advance(seconds=attachments.DRAWN_LATER_SECONDS + 1)
    stage.work()
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.SENT}


def test_nine_attachments_arrive_in_their_order_each_uploaded_once(stage):
    """Pictures, a link with its cover, a mini-program, a video and a file, beside her own poster (contract 6.1)."""
    with_codes(stage)
    cover = picture(stage)
    link = {"form": "link", "url": "https://shop.example/boots", "title": "尺码怎么选", "note": "量一下脚长"}
    attached = [
        *cast.poster(headline="初雪"),
        link | {"picture_id": cover},
        link | {"picture_id": None},
        {"form": "program", "appid": "wx0123456789abcdef", "page": "pages/boots", "title": "雪地靴"}
        | {"picture_id": cover},
        {"form": "video", "file_id": stored(stage, "video", b"\0\0\0\x18ftypmp42" + b"v" * 20)},
        {"form": "file", "file_id": stored(stage, "file", b"sizes by foot length")},
        *cast.pictured(cover),
        *cast.pictured(picture(stage, "crimson")),
        *cast.pictured(picture(stage, "olive")),
    ]
    stage.launch(attachments=attached)
    assert {row.status for row in stage.rows("mass")} == {OutboxStatus.SENT}
    stage.world.confirm(WANG, stage.task(stage.people.wang).msgid)
    arrived = stage.arrived("mass", XU)[0]["what"]["attachments"]
    kinds = ["image", "link", "link", "miniprogram", "video", "file", "image", "image", "image"]
    assert [one["msgtype"] for one in arrived] == kinds
    assert "picurl" not in arrived[2]["link"] and requests.get(arrived[1]["link"]["picurl"], timeout=20).ok
    assert arrived[3]["miniprogram"]["pic_media_id"] == arrived[6]["image"]["media_id"]
    # three posters, three pictures, a video and a file; the cover's address apart
    assert len(stage.calls("media/upload")) == 3 + 3 + 2
    assert len(stage.calls("media/uploadimg")) == 1


def stored(stage, form, content):
    with stage.db.write() as session:
        account = session.exec(select(Account)).first() or cast.add(
            session,
            Account(login="zhou", name="周岚", role=Role.HQ, password_hash="", created_at=stage.now),
        )
        kept = keep_file(
            session, form=form, name=f"a.{form}", content=content, account_id=account.id, now=stage.now
        )
        return kept.id
