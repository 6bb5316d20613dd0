"""Something arrived from the messenger: intake, and one function per kind of event."""
