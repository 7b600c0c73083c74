"""The planted defects: what to put in the place of what, and which quick check must then fail."""

from dataclasses import dataclass

# Schedules of tests/chaos, stopped at the first violation.
SCHEDULES = "schedules"


@dataclass(frozen=True, slots=True)
class Defect:
    """One mistake. edits are texts that stand once in the file, and their replacements."""

    name: str
    path: str
    edits: tuple[tuple[str, str], ...]
    caught_by: str = SCHEDULES

    def __str__(self) -> str:
        return self.name


CLAIM, RECORD = "operations/claim_command.py", "operations/record_outcome.py"
SETTLE, CONFIRM = "operations/settle_command.py", "operations/confirm_command.py"
SENDING = "jobs/sending.py"

DEFECTS = (
    Defect(
        "resend after a timeout",
        RECORD,
        (
            (
                "        case Unknown():\n            return _hold_unknown(command, outcome,",
                "        case Unknown():\n            return _queue_again(command, AGAIN, gateway=gateway,",
            ),
            ("_BACKOFF_SECONDS = (2,", 'AGAIN = NotExecuted(reason="")\n_BACKOFF_SECONDS = (2,'),
        ),
    ),
    Defect(
        "no guard on completion",
        "operations/transitions.py",
        (
            ("where(Command.id == command_id, Command.state == before)", "where(Command.id == command_id)"),
            ("    if guard is not None:\n", "    if command_id is None:\n"),
        ),
    ),
    Defect(
        "a late answer counts without its lease",
        RECORD,
        (
            (
                "        after=CommandState.UNKNOWN,\n        guard=Command.lease == claim.lease,",
                "        after=CommandState.UNKNOWN,",
            ),
            (
                "        after=CommandState.QUEUED,\n        guard=Command.lease == claim.lease,",
                "        after=CommandState.QUEUED,",
            ),
            ("guard = Command.lease == claim.lease\n    match", "guard = None\n    match"),
        ),
    ),
    Defect(
        "a new transaction reference per attempt",
        CLAIM,
        (("reference=command.reference,", "reference=str(uuid.uuid4()),"),),
    ),
    Defect(
        "RQ Retry on a job that calls the vendor",
        "jobs/dispatch.py",
        (("            result_ttl=0,", "            result_ttl=0,\n            retry=__import__('rq').Retry(max=3),"),),
        "tests/chaos/test_hints.py",
    ),
    Defect(
        "two negative reads prove absence however close they are",
        SETTLE,
        (
            ("if question.asked_at - first < lateness:", "if question.asked_at < first:"),
            ("wait = lateness if is_after_deadline", "wait = FIRST_READ_AFTER if is_after_deadline"),
        ),
    ),
    Defect(
        "one negative read proves absence",
        SETTLE,
        (
            (
                "return _count_absence(command, finding, question=question, moment=moment, lateness=lateness)",
                "return _queue_proved(command, finding, question=question, moment=moment)",
            ),
        ),
    ),
    Defect(
        "the first negative read counts before the deadline of the call",
        SETTLE,
        (("command.deadline_at is not None and question.asked_at > command.deadline_at", "True"),),
        "tests/operations/test_settle_command.py",
    ),
    Defect(
        "absence seen before the last attempt counts for it",
        CLAIM,
        (("        absent_at=None,\n", ""),),
    ),
    Defect(
        "a reading from before the last attempt is believed",
        SETTLE,
        (
            ("    guard = Command.attempt == question.attempt\n", "    guard = None\n"),
            ("guard=(Command.attempt == question.attempt) & (Command.absent_at == question.absent_at),", "guard=None,"),
        ),
        "tests/operations/test_settle_command.py",
    ),
    Defect(
        "a refusal of an earlier attempt counts for the last",
        SETTLE,
        (("if question.attempt <= 1 or deadline_at is None:", "if deadline_at:"),),
        "tests/operations/test_settle_command.py",
    ),
    Defect(
        "a lease that ran out is sent again",
        SETTLE,
        (
            (
                "            after=CommandState.UNKNOWN,\n            guard=(Command.lease",
                "            after=CommandState.QUEUED,\n            guard=(Command.lease",
            ),
        ),
    ),
    Defect(
        "dead leases are still being read while they are taken back",
        SETTLE,
        (("for command in list(query) if _expire", "for command in query if _expire"),),
        "tests/operations/test_expire_leases.py",
    ),
    Defect(
        "the lease is shorter than the call",
        CLAIM,
        (("moment.real_now + 2 * deadline + timedelta(seconds=5)", "moment.real_now + deadline / 4"),),
    ),
    Defect(
        "sent after the lease ran out",
        SENDING,
        (("if claim.deadline_at >= claim.lease_until:", "if claim.lease == '':"),),
    ),
    Defect(
        "an exception on the way counts as not executed",
        SENDING,
        (
            (
                'return Unknown(reason="The connection failed"',
                'return NotExecuted(reason="The connection failed"',
            ),
        ),
    ),
    Defect(
        "a second click makes a second command",
        "operations/earlier_command.py",
        (("Command.get_or_none(Command.request_key == request_key)", "None"),),
    ),
    Defect(
        "the time of the answer in the place of the time of execution",
        CONFIRM,
        (
            (
                "apply_effect(command, executed_at=executed_at, zone",
                "apply_effect(command, executed_at=moment.now, zone",
            ),
        ),
    ),
    Defect(
        "a composed command counts from its last call",
        CONFIRM,
        (("executed_at = command.executed_at or instant_of(", "executed_at = instant_of("),),
    ),
    Defect(
        "a composed command begins anew",
        RECORD,
        (('"completed_steps": max(steps, command.completed_steps)', '"completed_steps": 0'),),
    ),
    Defect(
        "a half-done command can be cancelled",
        "operations/cancel_command.py",
        (
            ("command.state == CommandState.QUEUED and command.completed_steps > 0", "command is None"),
            ("guard=Command.completed_steps == 0", "guard=None"),
        ),
        "tests/operations/test_cancel_command.py",
    ),
    Defect(
        "a command on its way does not stop another",
        "operations/request_command.py",
        (("open_command=open_command_of(subscription)", "open_command=None"),),
    ),
    Defect(
        "nobody asks about what is unknown",
        "queries/due_commands.py",
        (("_due(CommandState.UNKNOWN,", "_due(CommandState.PARKED,"),),
    ),
    Defect(
        "a claim does not look whether somebody has it",
        CLAIM,
        (
            ("command.state == CommandState.QUEUED and ", ""),
            ("    if not is_ours:\n", "    if command is None:\n"),
        ),
    ),
    Defect(
        "a click whose wake was lost is never woken",
        "queries/due_commands.py",
        (("(Command.due_at <= now - grace) | (", "("),),
    ),
    Defect(
        "a person's word about absence is taken while the vendor may still execute it",
        "operations/parked_commands.py",
        (("        _refuse_before(absence_proves_at(command, lateness=lateness), moment=moment)\n", ""),),
    ),
    Defect(
        "an adopted command counts from when somebody said so",
        "operations/take_adoption.py",
        (("        executed_at=adoption.executed_at,\n", "        executed_at=adoption.stated_at,\n"),),
    ),
    Defect(
        "a month is charged with its lowest quantity",
        "queries/charged_licences.py",
        (("max(term.quantity) AS quantity", "min(term.quantity) AS quantity"),),
    ),
    Defect(
        "a failure after the first byte counts as not executed",
        "gateways/http_outcomes.py",
        (("    if failure.was_written:\n", "    if not failure.reason:\n"),),
        "tests/gateways/test_first_byte.py",
    ),
    Defect(
        "what a service is never sent is confirmed by how the licence stands",
        "gateways/base.py",
        (("return self.support(kind).is_offered and (", "return bool(kind) and ("),),
        "tests/gateways/test_subscription_service.py",
    ),
    Defect(
        "a broken server's error counts as a refusal",
        "gateways/http_outcomes.py",
        (("frozenset({400, 404, 409, 422})", "frozenset({400, 404, 409, 422, 500})"),),
        "tests/gateways/test_contract_faults.py",
    ),
    Defect(
        "a confirmed command leaves its terms as they were",
        "operations/licence_effect.py",
        (("    _write_terms(command, before=before, after=after)\n", ""),),
    ),
)
