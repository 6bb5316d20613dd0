"""Whoever leaves the company is out of every page of hers, the console's too."""

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, delete, func, select

from models.accounts import Account, LoginSession, audit
from models.accounts.audit import SYSTEM
from models.org import Guide, GuideStatus, find_guide
from models.sentences import Sentence


def left(session: Session, userid: str, at: datetime, now: datetime, *, removed: bool) -> None:
    """Somebody with this userid left at that time: her sessions end, those of her guide's pages and her account's.

    Was she removed from the directory, her account is switched off: the platform may give her userid to somebody else.
    Word from before the account was opened, or before she came back as a guide, is too old to count.
    """
    guide, account = find_guide(session, userid), by_userid(session, userid)
    if guide is not None and guide.present:
        return
    if guide is not None:
        session.execute(delete(LoginSession).where(col(LoginSession.guide_id) == guide.id))
    if account is None or at < account.created_at.replace(microsecond=0):
        return
    session.execute(delete(LoginSession).where(col(LoginSession.account_id) == account.id))
    if removed and account.active:
        account.active = False
        audit.note(
            session,
            SYSTEM,
            "account.off",
            account.id,
            Sentence("{account}，离开了企业微信", account=account.name),
            now,
        )


def end_leavers(session: Session) -> None:
    """The sessions of all guides who have left, however we learnt it."""
    gone = select(Guide.id).where(Guide.status == GuideStatus.LEFT)
    keys = select(Guide.userid_key).where(Guide.status == GuideStatus.LEFT)
    accounts = select(Account.id).where(func.lower(col(Account.userid)).in_(keys))
    session.execute(
        delete(LoginSession)
        .where(or_(col(LoginSession.guide_id).in_(gone), col(LoginSession.account_id).in_(accounts)))
        .execution_options(synchronize_session=False)
    )


def renamed(session: Session, userid: str, new: str) -> None:
    """The directory gave her another userid; with it she signs in from now on."""
    account = by_userid(session, userid)
    if account is not None and by_userid(session, new) in (None, account):
        account.userid = new
        session.flush()


def by_userid(session: Session, userid: str) -> Account | None:
    """The account of this member; userids do not know upper and lower case (contract 14.5)."""
    if not userid:
        return None
    return session.exec(
        select(Account).where(func.lower(col(Account.userid)) == userid.lower()).order_by(col(Account.id))
    ).first()
