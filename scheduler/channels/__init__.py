"""The ways out: one module per channel, one line each."""

from scheduler.channels.base import Channel
from scheduler.channels.contact_way import ContactWay
from scheduler.channels.notice import Notice
from scheduler.channels.robot import RobotPost
from scheduler.channels.welcome import Welcome

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in (
    Welcome(), Notice(), ContactWay(), RobotPost(),
)}
