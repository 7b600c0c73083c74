"""The service's code table (domain.md), and which codes leave open what became of a command. Pure.

A code that is not here is kept word for word, and refuses like any other.
"""

from licensing.states import CommandKind

ALREADY_ACTIVATED = "1"
NOT_ACTIVATED = "2"
UNKNOWN_SUBSCRIBER = "5"
DUPLICATE_ORDER = "6"
UNKNOWN_ERROR = "99"
NOT_ALLOWED = "601"
NO_LICENCE = frozenset({NOT_ACTIVATED, UNKNOWN_SUBSCRIBER})

MEANINGS = {
    ALREADY_ACTIVATED: "The licence has been activated already.",
    NOT_ACTIVATED: "The licence has not been activated yet.",
    "3": "The end is earlier than the present one.",
    "4": "The licence is hard-cancelled already.",
    UNKNOWN_SUBSCRIBER: "The vendor does not know the licence.",
    DUPLICATE_ORDER: "The vendor has had this order already.",
    "8": "The vendor has no Activation Codes left.",
    "9": "The vendor does not know the product.",
    UNKNOWN_ERROR: "The vendor could not say what went wrong.",
    "101": "The licence would last less than 28 days.",
    "103": "The start is in the future.",
    "105": "The licence is soft-cancelled: renew it instead.",
    "202": "A licence without an end cannot be renewed.",
    "204": "The licence is paused.",
    "303": "The licence is paused.",
    "304": "The end is more than 14 days back.",
    "401": "The licence has an end.",
    "402": "The licence is paused already.",
    "501": "The licence is not paused.",
    NOT_ALLOWED: "The vendor does not allow us to do this.",
    "602": "The vendor takes an attribute for wrong.",
}


def leaves_open(code: str, kind: CommandKind) -> bool:
    """Whether the command may have been executed all the same, by this request or an earlier one of the same bytes.

    The SubscriberId of a Create is derived from its reference: activated already, it can only have been by us.
    """
    if code == ALREADY_ACTIVATED:
        return kind is CommandKind.CREATE
    return code in {DUPLICATE_ORDER, UNKNOWN_ERROR}
