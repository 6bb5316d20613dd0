"""The explicit list of everything that answers a browser: no scanning, one line each."""

from flask import Blueprint

from pages import demo
from pages.api import routes
from pages.console import (
    accounts,
    announcements,
    audit,
    callbacks,
    campaigns,
    contact_settings,
    deliveries,
    friends,
    groups,
    guides,
    imports,
    materials,
    overview,
    passwords,
    pending_removals,
    posters,
    search,
    setup,
    sign_in,
    stores,
    timetable,
)
from pages.console.campaigns import (
    approve,
    attachments,
    audience_page,
    editor,
    pictures,
    recipients,
    renew,
    rules,
    undo,
)
from pages.guide import results, shares, store, tasks
from pages.web import front_door, oauth, proxies


def blueprints() -> list[Blueprint]:
    return [
        sign_in.blueprint,
        overview.blueprint,
        search.blueprint,
        editor.blueprint,
        attachments.blueprint,
        pictures.blueprint,
        undo.blueprint,
        approve.blueprint,
        recipients.blueprint,
        rules.blueprint,
        audience_page.blueprint,
        materials.blueprint,
        posters.blueprint,
        renew.blueprint,
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
        pending_removals.blueprint,
        accounts.blueprint,
        contact_settings.blueprint,
        audit.blueprint,
        passwords.blueprint,
        setup.blueprint,
        tasks.blueprint,
        shares.blueprint,
        store.blueprint,
        results.blueprint,
        oauth.blueprint,
        proxies.blueprint,
        front_door.blueprint,
        demo.blueprint,
        *routes.blueprints(),
    ]
