"""Carries a call through the fault it meets: what is executed and when, and what the wire gets to see."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.faults import Execution, FaultDesk, FaultKind, FaultRule
from simulator.licences import Answer, Call
from simulator.service import Service, error


@dataclass(frozen=True, slots=True)
class Reply:
    """What to put on the wire: a whole answer, a body cut short, or nothing (the connection is closed)."""

    answer: Answer | None
    is_truncated: bool = False

    def content(self) -> bytes:
        """The bytes of the body."""
        body = b"" if self.answer is None else json.dumps(self.answer.body).encode()
        return body[: len(body) // 2] if self.is_truncated else body


NOTHING = Reply(answer=None)
Send = Callable[[Reply], None]


@dataclass(frozen=True, slots=True)
class Enactor:
    """The service behind its faults."""

    service: Service
    desk: FaultDesk

    def run(self, call: Call, send: Send) -> None:
        """Answer one call through send, which is called once; an effect may come before, after or never."""
        rule = self.desk.take(call.operation)
        if rule is not None and rule.kind is FaultKind.OUTAGE:
            send(NOTHING)
            return
        time.sleep(self.desk.latency_seconds)
        if rule is None:
            send(Reply(self.service.handle(call)))
            return
        noted = replace(call, note=f"{rule.kind}, executes {rule.executes}")
        self._enact(rule, noted, send)

    def _enact(self, rule: FaultRule, call: Call, send: Send) -> None:
        if rule.kind is FaultKind.HANG:
            send(self._reply_after_silence(rule, call))
        elif rule.executes is Execution.LATE:
            send(self._reply(rule, call, executed=None))
            time.sleep(rule.seconds)
            self.service.handle(call)
        elif rule.executes is Execution.AT_ONCE:
            send(self._reply(rule, call, executed=self.service.handle(call)))
        else:
            send(self._reply_unexecuted(rule, call))

    def _reply_after_silence(self, rule: FaultRule, call: Call) -> Reply:
        if rule.executes is Execution.AT_ONCE:
            answer = self.service.handle(call)
            time.sleep(rule.seconds)
            return Reply(answer)
        time.sleep(rule.seconds)
        if rule.executes is Execution.LATE:
            return Reply(self.service.handle(call))
        self.service.record(call)
        return NOTHING

    def _reply_unexecuted(self, rule: FaultRule, call: Call) -> Reply:
        reply = self._reply(rule, call, executed=None)
        if reply.answer is None:
            self.service.record(call)
        else:
            self.service.answer_without_effect(call, reply.answer)
        return reply

    def _reply(self, rule: FaultRule, call: Call, *, executed: Answer | None) -> Reply:
        if rule.kind is FaultKind.DROP:
            return NOTHING
        if rule.kind is FaultKind.TRUNCATE:
            answer = executed or error(rule.status, rule.code, rule.message)
            return Reply(answer, is_truncated=True)
        return Reply(_fault_answer(rule, call))


def _fault_answer(rule: FaultRule, call: Call) -> Answer:
    if rule.kind is FaultKind.NOT_FOUND:
        code = "ReferenceUnknown" if call.operation == "find" else "SubscriptionUnknown"
        return error(404, code, rule.message)
    headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
    answer = error(rule.status, rule.code, rule.message, is_final=rule.kind is FaultKind.REFUSE)
    return replace(answer, headers=headers)
