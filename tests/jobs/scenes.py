"""Everything that can go wrong on the way to the vendor, started side by side because each takes seconds to settle.

Each scene has an operation of its own, so that its fault meets its own command and no other.
"""

import os
import signal
from datetime import date
from enum import StrEnum

from licensing.states import CommandKind
from models import Command
from tests.desk import DETAILS
from tests.jobs.house import House, horse_of, wait_for


class Scene(StrEnum):
    """What happens to a command."""

    NEVER_ARRIVED = "the vendor drops the request"
    EXECUTED_LATE = "the vendor drops the request and executes it later"
    THROTTLED = "the vendor is busy"
    CUT_SHORT = "the vendor executes and its answer is cut short"
    ANSWER_LOST = "the vendor executes and drops its answer"
    HALF_DONE = "the second call of a Renew is lost"
    JOB_KILLED = "the job is killed between sending and writing down"
    WORKER_KILLED = "job and worker are killed between sending and writing down"


def start_scenes(house: House) -> dict[Scene, Command]:
    """Let each begin; gives the commands, all still on their way."""
    late, busy, cut, lost, half, job, worker = house.licences(7)
    house.settled(house.ask(CommandKind.SOFT_CANCEL, half))
    scenes = {Scene.JOB_KILLED: _kill_job(house, house.desk.ask(CommandKind.SOFT_CANCEL, job))}
    scenes[Scene.WORKER_KILLED] = _kill_worker(house, house.desk.ask(CommandKind.SOFT_CANCEL, worker))

    def begin(scene: Scene, fault: dict[str, object], command: Command) -> None:
        house.vendor.fault(**fault)
        scenes[scene] = house.arrived(house.click(command))

    ask = house.desk.ask
    begin(Scene.NEVER_ARRIVED, {"kind": "drop", "operation": "create"}, house.desk.order())
    begin(
        Scene.EXECUTED_LATE,
        {"kind": "drop", "operation": "modifyquantity", "executes": "late", "seconds": 2},
        ask(CommandKind.MODIFY_QUANTITY, late, quantity=8),
    )
    begin(
        Scene.THROTTLED,
        {"kind": "fail", "operation": "hardcancel", "status": 429, "retry_after": 1},
        ask(CommandKind.HARD_CANCEL, busy),
    )
    begin(
        Scene.CUT_SHORT,
        {"kind": "truncate", "operation": "modifyattributes", "executes": "at_once"},
        ask(CommandKind.MODIFY_ATTRIBUTES, cut, details=DETAILS),
    )
    begin(
        Scene.ANSWER_LOST,
        {"kind": "drop", "operation": "reduce", "executes": "at_once"},
        ask(CommandKind.REDUCE, lost, expires_on=date(house.desk.moment.month.year + 2, 1, 1)),
    )
    begin(Scene.HALF_DONE, {"kind": "drop", "operation": "modifyexpiration"}, ask(CommandKind.RENEW, half))
    return scenes


def _executing(house: House, command: Command) -> int:
    """The process that waits for a vendor who has executed and keeps silent."""
    house.vendor.fault("hang", operation="softcancel", executes="at_once", seconds=5)
    house.click(command)
    wait_for(lambda: house.vendor.effects(command.reference) == 1, said=lambda: house.story(command))
    horse = horse_of(house.worker)
    assert horse is not None
    return horse


def _kill_job(house: House, command: Command) -> Command:
    os.kill(_executing(house, command), signal.SIGKILL)
    return command


def _kill_worker(house: House, command: Command) -> Command:
    horse = _executing(house, command)
    house.worker.kill()
    os.kill(horse, signal.SIGKILL)
    house.worker.wait()
    house.keep_worker()
    return command
