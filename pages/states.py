"""Every state of every noun: a shape, a word and a tone, always all three together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    shape: str
    """One of pages.icons.STATES"""
    word: str
    tone: str
    """quiet, run, ok, warn or bad"""


STATES = {
    "outbox": {
        "queued": State("waiting", "排队中", "quiet"),
        "calling": State("calling", "正在调用", "run"),
        "sent": State("done", "已送出", "ok"),
        "not_sent": State("failed", "没送出", "bad"),
        "unknown": State("unknown", "结果不明", "warn"),
        "held": State("paused", "等人放行", "warn"),
        "cancelled": State("ended", "已撤下", "quiet"),
        "expired": State("ended", "过了时限", "bad"),
    },
    "inbox": {
        "stored": State("waiting", "已入账", "quiet"),
        "handled": State("done", "处理好了", "ok"),
        "failed": State("calling", "等再试一次", "warn"),
        "parked": State("failed", "已停放", "bad"),
        "unknown_kind": State("ended", "没有规则，已留存", "quiet"),
    },
    "campaign": {
        "draft": State("draft", "草稿", "quiet"),
        "scheduled": State("waiting", "等开始", "quiet"),
        "running": State("calling", "进行中", "run"),
        "paused": State("paused", "已暂停", "warn"),
        "finished": State("done", "已结束", "ok"),
        "cancelled": State("ended", "已停止", "quiet"),
    },
    "announcement": {
        "scheduled": State("waiting", "等开始", "quiet"),
        "waiting": State("paused", "等总部决定", "warn"),
        "launched": State("done", "已发出", "ok"),
        "cancelled": State("ended", "已取消", "quiet"),
    },
    "friend": {
        "friend": State("done", "好友", "ok"),
        "half": State("unknown", "等客户通过", "warn"),
        "lost": State("ended", "已不是好友", "quiet"),
    },
    "guide": {
        "active": State("done", "在岗", "ok"),
        "left": State("ended", "已离职", "quiet"),
    },
    "code": {
        "waiting": State("waiting", "等平台生成", "quiet"),
        "ready": State("done", "可以用", "ok"),
        "failed": State("failed", "没生成", "bad"),
    },
    "group": {
        "active": State("done", "在用", "ok"),
        "dismissed": State("ended", "已解散", "quiet"),
    },
    "robot": {
        "active": State("done", "在用", "ok"),
        "disabled": State("failed", "已停用", "bad"),
    },
    "tick": {
        "running": State("calling", "正在跑", "run"),
        "done": State("done", "跑完了", "ok"),
        "failed": State("failed", "没跑成", "bad"),
        "never": State("waiting", "还没跑过", "quiet"),
    },
}
