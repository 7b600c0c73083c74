"""What the jobs do with one command: claim, execute, write down; or read the vendor and settle."""

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from access import SYSTEM
from jobs.room import GATEWAY, Room
from jobs.vendor_reading import read_licence
from licensing.commands import Finding, NotExecuted, Outcome, Unknown, Unreadable
from operations.claim_command import Claim, claim_command
from operations.gateway_contact import note_contact
from operations.gateway_holds import hold_gateway
from operations.record_outcome import record_outcome
from operations.settle_command import OpenQuestion, open_question, settle_command
from operations.take_adoption import stated_adoption, take_adoption

_log = logging.getLogger("seatdesk.jobs")


def send(room: Room, command_id: int, *, slot: AbstractContextManager[object] | None = None) -> bool:
    """Send a queued command and write down the outcome; gives False for one that cannot be claimed now.

    slot is held during the call alone: claiming and writing down go on while other calls wait for the vendor.
    """
    claim = claim_command(command_id, moment=room.moment(), deadline=room.deadline, gateway=GATEWAY)
    if claim is None:
        return False
    with slot or nullcontext():
        # The call's own deadline, which begins now and not with the claim: absence is proved only after it.
        begun = replace(claim, deadline_at=room.moment().real_now + room.deadline)
        outcome = _execute(room, begun)
    record_outcome(begun, outcome, moment=room.moment(), gateway=GATEWAY)
    return True


def _execute(room: Room, claim: Claim) -> Outcome:
    """The call itself, with no transaction open and only while the lease outlasts the longest call."""
    if claim.deadline_at >= claim.lease_until:
        return NotExecuted(reason="The lease was too short to send", completed_steps=claim.request.completed_steps)
    try:
        return room.gateway.execute(claim.request)
    except Exception:  # noqa: BLE001 - whatever broke, the request may have been written: unknown is honest
        _log.exception("the gateway failed for command %d", claim.command_id)
        return Unknown(reason="The connection failed", completed_steps=claim.request.completed_steps)


def settle(room: Room, command_id: int) -> None:
    """Read the vendor about a command of unknown outcome and write down what was found."""
    question = open_question(command_id, moment=room.moment())
    if question is not None:
        finding = _read(room, question)
        settle_command(question, finding, moment=room.moment(), lateness=room.lateness)
        note_contact(finding, gateway=GATEWAY, moment=room.moment())
        if isinstance(finding, Unreadable) and finding.holds_gateway:
            hold_gateway(GATEWAY, reason=finding.reason, actor=SYSTEM, moment=room.moment())


def _read(room: Room, question: OpenQuestion) -> Finding:
    """The reading itself, with no transaction open."""
    try:
        return room.gateway.settle(question.request)
    except Exception:  # noqa: BLE001 - a question that breaks must wait its turn, not stand before all others for ever
        _log.exception("the gateway failed while reading about command %d", question.command_id)
        return Unreadable(reason="The connection failed")


def adopt(room: Room, command_id: int) -> None:
    """Read at the vendor what a person stated about a parked command, and take it or say why not."""
    stated = stated_adoption(command_id, moment=room.moment())
    if stated is not None:
        take_adoption(stated, read_licence(room.gateway, stated.subscription_id), moment=room.moment())
