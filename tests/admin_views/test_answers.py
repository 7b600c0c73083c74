"""What every answer carries besides its content: browsers keep none of it, and none leads to another host."""

import pytest

from tests.admin_views.browser import Browser
from tests.admin_views.desk import set_up

KEPT_BY_NOBODY = (
    *("/", "/account", "/nix", "/users", "/subscriptions/", "/subscriptions/edit/?id=0", "/livez", "/login"),
    *("/subscriptions/export/csv/", "/subscriptions/export/xlsx/", "/imports/orders/template.xlsx"),
    *(f"/reports/reseller/{name}?month=2017-07" for name in ("print.docx", "export.csv", "export.xlsx")),
)


@pytest.fixture
def desk(app):
    return set_up()


@pytest.mark.parametrize("path", KEPT_BY_NOBODY)
def test_no_page_and_no_download_stays_in_the_browser(desk, browser_of, path):
    answer = browser_of(desk.people["ops"]).get(path, headers={"Origin": "https://evil.example"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_picture_does_not_stay_in_the_browser_either(desk, browser_of):
    john = desk.people["john"]
    john.picture, john.picture_type = b"\xff\xd8\xff", "image/jpeg"
    john.save()
    answer = browser_of(john).get("/account/picture")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("path", ["/users", "//users", "/subscriptions/edit?id=1&next=//evil.example"])
def test_a_missing_slash_is_added_on_our_own_host_whatever_the_request_names(app, path):
    answer = Browser(app, base_url="http://evil.example").get(path)
    assert answer.status_code == 308
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")
    assert "evil.example/" not in answer.get_data(as_text=True)
