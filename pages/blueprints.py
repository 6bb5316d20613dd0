"""The explicit list of everything that answers a browser: no scanning, one line each."""

from flask import Blueprint

from pages import (
    accounts,
    announcements,
    callbacks,
    campaign_new,
    campaigns,
    deliveries,
    demo,
    friends,
    groups,
    guide,
    guides,
    held,
    imports,
    oauth,
    overview,
    passwords,
    search,
    setup,
    sign_in,
    stores,
    timetable,
)
from pages.api import routes as api


def blueprints() -> list[Blueprint]:
    return [
        sign_in.blueprint,
        overview.blueprint,
        search.blueprint,
        campaign_new.blueprint,
        campaigns.blueprint,
        friends.blueprint,
        guides.blueprint,
        stores.blueprint,
        imports.blueprint,
        groups.blueprint,
        announcements.blueprint,
        deliveries.blueprint,
        callbacks.blueprint,
        timetable.blueprint,
        held.blueprint,
        accounts.blueprint,
        passwords.blueprint,
        setup.blueprint,
        guide.blueprint,
        oauth.blueprint,
        demo.blueprint,
        *api.blueprints(),
    ]
