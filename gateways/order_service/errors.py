"""What an answer other than 200 means for the command: the order service's own words (domain.md). Pure."""

from gateways.http_deadline import HttpAnswer
from gateways.http_outcomes import REFUSALS, outcome_of_status
from gateways.order_service.messages import AnswerUnreadable, VendorError, read_error, read_object
from licensing.commands import NotExecuted, Rejected, Unknown


def outcome_of_refusal(answer: HttpAnswer, *, throttle_means_not_executed: bool) -> NotExecuted | Rejected | Unknown:
    """A whole answer other than 200."""
    proved = outcome_of_status(answer, throttle_means_not_executed=throttle_means_not_executed)
    if proved is not None:
        return proved
    error = error_of(answer) if answer.status in REFUSALS else None
    if error is None:
        return Unknown(reason=f"HTTP {answer.status}")
    return Rejected(code=error.code, message=error.message, error_reference=error.error_id)


def error_of(answer: HttpAnswer) -> VendorError | None:
    """The service's own error, None where the body is not readable as one."""
    try:
        return read_error(read_object(answer.body))
    except AnswerUnreadable:
        return None
