"""What an operator runs: supervising, checking, backing up, importing, the demo and the measurements."""
