"""The ledger: what arrived (inbox), what has to leave (outbox), and what became of each row."""
