"""Every call that we make: how it is asked, and whether doing it twice differs from doing it once."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Endpoint:
    """`effect`: a second execution would be seen by somebody, so a lost answer stays unknown."""

    method: Literal["GET", "POST"]
    effect: bool


_READ_GET = Endpoint("GET", False)
_READ = Endpoint("POST", False)
_EFFECT = Endpoint("POST", True)

_READ_BY_GET = """
    gettoken getcallbackip get_jsapi_ticket ticket/get auth/getuserinfo user/get user/list department/simplelist
    externalcontact/get_follow_user_list externalcontact/list externalcontact/get
    externalcontact/get_moment_task_result
"""

_REPEATABLE_BY_POST = """
    user/list_id media/upload media/uploadimg externalcontact/get_contact_way externalcontact/list_contact_way
    externalcontact/update_contact_way externalcontact/del_contact_way externalcontact/get_groupmsg_list_v2
    externalcontact/get_groupmsg_task externalcontact/get_groupmsg_send_result externalcontact/cancel_groupmsg_send
    externalcontact/groupchat/list externalcontact/groupchat/get message/recall
    media/upload_attachment externalcontact/get_moment_list externalcontact/get_moment_task
    externalcontact/get_moment_send_result externalcontact/get_moment_comments externalcontact/cancel_moment_task
    externalcontact/batch/get_by_user externalcontact/transfer_result externalcontact/resigned/transfer_result
    externalcontact/get_unassigned_list externalcontact/groupchat/transfer externalcontact/groupchat/onjob_transfer
"""
"""Reads, and writes that only repeat themselves: overwriting, deleting, stopping, uploading."""

_EFFECTS = """
    message/send message/update_template_card webhook/send externalcontact/send_welcome_msg
    externalcontact/add_msg_template externalcontact/add_contact_way externalcontact/add_moment_task
    externalcontact/remind_groupmsg_send externalcontact/transfer_customer
    externalcontact/resigned/transfer_customer
"""

ENDPOINTS: dict[str, Endpoint] = {
    **dict.fromkeys(_READ_BY_GET.split(), _READ_GET),
    **dict.fromkeys(_REPEATABLE_BY_POST.split(), _READ),
    **dict.fromkeys(_EFFECTS.split(), _EFFECT),
}
