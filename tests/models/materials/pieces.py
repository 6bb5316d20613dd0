"""Pieces of the library: written by one of HQ, approved by another."""

from models.accounts import Account
from models.campaigns.attachments import Attachment
from models.materials import library
from models.materials.library import MaterialFields
from tests.cast import NOW

LINK = {"form": "link", "url": "https://shop.example/size", "title": "尺码怎么选"}


def fields(**changes) -> MaterialFields:
    return MaterialFields(
        **{"name": "尺码怎么选", "text": "量一下脚长", "attachments": [Attachment.model_validate(LINK)]}
        | changes
    )


def made(session, by: Account, **changes):
    return library.create(session, fields(**changes), who=by.name, account_id=by.id, branch_id=None, now=NOW)


def approved(session, by: Account, other: Account, **changes):
    material = made(session, by, **changes)
    library.submit(session, material, who=by.name, account_id=by.id, now=NOW)
    library.approve(session, material, who=other.name, account_id=other.id, now=NOW)
    return material
