"""Something arrived from the messenger: the callback views, and one function per kind of event."""
