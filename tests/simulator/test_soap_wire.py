"""The subscription service's wire: batches, partial success, its code table, and what a client must not learn."""

import uuid

import pytest

from tests.simulator.process import SimulatorProcess
from tests.simulator.soap_call import activate, entries, get_info, item, post_soap

SERVICE = "{http://schemas.kaspersky.com/services/subscription/2.0/}"
FAR = "2099-12-31T00:00:00Z"
SOON = "2017-08-01T00:00:00Z"
PAST = "2017-06-30T00:00:00Z"


@pytest.fixture
def soap(simulator):
    """Send items; gives the answered entries and errors by UnitId."""

    def send(*items, transaction_id="t"):
        status, told = post_soap(simulator, "".join(items), transaction_id=transaction_id)
        assert (status, told.tag) == (200, f"{SERVICE}SubscriptionResponseContainer")
        return entries(told, "SubscriptionResponse"), entries(told, "SubscriptionError")

    return send


def code_of(answer):
    return answer[1]["1"]["ErrorCode"]


def test_activate_gives_a_code_and_names_its_request(simulator):
    told = post_soap(simulator, activate("soapA1"), transaction_id="soap-a1")[1]
    assert told.findtext(f"{SERVICE}TransactionId") == "soap-a1"
    assert told.findtext(f"{SERVICE}Timestamp")
    entry = entries(told, "SubscriptionResponse")["1"]
    assert entry["SubscriberId"] == "soapA1"
    assert entry["ActivationCode"] == simulator.licences()["soapA1"]["activation_code"]
    assert entry["ActivationCode"].isupper()


def test_part_of_a_batch_may_be_refused(soap, simulator):
    done, refused = soap(activate("soapB1", UnitId="1"), activate("soapB2", UnitId="2", ProductId="none"))
    assert (set(done), set(refused)) == ({"1"}, {"2"})
    assert refused["2"]["ErrorCode"] == "9"
    assert "soapB2" not in simulator.licences()


def test_info_tells_status_dates_and_count(simulator):
    post_soap(simulator, activate("soapC1"), transaction_id="soap-c1")
    told = post_soap(simulator, get_info("soapC1"))[1]
    shown = dict(told.find("{*}SubscriptionResponse/{*}GetInfo/{*}Subscription").attrib)
    assert (shown["Status"], shown["EndTime"], shown["LicenseCount"]) == ("Started", "indefinite", "12")


@pytest.mark.parametrize(
    ("operation", "attributes", "status"),
    [
        ("SoftCancel", {"EndTime": FAR}, "SoftCancelled"),
        ("HardCancel", {"EndTime": FAR}, "HardCancelled"),
        ("Pause", {"PauseTime": SOON}, "Paused"),
    ],
)
def test_what_was_done_is_the_status(soap, simulator, operation, attributes, status):
    subscriber = f"soapD{operation}"
    soap(activate(subscriber), transaction_id=f"{subscriber}a")
    assert "1" in soap(item(operation, subscriber, **attributes), transaction_id=f"{subscriber}b")[0]
    told = post_soap(simulator, get_info(subscriber))[1]
    assert told.find("{*}SubscriptionResponse/{*}GetInfo/{*}Subscription").get("Status") == status


def test_a_renewal_ends_a_soft_cancel_and_moves_the_end(soap, simulator):
    soap(activate("soapE1"), transaction_id="soap-e1")
    soap(item("SoftCancel", "soapE1", EndTime=FAR), transaction_id="soap-e2")
    soap(item("Renew", "soapE1", EndTime=FAR), transaction_id="soap-e3")
    licence = simulator.licences()["soapE1"]
    assert (licence["cancelled_at"], licence["expires_at"][:13]) == (None, "2099-12-31 23")


PREPARED = {
    "cancelled": item("SoftCancel", "{}", EndTime=FAR),
    "hard": item("HardCancel", "{}", EndTime=FAR),
    "paused": item("Pause", "{}", PauseTime=SOON),
    "open": "",
    "none": None,
}


@pytest.mark.parametrize(
    ("state", "items", "code"),
    [
        ("open", activate("{}"), "1"),
        ("hard", activate("{}"), "1"),
        ("cancelled", activate("{}"), "105"),
        ("none", item("Renew", "{}", EndTime=FAR), "5"),
        ("none", get_info("{}"), "5"),
        ("none", activate("{}", ProductId="KIS"), "9"),
        ("none", activate("{}", EndTime=SOON), "101"),
        ("none", activate("{}", StartTime=FAR), "103"),
        ("none", activate("{}", LicenseCount="0"), "602"),
        ("none", activate("{}", LicenseCount="١٢"), "602"),
        ("none", activate("{}", EndTime="9999-12-31"), "602"),
        ("none", activate("{}-no"), "602"),
        ("none", activate("{}", ActivationType="Trial"), "602"),
        ("open", item("Renew", "{}", EndTime=FAR), "202"),
        ("hard", item("Renew", "{}", EndTime=FAR), "4"),
        ("hard", item("HardCancel", "{}", EndTime=FAR), "4"),
        ("hard", item("Resume", "{}"), "4"),
        ("cancelled", item("Renew", "{}", EndTime=PAST), "3"),
        ("cancelled", item("SoftCancel", "{}", EndTime=FAR), "105"),
        ("cancelled", item("Pause", "{}", PauseTime=SOON), "401"),
        ("paused", item("Renew", "{}", EndTime=FAR), "204"),
        ("paused", item("SoftCancel", "{}", EndTime=FAR), "303"),
        ("paused", item("Pause", "{}", PauseTime=SOON), "402"),
        ("open", item("SoftCancel", "{}", EndTime=PAST), "304"),
        ("open", item("SoftCancel", "{}", EndTime="indefinite"), "602"),
        ("open", item("HardCancel", "{}", EndTime="soon"), "602"),
        ("open", item("Resume", "{}"), "501"),
        ("open", get_info("{}", InfoSection="Everything"), "602"),
        ("open", item("GetDownloadLinks", "{}"), "601"),
    ],
)
def test_what_the_service_refuses_has_its_code(soap, state, items, code):
    subscriber = uuid.uuid4().hex
    if state != "none":
        soap(activate(subscriber), transaction_id=f"{subscriber}a")
    if PREPARED[state]:
        soap(PREPARED[state].format(subscriber), transaction_id=f"{subscriber}b")
    assert code_of(soap(items.format(subscriber), transaction_id=f"{subscriber}c")) == code


def test_a_repeated_transaction_gets_the_first_answer(soap, simulator):
    first, again = (soap(activate("soapG1"), transaction_id="soap-g1") for _ in range(2))
    assert first == again
    assert simulator.effects("soap-g1") == 1


def test_a_transaction_id_of_another_batch_is_refused_in_whole(simulator):
    post_soap(simulator, activate("soapH1"), transaction_id="soap-h1")
    told = post_soap(simulator, activate("soapH2"), transaction_id="soap-h1")[1]
    assert told.find("{*}TransactionError").get("ErrorCode") == "6"


def test_without_deduplication_a_repetition_is_another_request(soap, simulator):
    simulator.settings(extensions={"deduplication": False})
    soap(activate("soapI1"), transaction_id="soap-i1")
    assert code_of(soap(activate("soapI1"), transaction_id="soap-i1")) == "1"


def test_without_details_nothing_can_be_read(soap, simulator):
    simulator.settings(extensions={"details": False})
    soap(activate("soapJ1"), transaction_id="soap-j1")
    assert code_of(soap(get_info("soapJ1"))) == "601"


def test_a_batch_is_one_line_of_the_ledger_for_each_effect(soap, simulator):
    soap(activate("soapK1", UnitId="1"), activate("soapK2", UnitId="2"), transaction_id="soap-k")
    rows = simulator.ledger("soap-k")
    assert {row["id"] for row in rows} == {rows[0]["id"]}
    assert simulator.effects("soap-k") == 2


@pytest.mark.parametrize(
    "body",
    ["<a/>", "", "<k:Explode UnitId='1'/>", "<k:Activate>&lol;</k:Activate>"],
)
def test_a_request_of_another_shape_is_a_fault(simulator, body):
    status, told = post_soap(simulator, body)
    assert (status, told.tag) == (400, "{http://schemas.xmlsoap.org/soap/envelope/}Fault")


def test_only_the_given_name_and_password_are_let_in_and_neither_is_kept(tmp_path):
    started = {"SIMULATOR_HISTORY_UNTIL": "2017-04-01T00:00+02:00", "SIMULATOR_USER": "us"}
    vendor = SimulatorProcess(tmp_path, SIMULATOR_PASSWORD="open-sesame", **started)
    right = post_soap(vendor, activate("soapL1"), user="us", password="open-sesame")[0]
    wrong = [post_soap(vendor, activate("soapL2"), user=user, password="open") for user in ("us", "them")]
    vendor.stop()
    assert (right, [status for status, _ in wrong]) == (200, [401, 401])
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"soapL1" in kept
    assert b"open-sesame" not in kept
