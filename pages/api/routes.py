"""The explicit list of what the API answers: importing a module mounts its calls."""

from flask import Blueprint

from pages.api import (
    announcements,
    assignments,
    campaign_audience,
    campaign_results,
    campaigns,
    codes,
    days,
    deliveries,
    endpoint,
    friends,
    groups,
    handovers,
    materials,
    mix,
    openapi,
    org,
    rehearsals,
    series,
    shifts,
    slots,
    stats,
)

NOUNS = (
    org,
    shifts,
    codes,
    friends,
    assignments,
    campaigns,
    campaign_audience,
    materials,
    campaign_results,
    mix,
    rehearsals,
    series,
    handovers,
    groups,
    announcements,
    slots,
    days,
    deliveries,
    stats,
)


def blueprints() -> tuple[Blueprint, ...]:
    return endpoint.blueprint, openapi.blueprint
