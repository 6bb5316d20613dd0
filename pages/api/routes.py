"""The explicit list of what the API answers: importing a module mounts its calls."""

from flask import Blueprint

from pages.api import (
    announcements,
    campaigns,
    codes,
    document,
    door,
    friends,
    groups,
    ledger,
    numbers,
    org,
    outcome,
)

NOUNS = (org, codes, friends, campaigns, outcome, groups, announcements, ledger, numbers)


def blueprints() -> tuple[Blueprint, ...]:
    return door.blueprint, document.blueprint
