"""What a background job works with: configuration, clock, an open database and the vendor's gateway."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from config import Config, read_config
from database import connect_to
from gateways.base import LicensingGateway
from gateways.select import gateway_of
from licensing.moment import Moment

# The name under which a hold on the gateway is kept; a second service brings its own.
GATEWAY = "order service"


@dataclass(frozen=True, slots=True)
class Room:
    """One job's surroundings; moment() reads both clocks anew."""

    config: Config
    gateway: LicensingGateway

    @property
    def deadline(self) -> timedelta:
        """The longest that one call to the vendor may take in all."""
        return timedelta(seconds=self.config.vendor.deadline_seconds)

    @property
    def lateness(self) -> timedelta:
        """The longest after its deadline at which the vendor may still execute a request."""
        return timedelta(seconds=self.config.lateness_seconds)

    def moment(self) -> Moment:
        """Now, by both clocks."""
        return self.config.clock.moment(self.config.zone)


def room_of(config: Config) -> Room:
    """The surroundings of a process whose database is open. GatewayMisconfigured where the vendor cannot be reached."""
    return Room(config=config, gateway=gateway_of(config.vendor, zone=config.zone))


@contextmanager
def job_config() -> Iterator[Config]:
    """Open the database for the length of a job; a forked job must not share its parent's connection."""
    config = read_config(os.environ)
    database = connect_to(config.database_url)
    with database.connection_context():
        yield config


@contextmanager
def job_room() -> Iterator[Room]:
    """The same for a job that talks to the vendor."""
    with job_config() as config:
        yield room_of(config)
