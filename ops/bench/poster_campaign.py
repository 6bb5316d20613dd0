"""A campaign with posters to thousands of guides, beside the platform's bare rate: uploads and calls by prepared requests.

The platform has one core to itself; whoever calls it has the other, with everything that it needs for that.
"""

import contextlib
import json
import os
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlmodel import col, select

from models.friends import Customer, Friend
from models.org import Guide
from ops.bench import caller
from ops.bench.machine import family, family_cpu_seconds
from ops.bench.programs import DidNotWork
from ops.bench.report import Report, ms, progress, times
from ops.bench.stage import ART, Stage, delivered, start_campaign
from posters.drawing import Size, draw
from posters.fields import Art, Person, PosterFields
from posters.samples import picture

LEAST = 0.7
CONNECTIONS = 4
BARE_SHARE = 4
"""The bare rate is measured with so many times fewer guides, twice"""
SECONDS_FOR_ALL = 600.0
LOOK_SECONDS = 0.1


def measure(report: Report, stage: Stage) -> None:
    """Both sides on the same stage, the bare one first and last, so that a busier machine hurts both."""
    usual = sorted(os.sched_getaffinity(0))
    pin(family(stage.wecom.pid), usual[-1:])
    pin([os.getpid(), *family(stage.app.pid)], usual[:1])
    try:
        before = bare_rate(stage)
        used = family_cpu_seconds(stage.app.pid)
        ours = campaign_rate(stage)
        used = family_cpu_seconds(stage.app.pid) - used
        after = bare_rate(stage)
    finally:
        pin([os.getpid(), *family(stage.app.pid), *family(stage.wecom.pid)], usual)
    bare = (before + after) / 2
    report.claim(
        ours >= LEAST * bare,
        f"活动带海报发出的速度是平台空载的 {times(ours, bare):.2f} 倍",
        f"要 {LEAST:g}",
        f"{stage.guides:,} 位导购，每秒 {ours:.1f} 对 {bare:.1f} 位",
        f"每位导购 CPU {ms(used / stage.guides)}，连卡片和画海报",
        "平台独占一核，程序连画海报共一核" if len(usual) > 1 else "全在一核",
    )


def pin(pids: list[int], cores: list[int]) -> None:
    """Every thread of them: what is started later inherits it."""
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):  # ended while we looked
                os.sched_setaffinity(int(thread), cores)


def bare_rate(stage: Stage) -> float:
    """Guides per second, each with one poster uploaded and one mass message made: over sockets, from prepared bytes."""
    guides = max(stage.guides // BARE_SHARE, 1)
    progress(f"平台空载，{guides} 位")
    person = Person("王芳", "霁野 · 沈阳中街店", "https://work.weixin.qq.com/ca/bare")
    poster = draw(PosterFields(person, Art(picture=picture(ART))), Size.FULL)
    with stage.db.read() as session:
        friend, guide = session.execute(
            select(Friend, Guide).join(Guide, col(Friend.owner_id) == Guide.id).limit(1)
        ).one()
        customer = session.get_one(Customer, friend.customer_id).external_userid
    upload = prepared(
        stage, "media/upload", {"type": "image"}, files={"media": ("poster.jpg", poster, "image/jpeg")}
    )
    media = answered(upload)["media_id"]
    message = {
        "chat_type": "single",
        "external_userid": [customer],
        "sender": guide.userid,
        "text": {"content": "沈阳今晚有雪，想试雪地靴可以来店里。"},
        "attachments": [{"msgtype": "image", "image": {"media_id": media}}],
    }
    call = prepared(
        stage, "externalcontact/add_msg_template", {}, data=json.dumps(message, ensure_ascii=False).encode()
    )
    answered(call)
    place = urlsplit(stage.wecom_url)
    orders = [(0.0, on_wire(upload)), (0.0, on_wire(call))] * guides
    began = time.monotonic()
    outcome = caller.call((place.hostname or "", place.port or 0), orders, CONNECTIONS)
    took = time.monotonic() - began
    refused = sum(status != 200 for _, _, status in outcome)
    if refused:
        raise DidNotWork(f"平台没接受 {refused} 个请求")
    return guides / took


def campaign_rate(stage: Stage) -> float:
    """Guides per second, from the first whose task the platform has accepted to the last."""
    guides = stage.guides
    progress(f"活动发给 {guides} 位导购")
    campaign = start_campaign(stage.db, "初雪雪地靴")
    deadline = time.monotonic() + SECONDS_FOR_ALL
    first, began, done = 0, 0.0, 0
    while done < guides:
        if time.monotonic() > deadline:
            raise DidNotWork(f"{SECONDS_FOR_ALL:.0f} 秒后还有 {guides - done} 位没有发到")
        time.sleep(LOOK_SECONDS)
        done = delivered(stage.db, campaign)
        if done and not first:
            first, began = done, time.monotonic()
    return (guides - first) / (time.monotonic() - began)


def prepared(stage: Stage, api: str, query: dict[str, str], **content: Any) -> requests.PreparedRequest:
    secret = {"corpid": stage.keys["corp_id"], "corpsecret": stage.keys["app_secret"]}
    token = requests.get(f"{stage.wecom_url}/cgi-bin/gettoken", secret, timeout=30).json()["access_token"]
    asked = {"access_token": token, **query}
    return requests.Request("POST", f"{stage.wecom_url}/cgi-bin/{api}", params=asked, **content).prepare()


def answered(request: requests.PreparedRequest) -> dict[str, Any]:
    """Asked once, to see that the platform takes it."""
    with requests.Session() as session:
        answer: dict[str, Any] = session.send(request, timeout=30).json()
    if answer.get("errcode"):
        raise DidNotWork(str(answer))
    return answer


def on_wire(request: requests.PreparedRequest) -> bytes:
    """Its bytes, for a kept connection."""
    host = urlsplit(request.url or "").netloc
    headers = {"Host": host, **request.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
    return f"POST {request.path_url} HTTP/1.1\r\n{head}\r\n".encode() + body
