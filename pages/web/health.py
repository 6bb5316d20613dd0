"""What monitors ask: alive, able to work, and the numbers as Prometheus text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from models.db import Database
from models.ledger import inbox, outbox


@dataclass(frozen=True)
class Readiness:
    """One thing that must hold before this process can work."""

    name: str
    good: bool
    words: str = ""


def blueprint(
    db: Database, readiness: Callable[[], list[Readiness]], counters: Callable[[], Mapping[str, float]]
) -> Blueprint:
    """`readiness` asks database, migrations, queue and timetable leader; `counters` are this process's own numbers."""
    made = Blueprint("health", __name__)

    @made.get("/healthz")
    def alive() -> Response:
        return Response("ok", mimetype="text/plain")

    @made.get("/readyz")
    def ready() -> tuple[Response, int]:
        found = readiness()
        answer = {one.name: one.words or ("ok" if one.good else "no") for one in found}
        return jsonify(answer), 200 if all(one.good for one in found) else 503

    @made.get("/metrics")
    def metrics() -> Response:
        registry = CollectorRegistry()
        inbox_rows = Gauge("onetap_inbox_rows", "Callbacks by status", ["status"], registry=registry)
        outbox_rows = Gauge("onetap_outbox_rows", "Deliveries by status", ["status"], registry=registry)
        process = Gauge("onetap_process", "This process's own counters", ["name"], registry=registry)
        with db.read() as session:
            for status, count in inbox.counts(session).items():
                inbox_rows.labels(status).set(count)
            for status, count in outbox.counts(session).items():
                outbox_rows.labels(status).set(count)
        for name, value in counters().items():
            process.labels(name).set(value)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return made
