"""Time passed, and things that leave. JOBS is the whole timetable: what runs, how often, and how late it may run."""

from scheduler import jobs
from scheduler.jobs import (
    campaigns,
    cards,
    code_users,
    handover,
    moments,
    results,
    sync_contacts,
    sync_directory,
    sync_friends,
    watch,
)
from scheduler.queue import recovery
from scheduler.timetable.plan import Plan

HOUR = 3600

JOBS = (
    # often: each looks for rows that are due, and mostly finds none
    Plan("launch", "到点的活动和公告", jobs.launch, every=5, grace=60),
    Plan("series", "建重复的活动", jobs.make_series, every=60, grace=HOUR),
    Plan("results", "读回群发结果", results.collect_results, every=5, grace=60),
    Plan("moments", "读回朋友圈结果", moments.collect_moments, every=5, grace=60),
    Plan("cards", "送出任务卡片", cards.deal, every=2, grace=60),
    Plan("finish", "结束到期的活动，撤下没发的", campaigns.finish_due, every=5, grace=60),
    Plan("watch", "没送出的太多就停，看试点，分公司错开", watch.look_after, every=5, grace=60),
    Plan("reminders", "发出总部要的提醒", campaigns.send_reminders, every=5, grace=60),
    Plan("friend_details", "读新好友的资料", sync_contacts.friend_details, every=5, grace=60),
    Plan("ask", "向平台查实没有回音的投递", recovery.ask, every=10, grace=60),
    Plan("group_details", "读变动的客户群", sync_contacts.group_details, every=10, grace=60),
    Plan("handover_drafts", "给离职的导购拟交接方案", handover.draft, every=5, grace=60),
    Plan("handovers", "办确认过的交接", handover.go_on, every=5, grace=60),
    Plan("handover_results", "看交接的客户怎么样了", handover.look, every=5, grace=60),
    Plan("codes", "申请入口码、读二维码", jobs.make_codes, every=30, grace=60),
    Plan("code_users", "换入口码后面的人", code_users.follow_shifts, every=300, grace=300),
    Plan("friends_go_on", "接着核对好友名单", sync_friends.go_on, every=60, grace=60),
    Plan("forget_windows", "清掉已结束的等待", jobs.forget_windows, every=HOUR, grace=HOUR),
    Plan("forget_media", "清掉平台已过期的素材编号", campaigns.forget_media, every=HOUR, grace=HOUR),
    # at night: one after the other, each may still run in the morning
    Plan("directory", "对账：导购与通讯录", sync_directory.compare, daily="02:10", grace=6 * HOUR),
    Plan("friends", "对账：好友名单", sync_friends.friend_lists, daily="02:40", grace=6 * HOUR),
    Plan("groups", "对账：客户群", sync_contacts.group_lists, daily="03:40", grace=6 * HOUR),
    Plan("prune", "清理过了保留期的记录", jobs.prune, daily="04:20", grace=12 * HOUR),
)
