"""Carries a call through the fault it meets: what is executed and when, and what the wire gets to see."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator import hostile, soap
from simulator.faults import Execution, FaultDesk, FaultKind, FaultRule
from simulator.licences import Answer, Call
from simulator.service import Service, echo_of, error
from simulator.subscription_service import transaction_error, unit_errors


@dataclass(frozen=True, slots=True)
class Reply:
    """What to put on the wire: a whole answer, a spoilt one, or nothing (the connection is closed).

    is_soap says in which words; form makes the body hostile; times is how often it is sent on the one connection.
    """

    answer: Answer | None
    is_soap: bool = False
    is_truncated: bool = False
    form: hostile.Form | None = None
    times: int = 1

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.answer is None:
            return b""
        body = dict(self.answer.body)
        if self.form is not None:
            body = hostile.mislead(self.form, body, is_soap=self.is_soap)
        content = soap.render(body) if self.is_soap else json.dumps(body).encode()
        if self.form is not None:
            content = hostile.spoil(self.form, content)
        return content[: len(content) // 2] if self.is_truncated else content


NOTHING = Reply(answer=None)
Send = Callable[[Reply], None]


@dataclass(frozen=True, slots=True)
class Enactor:
    """The service behind its faults."""

    service: Service
    desk: FaultDesk

    def run(self, call: Call, send: Send) -> None:
        """Answer one call through send, which is called once; an effect may come before, after or never."""
        rule = self.desk.take(call.operation, call.subjects())
        if rule is not None and rule.kind is FaultKind.OUTAGE:
            send(NOTHING)
            return
        time.sleep(self.desk.latency_seconds)
        if rule is None:
            send(Reply(self.service.handle(call), is_soap=call.is_soap))
            return
        noted = replace(call, note=f"{rule.kind}, executes {rule.executes}")
        self._enact(rule, noted, send)

    def _enact(self, rule: FaultRule, call: Call, send: Send) -> None:
        if rule.kind is FaultKind.HANG:
            send(self._reply_after_silence(rule, call))
        elif rule.kind is FaultKind.HIDE:
            self._hide(rule, call)
            send(NOTHING)
        elif rule.executes is Execution.LATE:
            send(self._reply(rule, call, executed=None))
            time.sleep(rule.seconds)
            self.service.handle(call)
        elif rule.executes is Execution.AT_ONCE:
            send(self._reply(rule, call, executed=self.service.handle(call)))
        else:
            send(self._reply_unexecuted(rule, call))

    def _hide(self, rule: FaultRule, call: Call) -> None:
        answer = self.service.handle(call)
        made = answer.body.get("SubscriptionId")
        about = call.subjects() | ({made} if isinstance(made, str) else frozenset())
        self.desk.add(
            FaultRule(FaultKind.NOT_FOUND, operation="reads", times=None, lasts_seconds=rule.seconds, about=about)
        )

    def _reply_after_silence(self, rule: FaultRule, call: Call) -> Reply:
        if rule.executes is Execution.AT_ONCE:
            answer = self.service.handle(call)
            time.sleep(rule.seconds)
            return Reply(answer, is_soap=call.is_soap)
        time.sleep(rule.seconds)
        if rule.executes is Execution.LATE:
            return Reply(self.service.handle(call), is_soap=call.is_soap)
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
        plain = Reply(executed or self._fault_answer(rule, call), is_soap=call.is_soap)
        match rule.kind:
            case FaultKind.DROP:
                return NOTHING
            case FaultKind.TRUNCATE:
                return replace(plain, is_truncated=True)
            case FaultKind.TWICE:
                return replace(plain, times=2)
            case FaultKind.HOSTILE:
                return replace(plain, answer=self._misdirected(rule, call, plain.answer), form=rule.form)
            case _:
                return replace(plain, answer=self._fault_answer(rule, call))

    def _misdirected(self, rule: FaultRule, call: Call, answer: Answer | None) -> Answer | None:
        if rule.form is not hostile.Form.ANOTHER_ANSWER:
            return answer
        row = self.service.ledger.answer_to_another(call)
        if row is None:
            return error(200, "Simulated", "There is no other answer yet.")
        return Answer(status=row["status"], body=json.loads(row["body"]), headers=echo_of(row["reference"]))

    def _fault_answer(self, rule: FaultRule, call: Call) -> Answer:
        if rule.kind is FaultKind.NOT_FOUND:
            return self._not_found(rule, call)
        if call.is_soap and rule.kind is FaultKind.REFUSE:
            now = self.service.clock()
            return transaction_error(call, rule.code, rule.message, now=now, status=rule.status)
        headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
        if call.is_soap:
            return replace(soap.fault(rule.status, rule.message), headers=headers)
        answer = error(rule.status, rule.code, rule.message, is_final=rule.kind is FaultKind.REFUSE)
        return replace(answer, headers=headers)

    def _not_found(self, rule: FaultRule, call: Call) -> Answer:
        if call.is_soap:
            return unit_errors(call, "5", now=self.service.clock())
        code = "ReferenceUnknown" if call.operation == "find" else "SubscriptionUnknown"
        return error(404, code, rule.message)
