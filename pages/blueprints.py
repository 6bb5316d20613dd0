"""The explicit list of everything that answers a browser: no scanning, one line each."""

from flask import Blueprint

from pages import campaign_new, campaigns, demo, guide, oauth, overview, sign_in


def blueprints() -> list[Blueprint]:
    return [
        sign_in.blueprint,
        overview.blueprint,
        campaign_new.blueprint,
        campaigns.blueprint,
        guide.blueprint,
        oauth.blueprint,
        demo.blueprint,
    ]
