"""Every call that we know: how it is asked, and whether doing it twice differs from doing it once."""

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
    gettoken getcallbackip get_api_domain_ip get_jsapi_ticket ticket/get auth/getuserinfo media/get
    user/get user/list user/simplelist department/list department/simplelist department/get agent/get
    externalcontact/get_follow_user_list externalcontact/list externalcontact/get
    externalcontact/get_moment_task_result externalcontact/customer_acquisition_quota
"""

# Reads, and writes that only repeat themselves: overwriting, deleting, marking, stopping, uploading.
_REPEATABLE_BY_POST = """
    user/list_id auth/getuserdetail media/upload media/uploadimg media/upload_attachment webhook/upload_media
    externalcontact/batch/get_by_user externalcontact/remark externalcontact/mark_tag
    externalcontact/get_corp_tag_list externalcontact/edit_corp_tag externalcontact/del_corp_tag
    externalcontact/get_contact_way externalcontact/list_contact_way externalcontact/update_contact_way
    externalcontact/del_contact_way externalcontact/get_groupmsg_list_v2 externalcontact/get_groupmsg_task
    externalcontact/get_groupmsg_send_result externalcontact/cancel_groupmsg_send
    externalcontact/get_moment_list externalcontact/get_moment_task externalcontact/get_moment_customer_list
    externalcontact/get_moment_send_result externalcontact/get_moment_comments
    externalcontact/cancel_moment_task externalcontact/transfer_result
    externalcontact/resigned/transfer_result externalcontact/get_unassigned_list
    externalcontact/groupchat/list externalcontact/groupchat/get externalcontact/groupchat/get_join_way
    externalcontact/groupchat/update_join_way externalcontact/groupchat/del_join_way
    externalcontact/groupchat/statistic externalcontact/groupchat/statistic_group_by_day
    externalcontact/get_user_behavior_data externalcontact/opengid_to_chatid
    externalcontact/group_welcome_template/edit externalcontact/group_welcome_template/get
    externalcontact/group_welcome_template/del message/recall message/get_statistics
    externalcontact/customer_acquisition/list_link externalcontact/customer_acquisition/get
    externalcontact/customer_acquisition/update_link externalcontact/customer_acquisition/delete_link
    externalcontact/customer_acquisition/customer externalcontact/customer_acquisition/statistic
"""

_EFFECTS = """
    message/send message/update_template_card webhook/send aibot/response
    externalcontact/send_welcome_msg externalcontact/add_msg_template externalcontact/remind_groupmsg_send
    externalcontact/add_moment_task externalcontact/add_contact_way externalcontact/add_corp_tag
    externalcontact/transfer_customer externalcontact/resigned/transfer_customer
    externalcontact/groupchat/transfer externalcontact/groupchat/onjob_transfer
    externalcontact/groupchat/add_join_way externalcontact/group_welcome_template/add
    externalcontact/customer_acquisition/create_link
"""

ENDPOINTS: dict[str, Endpoint] = {
    **dict.fromkeys(_READ_BY_GET.split(), _READ_GET),
    **dict.fromkeys(_REPEATABLE_BY_POST.split(), _READ),
    **dict.fromkeys(_EFFECTS.split(), _EFFECT),
}
