"""The calendar of the invented retailer: not empty for a newcomer, and nothing in it that takes customers from the demo."""

from sqlmodel import select

from models.accounts import Account, Role
from models.campaigns import Campaign, CampaignStatus, Purpose, variants
from models.campaigns.slots import Slot
from models.encryption import Encryption
from ops import seed
from tests.cast import NOW


def test_plans_of_hq_and_of_a_branch_lie_ahead_with_slots_and_a_variant_that_waits(company, sqlite_database):
    seed.plant(sqlite_database, company, Encryption("k" * 40), NOW)
    with sqlite_database.read() as session:
        plans = session.exec(select(Campaign)).all()
        branch = session.exec(select(Account.id).where(Account.role == Role.BRANCH)).one()
        assert all(one.launch_at > NOW for one in plans) and any(one.created_by == branch for one in plans)
        scheduled = [one for one in plans if one.status == CampaignStatus.SCHEDULED]
        assert len(scheduled) == 4 and len(plans) == 8
        assert all(one.purpose == Purpose.DEAL for one in scheduled if one.channel == "mass"), (
            "a planned campaign of a higher purpose keeps its customers from what the demo sends"
        )
        assert len(session.exec(select(Slot)).all()) == 2
        (waits,) = variants.waiting(session)
        assert waits.branch_id == session.get_one(Account, branch).branch_id
