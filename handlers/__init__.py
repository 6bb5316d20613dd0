"""Something arrived from the platform: the callback views, and one function per kind of event."""
