"""The jobs that talk to the vendor: claim, execute, write down; or read and settle.

No RQ retry on any of them: a job that runs twice finds nothing to claim, and what was sent is never guessed.
"""

import logging
from dataclasses import replace

from jobs.room import GATEWAY, Room, job_room
from licensing.commands import NotExecuted, Outcome, Unknown
from operations.claim_command import Claim, claim_command
from operations.record_outcome import record_outcome
from operations.settle_command import open_question, settle_command

_log = logging.getLogger("seatdesk.jobs")


def send_command(command_id: int) -> None:
    """Send one queued command and write down the outcome; does nothing for one that is taken, settled or not due."""
    with job_room() as room:
        claim = claim_command(command_id, moment=room.moment(), deadline=room.deadline, gateway=GATEWAY)
        if claim is not None:
            begun = replace(claim, deadline_at=room.moment().real_now + room.deadline)
            record_outcome(begun, _execute(room, begun), moment=room.moment(), gateway=GATEWAY)


def _execute(room: Room, claim: Claim) -> Outcome:
    """The call itself, with no transaction open and only while the lease outlasts the longest call."""
    steps = claim.request.completed_steps
    if claim.deadline_at >= claim.lease_until:
        return NotExecuted(reason="The lease was too short to send", completed_steps=steps)
    try:
        return room.gateway.execute(claim.request)
    except Exception:  # noqa: BLE001 - whatever broke, the request may have been written: unknown is honest
        _log.exception("the gateway failed for command %d", claim.command_id)
        return Unknown(reason="The connection failed", completed_steps=steps)


def settle_unknown(command_id: int) -> None:
    """Read the vendor about a command of unknown outcome and write down what was found."""
    with job_room() as room:
        question = open_question(command_id, moment=room.moment())
        if question is not None:
            finding = room.gateway.settle(question.request)
            settle_command(question, finding, moment=room.moment(), lateness=room.lateness)
