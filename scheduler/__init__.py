"""Time passed, and things that leave: the timetable, the queue, the channels."""
