"""The ways out: one module per channel, one line each."""

from scheduler.channels.base import Channel
from scheduler.channels.card import CardSend
from scheduler.channels.card_update import CardUpdate
from scheduler.channels.contact_way import ContactWay
from scheduler.channels.group_mass import GroupMass
from scheduler.channels.mass import Mass
from scheduler.channels.mass_cancel import MassCancel
from scheduler.channels.notice import Notice
from scheduler.channels.robot import RobotPost
from scheduler.channels.welcome import WelcomeChannel

CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        WelcomeChannel(),
        CardSend(),
        CardUpdate(),
        Notice(),
        ContactWay(),
        RobotPost(),
        Mass(),
        GroupMass(),
        MassCancel(),
    )
}
