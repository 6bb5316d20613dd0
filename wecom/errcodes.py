"""The platform's error codes: what each one makes us do, and the words that people read."""

from collections.abc import Iterable
from datetime import datetime

from wecom.errors import (
    MINUTE,
    MOST_DETAIL,
    STOP_SECONDS,
    Action,
    PlatformError,
    Verdict,
    redact,
    window_seconds,
)
from wecom.sentences import Sentence

TOKEN_CODES = frozenset({40014, 41001, 42001})
USED_CODES = frozenset({40029, 42003, 42022})
"""A code of the sign-in is unknown, too old or used up: another round brings a fresh one"""


def _retry(words: str, after: float) -> Verdict:
    return Verdict(Action.RETRY, words, after)


def _stop_secret(words: str) -> Verdict:
    return Verdict(Action.STOP, words, STOP_SECONDS, "secret")


def _stop_api(words: str) -> Verdict:
    return Verdict(Action.STOP, words, STOP_SECONDS, "api")


def _no(words: str) -> Verdict:
    return Verdict(Action.REFUSED, words)


def _done(words: str) -> Verdict:
    return Verdict(Action.DONE, words)


_BUG = "平台不接受这次调用的内容，请把这一行交给技术人员"
_TOKEN = "访问凭证换新后平台仍不接受，稍后自动再试；一直这样时请检查是否有别的程序共用这个密钥"
_SCOPE = "这个应用没有这项权限，请管理员在企业微信后台「客户联系 → API」里把它加入可调用接口的应用"
_RANGE = "对方不在应用的可见范围，请管理员在企业微信后台添加"
_CARD = "卡片内容不符合平台要求，请把这一行交给技术人员"

CODES: dict[int, Verdict] = {
    -1: _retry("平台忙，稍后自动再试", 3.0),
    6000: _retry("同一份资料正被别处修改，稍后自动再试", 5.0),
    40001: _stop_secret("应用密钥不对，或应用已停用。为免地址被封，已暂停 5 分钟，请管理员核对密钥"),
    40003: _no("企业微信里没有这位员工，可能已离职或不在应用的可见范围"),
    40007: Verdict(Action.REUPLOAD, "图片在平台上已过期，需要重新上传"),
    40008: _no("平台不认识这种消息类型，请把这一行交给技术人员"),
    40013: _stop_secret("企业编号不对，请管理员核对企业 ID"),
    40014: _retry(_TOKEN, 30.0),
    41001: _retry(_TOKEN, 30.0),
    42001: _retry(_TOKEN, 30.0),
    40029: _no("登录凭证无效，请回到企业微信重新打开"),
    42003: _no("登录凭证已过期，请回到企业微信重新打开"),
    42022: _no("登录凭证已经用过，请回到企业微信重新打开"),
    40031: _no("接收人名单里有平台不认识的员工"),
    40032: _no("一次的接收人太多，请分批"),
    40033: _no(_BUG),
    40035: _no(_BUG),
    40050: _no(_BUG),
    40054: _no("网址不合规，请检查链接是否完整"),
    40055: _no("网址不合规，请检查链接是否完整"),
    40056: _no("应用编号不对，请管理员核对 AgentId"),
    40058: _no(_BUG),
    40063: _no("有必填的内容是空的"),
    40068: _no("标签已被删除或编号不对，请重新同步标签"),
    40093: _no("页面签名不对，请把这一行交给技术人员"),
    40096: _no("这位客户的编号已失效，可能已不是好友"),
    40097: _no("这位员工还没有离职，请用在职继承"),
    40099: _no("对方的客户数已满，请换一位导购"),
    40100: _done("这位客户已在交接中"),
    40129: _done("这位客户已在交接中"),
    40126: _no("企业标签已满 3,000 个，请先清理"),
    40128: _no("这位客户 90 天内已交接过 2 次，平台不再允许"),
    40130: _no("交接双方是同一个人"),
    40131: _no("原导购已不是这位客户的好友"),
    40201: _no("内容被平台的反垃圾规则拦下，请修改文案"),
    40204: _no("内容被平台的反垃圾规则拦下，请修改文案"),
    40205: _no("这位员工一年没有登录微信，请她先登录"),
    41004: _stop_secret("没有填写应用密钥，请管理员填写"),
    41035: _no(_BUG),
    41037: _no(_BUG),
    41038: _no(_BUG),
    41039: _no(_BUG),
    41040: _no(_BUG),
    41041: _no("一个入口码最多 100 位员工，请减少"),
    41042: _no("入口码已被删除或编号不对"),
    41043: _no("入口码已被删除或编号不对"),
    41044: _no("入口码已被删除或编号不对"),
    41045: _no("入口码已满 50 万个，请先删除不用的"),
    41046: _no("群发任务编号不对"),
    41047: _no("群发任务编号不对"),
    41048: _no("名单里没有一位可以发送的客户：都不是好友，或这个周期已收过群发"),
    41049: _no("没有欢迎语凭证，这次没有欢迎语"),
    41050: _no("欢迎语的 20 秒已过，这次没有欢迎语"),
    41051: _done("双方已在聊天，或别的应用先发了欢迎语"),
    41053: _no("客户没有同意会话存档"),
    41054: _no("这位员工还没有激活或实名，请她先登录企业微信"),
    41055: _no("入群欢迎语素材已满，请先删除不用的"),
    41058: _no("这条入群欢迎语不是本应用建的，改不了"),
    41059: _no("没有说明是哪一条朋友圈"),
    41060: _no("平台找不到这条朋友圈"),
    41061: _no("这条朋友圈不是她发表的"),
    41062: _no("她还没有发表这条朋友圈"),
    41063: _retry("群发任务还在派发，稍后再看结果", MINUTE),
    41064: _no("附件太多"),
    41065: _no("附件类型不对"),
    41067: _no("这条朋友圈不是企业建的"),
    41072: Verdict(Action.REUPLOAD, "图片的上传方式与用途不符，需要重新上传"),
    41078: _retry("同时在建的朋友圈任务太多，稍后自动再试", MINUTE),
    41079: _retry("朋友圈任务还在派发，稍后自动再试", MINUTE),
    41080: _no("附件太大"),
    41081: _no("图片尺寸太大"),
    41082: _no("视频太长"),
    41091: _no("一个群活码最多 5 个群"),
    41093: _no("这次群发已被停止"),
    41094: _no("24 小时内已提醒过 3 次，平台不再允许"),
    41095: _no("获客链接的额度已用完"),
    41096: _done("这条欢迎语正在发出"),
    42015: _no("发卡片的不是这个应用，更新不了"),
    42016: _no("平台找不到这张卡片"),
    42052: _no("发出超过 24 小时，撤不回了"),
    43009: _no("企业还没有认证，平台限制了这项功能"),
    43012: _stop_api("应用没有设置接收消息的地址，按钮卡片发不出，请管理员设置回调"),
    44004: _no("正文是空的"),
    45001: _no("文件太大"),
    45002: _no("正文太长"),
    45008: _no("图文超过 8 条"),
    45009: Verdict(Action.WINDOW, "平台说这一段时间太多，已自动等待，没有丢", MINUTE, "api"),
    45029: _no("一次取的太多，请把这一行交给技术人员"),
    45033: Verdict(Action.SLOWER, "同时调用太多，已放慢，没有丢", 2.0),
    48001: _stop_api(_SCOPE),
    48002: _stop_api(_SCOPE),
    48006: _stop_secret("应用太久没有使用，平台收回了权限，请管理员在后台重新启用"),
    48009: _stop_api("通讯录密钥不能从新地址读取员工详情，改用应用密钥同步可见范围"),
    50001: _no("登录页的域名不是应用的可信域名，请管理员在后台设置"),
    50003: _stop_secret("应用已被停用，请管理员在后台启用"),
    60011: _no(_RANGE),
    60020: _stop_secret("服务器地址不在企业可信 IP 里，请管理员添加，约 1 分钟后生效"),
    60021: _no(_RANGE),
    60030: _no(_RANGE),
    60111: _no("企业微信里没有这位员工，可能已离职"),
    60140: _done("这张卡片的更新凭证已用过或过期，页面上的状态为准"),
    80001: _no("域名没有备案或主体不同"),
    81013: _no("接收人都不在应用的可见范围，请管理员在企业微信后台添加"),
    81017: _no("一次要的太多，请把这一行交给技术人员"),
    82001: _no("没有接收人"),
    84061: _no("已经不是好友"),
    84074: _no("这位导购没有「客户联系」功能，请管理员在企业微信后台「客户联系」里给她开通"),
    85005: _no("应用的可信域名没有验证"),
    86003: _no("这个群已经解散，或我们看不到它"),
    49008: _no("这个群已经解散，或我们看不到它"),
    90207: _no("小程序编号不对"),
    90208: _no("小程序没有关联到企业"),
    90500: _no("群主还没有离职，请用在职继承"),
    90501: _no("这不是客户群"),
    90502: _no("群主已经离职，请先分配新群主"),
    90507: _done("这个群正在交接"),
    90508: _done("这个群已经交接过"),
    90509: _no("这不是客户群"),
    93000: _no("机器人已被移出这个群，或地址不对，请在群里重新添加后更新地址"),
    93004: _no("机器人已被停用，请在群里启用"),
    93006: _no("群的编号不对"),
    93008: _no("机器人不在这个群里"),
    301002: _stop_api("密钥与应用编号不是同一个应用，请管理员核对"),
    301019: _no("图片校验不对，请把这一行交给技术人员"),
    701008: _no("没有互通授权"),
}
CODES.update(dict.fromkeys([42014, 42017, 42018, *range(42027, 42052)], _no(_CARD)))

ELSEWHERE: dict[tuple[str, int], Verdict] = {
    ("externalcontact/cancel_groupmsg_send", 41093): _done("这次群发已经停止过了"),
    ("externalcontact/del_contact_way", 41044): _done("入口码已经删除过了"),
    ("externalcontact/get_groupmsg_task", 41093): _no("这次群发已被停止，不再有新的结果"),
    ("webhook/send", 45009): Verdict(
        Action.WINDOW, "这个机器人一分钟最多 20 条，已自动等待，没有丢", MINUTE, "api"
    ),
}
"""The same code means something else where it is asked for."""


def verdict(api: str, errcode: int) -> Verdict:
    """What a code means for this API. A code that nobody knows is a permanent no: repeating might do harm."""
    found = ELSEWHERE.get((api, errcode)) or CODES.get(errcode)
    return found or _no(Sentence("平台没有接受，原因码 {errcode}，请把这一行交给技术人员", errcode=errcode))


def refusal(api: str, errcode: int, errmsg: str, now: datetime, secrets: Iterable[str] = ()) -> PlatformError:
    """The platform said no with a code: what that means and what follows."""
    found = verdict(api, errcode)
    retry_after = found.retry_after
    if found.action is Action.WINDOW:
        retry_after = window_seconds(errmsg, now)
    detail = redact(errmsg, secrets)[:MOST_DETAIL]
    return PlatformError(api, errcode, found.action, found.words, retry_after, detail, found.reach)
