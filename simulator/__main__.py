"""Runs the vendor: python -m simulator, with the environment of simulator/README.md."""

import os
import signal
import sys
import threading

from simulator.book import read_catalogue, seed
from simulator.control import ControlDesk
from simulator.enact import Enactor
from simulator.faults import FaultDesk
from simulator.ledger import Ledger
from simulator.months import offset_clock
from simulator.server import SimulatorServer
from simulator.service import Extensions, Service
from simulator.settings import Settings, settings_from


def _service(settings: Settings) -> Service:
    ledger = Ledger(settings.database)
    if ledger.is_empty():
        seed(ledger, book=settings.book, zone=settings.zone, until=settings.history_until)
    return Service(
        ledger=ledger,
        clock=offset_clock(settings.clock_offset),
        zone=settings.zone,
        catalogue=read_catalogue(settings.book),
        extensions=Extensions(),
    )


def _server(settings: Settings, service: Service) -> SimulatorServer:
    faults = FaultDesk()
    return SimulatorServer(
        settings.port,
        enactor=Enactor(service=service, desk=faults),
        control=ControlDesk(service=service, faults=faults),
        tls=settings.tls,
        credentials=(settings.user_name, settings.password) if settings.user_name else None,
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT; the first line printed names the address."""
    settings = settings_from(os.environ)
    service = _service(settings)
    server = _server(settings, service)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    scheme = "http" if settings.tls is None else "https"
    sys.stdout.write(f"simulator listening on {scheme}://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    service.ledger.close()


if __name__ == "__main__":
    main()
