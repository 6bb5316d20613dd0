"""The nouns of Onetap with their rules and queries: no Flask, no HTTP, no Pillow, and the clock only as an argument.

Every module with a table is named here, so that whoever imports one of them knows the whole schema.
"""

from models import db  # noqa: I001  the naming convention must be set before any table
from models import job_runs, materials, org, preferences, public_holidays
from models.accounts import api_tokens, audit, idempotency, throttle
from models.campaigns import announcements, approval, files, mix, moments, moves, pictures, slots, variants
from models.friends import attribution, entry_codes, handover, rule_sets, shown_codes
from models.groups import robots
from models.ledger import closed_windows, inbox, outbox
from models.org import shifts, uploads

__all__ = [
    "announcements",
    "api_tokens",
    "approval",
    "attribution",
    "audit",
    "closed_windows",
    "db",
    "entry_codes",
    "files",
    "handover",
    "idempotency",
    "inbox",
    "job_runs",
    "mix",
    "moments",
    "moves",
    "materials",
    "org",
    "outbox",
    "pictures",
    "preferences",
    "public_holidays",
    "robots",
    "rule_sets",
    "shifts",
    "shown_codes",
    "slots",
    "throttle",
    "uploads",
    "variants",
]
