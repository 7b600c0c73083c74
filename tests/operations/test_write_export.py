"""A file is written once, whatever happens to the jobs that write it, and belongs to whoever asked for it."""

from datetime import timedelta

import pytest

from access import Role
from file_models import ExportFile, ExportPart
from licensing.wording import Sentence
from models import User
from operations.ask_export import KEPT, MOST_WAITING, ask_export, forget_exports
from operations.bulk_refusals import BulkRefused
from operations.write_export import (
    LEASE,
    MOST_ATTEMPTS,
    ExportLost,
    claim_export,
    fail_export,
    finish_export,
    keep_part,
    note_progress,
)
from queries.export_files import NoSuchExport, content_of, find_export, recent_exports, waiting_exports
from tests.desk import REAL_START, Desk, again
from tests.small_book import actor, add_user

LATER = REAL_START + LEASE + timedelta(seconds=1)


@pytest.fixture
def desk(database):
    return Desk()


@pytest.fixture
def ask(desk):
    def asked(query: str = "status=all", *, by=desk.actor):
        return ask_export(
            screen="subscriptions", query=query, file_name="subscriptions.xlsx", actor=by, moment=desk.moment
        )

    return asked


def colleague_of(desk: Desk):
    return actor(Role.RESELLER_USER, reseller=desk.reseller, user=add_user("john", reseller=desk.reseller))


class TestAsking:
    def test_the_same_list_asked_for_twice_is_one_file(self, ask):
        assert ask().id == ask().id
        assert ask("status=failed").id != ask().id

    def test_a_list_that_was_written_is_written_anew(self, ask):
        first = ask()
        finish_export(claim_export(first.id, real_now=REAL_START), rows=0, size=0)
        assert ask().id != first.id

    def test_more_than_five_that_wait_are_refused_in_words(self, ask):
        for number in range(MOST_WAITING):
            ask(f"sku={number}")
        with pytest.raises(BulkRefused, match="5 of your files"):
            ask("sku=more")


class TestOwner:
    def test_a_file_is_nobody_elses_not_even_the_admins(self, desk, ask):
        export = ask()
        others = [colleague_of(desk), actor(Role.DISTRIBUTOR_ADMIN, user=add_user("root", role=Role.DISTRIBUTOR_ADMIN))]
        for other in others:
            assert recent_exports(actor=other) == []
            with pytest.raises(NoSuchExport):
                find_export(export.id, actor=other)
        assert find_export(export.id, actor=desk.actor) == export

    def test_after_a_change_of_reseller_the_file_is_out_of_reach(self, desk, ask):
        export = ask()
        moved = actor(Role.DISTRIBUTOR_OPERATOR, user=desk.user)
        assert find_export(export.id, actor=moved) == export
        ExportFile.update(owner=add_user("new")).execute()
        with pytest.raises(NoSuchExport):
            find_export(export.id, actor=moved)

    @pytest.mark.parametrize("change", [{"is_active": False}, {"reseller": None, "role": Role.DISTRIBUTOR_OPERATOR}])
    def test_who_lost_the_right_gets_no_file(self, desk, ask, change):
        export = ask()
        User.update(**change).where(User.id == desk.user.id).execute()
        assert claim_export(export.id, real_now=REAL_START) is None
        assert again(export).state == "failed"
        assert "may not read" in again(export).problem


class TestLease:
    def test_one_job_writes_at_a_time(self, ask):
        export = ask()
        assert claim_export(export.id, real_now=REAL_START) is not None
        assert claim_export(export.id, real_now=REAL_START) is None

    def test_a_killed_job_is_begun_again_when_its_lease_ended_and_its_pieces_are_gone(self, ask):
        export = ask()
        killed = claim_export(export.id, real_now=REAL_START)
        keep_part(killed, 0, b"half", real_now=REAL_START)
        assert waiting_exports(now=REAL_START, limit=5) == []
        assert [due.command_id for due in waiting_exports(now=LATER, limit=5)] == [export.id]
        claim = claim_export(export.id, real_now=LATER)
        assert ExportPart.select().count() == 0
        keep_part(claim, 0, b"whole", real_now=LATER)
        finish_export(claim, rows=1, size=5)
        assert (again(export).state, again(export).attempts) == ("written", 2)
        assert list(content_of(again(export))) == [b"whole"]

    def test_a_job_that_lost_its_lease_can_do_nothing_more(self, ask):
        export = ask()
        slow = claim_export(export.id, real_now=REAL_START)
        quick = claim_export(export.id, real_now=LATER)
        steps = (
            lambda: note_progress(slow, 5, rows=10, real_now=LATER),
            lambda: keep_part(slow, 0, b"late", real_now=LATER),
            lambda: finish_export(slow, rows=1, size=1),
            lambda: fail_export(slow, Sentence("late")),
        )
        for step in steps:
            with pytest.raises(ExportLost):
                step()
        assert (again(export).state, again(export).lease, ExportPart.select().count()) == ("waiting", quick.lease, 0)

    def test_progress_holds_the_lease(self, ask):
        export = ask()
        claim = claim_export(export.id, real_now=REAL_START)
        note_progress(claim, 500, rows=1000, real_now=LATER)
        assert claim_export(export.id, real_now=LATER + LEASE / 2) is None
        assert (again(export).written, again(export).rows) == (500, 1000)

    def test_a_file_that_breaks_off_three_times_fails_in_words(self, ask):
        export, now = ask(), REAL_START
        for _ in range(MOST_ATTEMPTS):
            assert claim_export(export.id, real_now=now) is not None
            now += LEASE + timedelta(seconds=1)
        assert claim_export(export.id, real_now=now) is None
        assert again(export).state == "failed"
        assert "could not be written" in again(export).problem

    def test_what_is_written_failed_or_forgotten_is_not_written_again(self, ask):
        written, failed = ask("sku=1"), ask("sku=2")
        finish_export(claim_export(written.id, real_now=REAL_START), rows=0, size=0)
        fail_export(claim_export(failed.id, real_now=REAL_START), Sentence("no"))
        assert [claim_export(key, real_now=LATER) for key in (written.id, failed.id, 987_654)] == [None] * 3


def test_files_are_thrown_away_after_two_days_with_their_content(desk, ask):
    old = ask()
    keep_part(claim_export(old.id, real_now=REAL_START), 0, b"x", real_now=REAL_START)
    desk.wait(KEPT + timedelta(seconds=1))
    young = ask("sku=1")
    assert [forget_exports(moment=desk.moment), forget_exports(moment=desk.moment)] == [True, False]
    assert [export.id for export in ExportFile.select()] == [young.id]
    assert ExportPart.select().count() == 0
