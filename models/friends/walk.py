"""One way through the rules: what each answered, whom they have left, and whom one of them found."""

from dataclasses import dataclass, field

from sqlmodel import Session

from models.friends import Friend, RuleOutcome
from models.friends.entry_codes import EntryCode
from models.friends.rule_sets import KNOWN, Rules
from models.friends.sight import Sight
from models.org import Guide, Store


@dataclass
class Walk:
    """The rules on their way. After a scan there is an owner; before one there is none."""

    sight: Sight
    rules: Rules
    code: EntryCode | None
    owner: Guide | None
    customer_id: int | None
    friend: Friend | None
    near: Store | None
    steps: list[dict[str, str]] = field(default_factory=list)
    people: list[Guide] | None = None
    """Those of the store who are left; None while no rule has narrowed them"""
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Guide → the rule that did not leave her, and its words"""
    guide: Guide | None = None
    store: Store | None = None
    rule: str = ""
    reason: str = ""

    @property
    def session(self) -> Session:
        return self.sight.session

    def miss(self, rule: str, answer: str) -> None:
        self._step(rule, answer, RuleOutcome.MISSED)

    def narrow(self, rule: str, answer: str) -> None:
        """It has found no guide, but a store, or some of the store's guides."""
        self._step(rule, answer, RuleOutcome.NARROWED)

    def hit(self, rule: str, guide: Guide | None, answer: str, *, name: str = "") -> None:
        """`name`: what the decision is called, where the rule knows two."""
        self.guide, self.rule, self.reason = guide, name or rule, answer
        self._step(rule, answer, RuleOutcome.HIT, name)

    def unseen(self, rule: str) -> None:
        self._step(rule, "", RuleOutcome.UNSEEN)

    def _step(self, rule: str, answer: str, outcome: RuleOutcome, name: str = "") -> None:
        question = KNOWN[rule].question
        self.steps.append({"rule": name or rule, "question": question, "answer": answer, "outcome": outcome})

    def those_left(self, store: Store) -> list[Guide]:
        """The store's guides whom no rule has taken out yet."""
        if self.people is None:
            self.sight.hold(store)
            self.people = self.sight.present(store)
        return self.people

    def least_loaded(self, store: Store, *, whole_branch: bool = False) -> tuple[Guide, int] | None:
        """The one of those left (or of the branch) with the fewest friends of today, and how many."""
        self.sight.hold(store)
        return self.sight.least_loaded(store, self.people, whole_branch=whole_branch)
