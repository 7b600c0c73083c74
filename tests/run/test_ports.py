import socket

import pytest

from launcher import ports
from launcher.words import StartRefused


@pytest.fixture
def taken():
    """A port on which somebody else listens."""
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_set_port_that_is_taken_is_refused(taken):
    with pytest.raises(StartRefused, match=f"Port {taken} cannot be used"):
        ports.chosen(str(taken))


def test_a_taken_port_that_was_not_set_gives_the_next_free_one(taken):
    assert ports.next_free(taken) > taken


def test_a_port_whose_server_has_just_gone_is_free():
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ports.HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection((ports.HOST, port)), listener.accept()[0]:
            pass
    assert ports.chosen(str(port)) == port


def test_without_a_set_port_the_search_begins_at_8000():
    assert ports.DEFAULT_PORT <= ports.chosen(None) < ports.DEFAULT_PORT + 200
    assert ports.chosen("") >= ports.DEFAULT_PORT


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80a", "8000.0", "٨٠٠٠", " 8000", "http"])
def test_a_port_that_is_no_port_number_is_refused(text):
    with pytest.raises(StartRefused, match="PORT must be a number from 1 to 65535"):
        ports.chosen(text)
