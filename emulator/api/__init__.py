"""Every API of the platform that this built-in WeCom serves, by its address below /cgi-bin/."""

from ..dispatch import Api
from . import (
    card_update,
    contact_way,
    contacts,
    friends,
    groups,
    mass,
    media,
    message,
    oauth,
    robot,
    token,
    webhook,
    welcome,
)

APIS: dict[str, Api] = {
    **token.APIS,
    **contacts.APIS,
    **friends.APIS,
    **contact_way.APIS,
    **welcome.APIS,
    **mass.APIS,
    **groups.APIS,
    **message.APIS,
    **card_update.APIS,
    **media.APIS,
    **webhook.APIS,
    **robot.APIS,
    **oauth.APIS,
}
