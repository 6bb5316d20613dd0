"""The doctor: checks what an installation needs, one line each, and says what to click when something is missing."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import requests

import posters
from models import migrate
from models.db import Database
from models.db.writable import Unwritable
from models.encryption import Encryption
from models.groups import robots
from models.job_runs import last_runs
from models.sentences import Sentence, together
from ops import proxies
from ops.database_file import CURE, flaw, open_to_others
from ops.database_lock import sqlite_path
from ops.wiring import Parts
from settings import Settings
from wecom import callbacks
from wecom.client import WorkClient
from wecom.errors import PlatformError
from wecom.limits import MB

GOOD, WARN, BAD = "ok", "warn", "bad"
SIGNS = {GOOD: "✓", WARN: "!", BAD: "✕"}
CLOCK_SECONDS = 60
"""Signatures older than minutes are refused, so a clock may not be off by more than this."""
LEAST_FREE = 500 * MB
"""A night's backup and a large campaign's posters"""
DISK = {
    Unwritable.FULL: "满了，什么都存不下。请腾出地方，腾出后自己恢复",
    Unwritable.READ_ONLY: "数据库所在的文件夹只能读。请检查它的权限和磁盘的挂载方式",
    Unwritable.BROKEN: "数据库所在的磁盘报错。请先看磁盘，再看备份",
}
SAMPLE = "导购门店好友活动海报欢迎语"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor."""

    grade: str
    name: str
    words: str

    def __str__(self) -> str:
        return f"{SIGNS[self.grade]} {self.name}：{self.words}"


@dataclass(frozen=True)
class Patient:
    """What the doctor looks at."""

    settings: Settings
    database: Database
    client: WorkClient | None
    contacts: WorkClient | None
    now: Callable[[], datetime]


def patient(parts: Parts) -> Patient:
    """This installation as the doctor sees it."""
    client = parts.runtime.client if parts.settings.wecom_secret else None
    return Patient(parts.settings, parts.db, client, parts.runtime.contacts, parts.runtime.clock)


def examine(patient: Patient) -> Iterator[Finding]:
    """Every check, in the order in which an installation needs them."""
    checks = {
        "数据库": database,
        "磁盘": disk,
        "数据库文件": database_file,
        "表结构": migrations,
        "签名密钥": secret_keys,
        "回调密钥": keys,
        "回调地址": callback_loop,
        "反向代理": trusted_proxies,
        "应用凭证": token,
        "客户联系权限": customer_scope,
        "通讯录可见范围": directory_scope,
        "通讯录同步": contacts_scope,
        "时钟": clock,
        "队列": queue,
        "时间表": timetable,
        "海报字体": fonts,
    }
    for name, check in checks.items():
        try:
            yield check(patient)
        except Exception as error:  # noqa: BLE001  one check that breaks must not hide the others
            yield Finding(BAD, name, Sentence("没查成：{error}", error=type(error).__name__))


def database(patient: Patient) -> Finding:
    try:
        with patient.database.write() as session:
            session.connection().exec_driver_sql("SELECT 1")
    except Exception as error:  # noqa: BLE001  any driver's complaint is a finding
        return Finding(
            BAD, "数据库", Sentence("连不上或写不了：{error}", error=str(error).splitlines()[0][:160])
        )
    kind = Sentence("SQLite（单机）") if patient.database.is_sqlite else "PostgreSQL"
    return Finding(GOOD, "数据库", Sentence("{kind} 可读可写", kind=kind))


def disk(patient: Patient) -> Finding:
    """Is there room for rows and pictures, and may they be written?"""
    name = "磁盘"
    if unwritable := patient.database.unwritable():
        return Finding(BAD, name, DISK[unwritable])
    path = sqlite_path(patient.settings.database_url)
    folders = {path.parent} if path else set()
    for folder in [*folders, patient.settings.data_dir]:
        if not folder.exists():
            continue
        left = shutil.disk_usage(folder)
        if left.free < LEAST_FREE:
            return Finding(
                WARN,
                name,
                Sentence(
                    "{folder} 只剩 {left} MB。满了就什么都存不下，请先腾出地方",
                    folder=folder,
                    left=left.free // MB,
                ),
            )
    return Finding(GOOD, name, "写得进去，地方也够")


def database_file(patient: Patient) -> Finding:
    """Is the embedded database whole to its last page, and ours alone?"""
    name, path = "数据库文件", sqlite_path(patient.settings.database_url)
    if path is None:
        return Finding(GOOD, name, "由 PostgreSQL 自己看管")
    if words := flaw(path):
        return Finding(BAD, name, Sentence("{path} {what}。{cure}", path=path, what=words, cure=CURE))
    if open_to_others(path):
        return Finding(
            WARN, name, Sentence("{path} 这台机器上别的账号也读得到。运行 chmod 600 {path}", path=path)
        )
    return Finding(GOOD, name, "从头到尾都是好的，只有本程序读得到")


def migrations(patient: Patient) -> Finding:
    have, want = migrate.current(patient.database), migrate.newest()
    if have == want:
        return Finding(GOOD, "表结构", Sentence("是最新的 {want}", want=want))
    now = (
        Sentence("现在是 {have}，程序要 {want}", have=have, want=want)
        if have
        else Sentence("还没建过表，第一次启动前都是这样")
    )
    return Finding(BAD, "表结构", Sentence("{now}。请运行 python server.py migrate", now=now))


def secret_keys(patient: Patient) -> Finding:
    """Is every secret key still needed, and is none missing that is?"""
    name, keys = "签名密钥", patient.settings.secret_keys
    if not any(keys):
        return Finding(BAD, name, "缺 ONETAP_SECRET_KEY")
    if not migrate.current(patient.database):
        return Finding(WARN, name, "配好了；还没建过表，没有存下的东西可以对")
    with patient.database.read() as session:
        used = robots.secret_keys_used(session, Encryption(*keys))
    lost, old = used.pop(None, 0), used.total() - used[0]
    if lost:
        return Finding(
            BAD,
            name,
            Sentence(
                "{lost} 个机器人的 key 用现在的 ONETAP_SECRET_KEY 解不开。把换下的那一把加在逗号后面，或在群里重新添加机器人",
                lost=lost,
            ),
        )
    if old:
        return Finding(
            WARN,
            name,
            Sentence(
                "{old} 个机器人的 key 还要用旧的那一把，先别去掉。运行 python server.py migrate 改用第一把",
                old=old,
            ),
        )
    if len(keys) > 1:
        return Finding(
            WARN, name, Sentence("有 {keys} 把，存下的都用第一把加密了，后面的可以去掉", keys=len(keys))
        )
    return Finding(GOOD, name, "有一把，存下的都用它加密")


def keys(patient: Patient) -> Finding:
    wanted = {"应用": "wecom", "通讯录": "contacts", "智能机器人": "robot"}
    missing = [words for words, noun in wanted.items() if not patient.settings.key_pairs(noun)]
    if "应用" in missing:
        return Finding(
            BAD, "回调密钥", "缺 ONETAP_WECOM_TOKEN 和 ONETAP_WECOM_AES_KEY，在应用的「接收消息」里生成"
        )
    if missing:
        return Finding(
            WARN,
            "回调密钥",
            Sentence(
                "长度都对；{missing}没有配置，对应的回调不会收",
                missing=together([Sentence(one) for one in missing], "、"),
            ),
        )
    return Finding(GOOD, "回调密钥", "三组都有，长度都是 43")


def callback_loop(patient: Patient) -> Finding:
    """Ask our own public address to verify, as the platform would."""
    pairs = patient.settings.key_pairs("wecom")
    if not pairs:
        return Finding(WARN, "回调地址", "没有密钥，没法试")
    url = patient.settings.public_url + "/callback/app"
    ring = callbacks.KeyRing(pairs, patient.settings.wecom_corp_id)
    query = callbacks.sign_echo(
        "onetap-doctor", ring, timestamp=str(int(patient.now().timestamp())), nonce="doctor"
    )
    try:
        answer = requests.get(f"{url}?{urlencode(query)}", timeout=5, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(
            BAD,
            "回调地址",
            Sentence(
                "{url} 打不开（{error}）。程序在跑吗，域名和端口转到这里了吗",
                url=url,
                error=type(error).__name__,
            ),
        )
    if answer.status_code == 200 and answer.text == "onetap-doctor":
        return Finding(GOOD, "回调地址", Sentence("{url} 验签、解密、原样返回都对", url=url))
    return Finding(
        BAD,
        "回调地址",
        Sentence(
            "{url} 返回 {status}，不是原文。查反向代理有没有改查询参数，两边的 Token 和密钥是否一致",
            url=url,
            status=answer.status_code,
        ),
    )


def trusted_proxies(patient: Patient) -> Finding:
    """Whether the program sees from which address people come: their limits are counted by it."""
    name, trusted = "反向代理", patient.settings.trusted_proxies
    if not any(patient.settings.secret_keys):
        return Finding(WARN, name, "没有签名密钥，没法试")
    try:
        way = proxies.look(patient.settings)
    except proxies.Unanswered:
        return Finding(
            WARN, name, Sentence("{url} 没有回答，没法数前面有几层代理", url=patient.settings.public_url)
        )
    if words := proxies.fault(way, trusted):
        return Finding(BAD if way.invented else WARN, name, words)
    return Finding(
        GOOD,
        name,
        Sentence("前面有 {trusted} 层代理，和设置一致，看得到每个人的来源地址", trusted=trusted)
        if trusted
        else "前面没有代理",
    )


def token(patient: Patient) -> Finding:
    if patient.client is None:
        return Finding(
            BAD, "应用凭证", "缺 ONETAP_WECOM_CORP_ID、ONETAP_WECOM_AGENT_ID 或 ONETAP_WECOM_SECRET"
        )
    return _call(patient.client, "应用凭证", "getcallbackip", "拿到 access_token，本机地址在企业可信 IP 里")


def customer_scope(patient: Patient) -> Finding:
    if patient.client is None:
        return Finding(WARN, "客户联系权限", "没有凭证，没法试")
    return _call(
        patient.client,
        "客户联系权限",
        "externalcontact/get_follow_user_list",
        "应用可以调用客户联系",
        "到 客户联系 → API → 可调用接口的应用，把这个应用加进去",
    )


def directory_scope(patient: Patient) -> Finding:
    if patient.client is None:
        return Finding(WARN, "通讯录可见范围", "没有凭证，没法试")
    return _call(
        patient.client,
        "通讯录可见范围",
        "department/simplelist",
        "应用看得到部门",
        "到应用的「可见范围」里加上门店的部门",
    )


def contacts_scope(patient: Patient) -> Finding:
    if patient.contacts is None:
        return Finding(WARN, "通讯录同步", "没有 ONETAP_CONTACTS_SECRET，只同步应用可见范围里的人")
    return _call(
        patient.contacts,
        "通讯录同步",
        "user/list_id",
        "可以读全部成员编号",
        "48009 说明这个密钥不能从新地址读详情；留空 ONETAP_CONTACTS_SECRET 也能用",
        data={"limit": 1},
    )


def clock(patient: Patient) -> Finding:
    try:
        answer = requests.head(patient.settings.wecom_api_url, timeout=5, allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return Finding(WARN, "时钟", "平台没有给出时间，没法比")
    off = abs((patient.now() - theirs).total_seconds())
    if off > CLOCK_SECONDS:
        return Finding(
            BAD,
            "时钟",
            Sentence("和平台差 {off:.0f} 秒，签名会被当成过期。请打开这台机器的时间同步", off=off),
        )
    return Finding(GOOD, "时钟", Sentence("和平台差 {off:.0f} 秒以内", off=off))


def queue(patient: Patient) -> Finding:
    if not patient.settings.distributed:
        return Finding(GOOD, "队列", "单机模式，队列在进程里")
    import redis

    try:
        redis.Redis.from_url(patient.settings.redis_url, socket_timeout=3).ping()
    except redis.RedisError as error:
        return Finding(
            BAD, "队列", Sentence("Redis 连不上：{error}。查 ONETAP_REDIS_URL", error=type(error).__name__)
        )
    return Finding(GOOD, "队列", "Redis 有回应")


def timetable(patient: Patient) -> Finding:
    if not migrate.current(patient.database):
        return Finding(WARN, "时间表", "还没建过表，没法看")
    with patient.database.read() as session:
        runs = last_runs(session)
    newest = max((run.due_at for run in runs.values()), default=None)
    if newest is None:
        return Finding(WARN, "时间表", "还没跑过。启动 python server.py run 后再看")
    if patient.now() - newest > timedelta(minutes=5):
        local = newest.astimezone(patient.settings.zone)
        return Finding(
            BAD,
            "时间表",
            Sentence(
                "最后一次是 {local}，之后没有人在跑。启动 run 或 scheduler", local=f"{local:%m-%d %H:%M}"
            ),
        )
    return Finding(GOOD, "时间表", Sentence("有人在跑，共 {runs} 项", runs=len(runs)))


def fonts(_patient: Patient) -> Finding:
    missing = posters.missing_glyphs(SAMPLE)
    if missing:
        return Finding(
            BAD,
            "海报字体",
            Sentence("画不出「{missing}」。请运行 make setup 装好 Noto Sans SC", missing="".join(missing)),
        )
    return Finding(GOOD, "海报字体", "Noto Sans SC 在，常用字都能画")


def _call(
    client: WorkClient, name: str, api: str, good: str, cure: str = "", data: dict[str, object] | None = None
) -> Finding:
    try:
        client.call(api, data)
    except PlatformError as error:
        said = Sentence(error.words.rstrip("。"))
        if error.errcode is not None:
            said = Sentence("{words}（{code}）", words=said, code=error.errcode)
        return Finding(BAD, name, together([said, Sentence(cure)], "。"))
    return Finding(GOOD, name, good)
