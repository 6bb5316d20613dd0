"""A card as the app sends it."""

SEND = "message/send"


def card(task_id="t1", touser="wangfang", **more):
    body = {
        "card_type": "button_interaction",
        "task_id": task_id,
        "main_title": {"title": "今日转发：新品羽绒"},
        "horizontal_content_list": [{"keyname": "门店", "value": "沈阳中街店"}],
        "button_list": [
            {"type": 1, "text": "去转发", "style": 1, "url": "https://guide.example/g/t/1"},
            {"type": 0, "text": "已完成", "style": 2, "key": "done"},
        ],
    } | more
    return {"touser": touser, "msgtype": "template_card", "agentid": 1000002, "template_card": body}
