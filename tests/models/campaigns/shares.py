"""What the platform said of the customers of one task."""

from sqlmodel import select

from models.campaigns import Result, TaskAudience, recipients
from models.ledger.channels import MASS


def results_of(stage, task):
    """Kind → the customers in it, as the platform names them."""
    with stage.db.read() as session:
        share = session.exec(select(TaskAudience).where(TaskAudience.task_id == task.id)).one()
        kinds = {kind: recipients.names_of(session, MASS, getattr(share, kind)) for kind in Result}
        return {kind: set(names.values()) for kind, names in kinds.items() if names}
