"""What cannot stay so in the attachments of a campaign, in words, at save time."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlmodel import Session

from models import placeholders
from models.campaigns.attachments import FORM_WORDS, ORIGIN, POSTER_WORDS, USES, Attachment, AttachmentForm
from models.campaigns.files import StoredFile
from models.campaigns.pictures import Picture
from models.ledger.channels import Channel
from models.names import line_fault, text_fault
from models.sentences import Sentence, of_platform
from wecom import limits

POSTER_CHARS = 200
"""Far more than fits a poster. Longer words are refused before they are measured, which would take minutes."""
LIMITS_OF = {AttachmentForm.LINK: "link", AttachmentForm.PROGRAM: "program"}
"""Whose own fields the platform measures: the entry of wecom/limits.py"""


def complaints(session: Session, attachments: Sequence[Attachment], way: Channel) -> dict[str, str]:
    """What cannot stay so, under the path of its field: `attachments.0.url`. A poster's fit is judged by who draws it."""
    wrong: dict[str, str] = {}
    posters = [n for n, one in enumerate(attachments) if one.form == AttachmentForm.POSTER]
    for n, one in enumerate(attachments):
        here = f"attachments.{n}"
        if refusal := _not_carried(one, way):
            wrong[f"{here}.form"] = refusal
        elif n in posters[1:]:
            wrong[f"{here}.form"] = Sentence("一次活动只能有一张海报。另一张请改成图片")
        for name, words in _own_faults(session, one).items():
            wrong.setdefault(f"{here}.{name}", words)
        if way.campaign and way.campaign.one_kind:
            for name, words in _faults_of_post(one, [before.form for before in attachments[:n]]).items():
                wrong.setdefault(f"{here}.{name}", words)
    return wrong


def _faults_of_post(one: Attachment, before: Sequence[AttachmentForm]) -> dict[str, str]:
    """Nine pictures, or one video, or one link with a cover (contract 6.3)."""
    drawn = (AttachmentForm.POSTER, AttachmentForm.PICTURE)
    wrong: dict[str, str] = {}
    if before and not (one.form in drawn and set(before) <= set(drawn)):
        wrong["form"] = Sentence("一条朋友圈只能放图片（最多 9 张）、一段视频、一个链接里的一种")
    if one.form == AttachmentForm.LINK:
        if one.picture_id is None:
            wrong["picture_id"] = Sentence("朋友圈里的链接要有封面图")
        for found in limits.violations("moment_link", {"title": one.title}):
            wrong[found.field] = of_platform(found)
    return wrong


def _not_carried(one: Attachment, way: Channel) -> str:
    use = way.campaign
    if use is None or one.form in use.carries:
        return ""
    if one.form == AttachmentForm.POSTER and AttachmentForm.PICTURE in use.carries:
        return Sentence(
            "「{way}」发的图大家都一样，不能是每位导购自己的海报。请改用图片", way=Sentence(way.word)
        )
    return Sentence("「{way}」带不了{form}", way=Sentence(way.word), form=Sentence(FORM_WORDS[one.form]))


def _own_faults(session: Session, one: Attachment) -> dict[str, str]:
    """By field: what is missing, what does not exist, what the platform would refuse."""
    wrong: dict[str, str] = {
        name: Sentence("{form}用不到这一项", form=Sentence(FORM_WORDS[one.form]))
        for name in Attachment.model_fields
        if name not in ("form", *ORIGIN, *USES[one.form]) and getattr(one, name)
    }
    wrong |= _lines(one)
    if one.form in (AttachmentForm.PICTURE, AttachmentForm.PROGRAM) and one.picture_id is None:
        wrong["picture_id"] = Sentence("请选择一张图片")
    elif one.picture_id is not None and session.get(Picture, one.picture_id) is None:
        wrong["picture_id"] = Sentence("没有编号是 {number} 的图片，请先在控制台上传", number=one.picture_id)
    if "file_id" in USES[one.form]:
        wrong |= _file_faults(session, one)
    if one.form == AttachmentForm.POSTER and not one.design:
        wrong["design"] = Sentence("请选择海报版式")
    if one.form == AttachmentForm.LINK and not _is_web_address(one.url):
        wrong["url"] = Sentence("请填完整的网址，以 https:// 开头")
    return wrong | {name: words for name, words in _too_long(one).items() if name not in wrong}


def _lines(one: Attachment) -> dict[str, str]:
    """Texts that are no lines, braces that nobody would fill in, words that no poster holds."""
    wrong: dict[str, str] = {}
    for name in ("title", "note", "url", "appid", "page"):
        value = getattr(one, name)
        fault = line_fault(value) or (placeholders.complaint(value) if name in ("title", "note") else "")
        if fault:
            wrong[name] = fault
    for name, value in one.words.items():
        fault = text_fault(value) or placeholders.complaint(value)
        if name not in POSTER_WORDS:
            fault = Sentence("海报上没有这一项")
        elif len(value) > POSTER_CHARS:
            fault = Sentence("有 {n} 个字，海报上放不下，请写短一些", n=len(value))
        if fault:
            wrong[f"words.{name}"] = fault
    return wrong


def _file_faults(session: Session, one: Attachment) -> dict[str, str]:
    found = session.get(StoredFile, one.file_id) if one.file_id else None
    if found is None:
        return {"file_id": Sentence("请上传{form}", form=Sentence(FORM_WORDS[one.form]))}
    if found.form != one.form:
        return {"file_id": Sentence("这个文件不是{form}", form=Sentence(FORM_WORDS[one.form]))}
    return {}


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, url))


def _too_long(one: Attachment) -> dict[str, str]:
    """By the platform's own measure (contract 6.1)."""
    if one.form not in LIMITS_OF:
        return {}
    entry = LIMITS_OF[one.form]
    fields = {limit.field: getattr(one, limit.field) for limit in limits.CHANNELS[entry].limits}
    return {found.field: of_platform(found) for found in limits.violations(entry, fields)}
