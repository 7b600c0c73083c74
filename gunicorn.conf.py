"""How the web process serves; gunicorn reads this file by itself."""

import os

bind = f"{os.environ.get('SEATDESK_BIND') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "web_worker.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY") or "2")
threads = 8
timeout = 60
graceful_timeout = 8
accesslog = None  # an access log would carry query strings
# app.py believes as many proxies as it is told of; what a request says of itself is believed nowhere else.
forwarded_allow_ips = ""
forwarder_headers = ""
control_socket_disable = True


def post_fork(_arbiter: object, _worker: object) -> None:
    """Each process of web writes what Seatdesk has to tell; without this nobody would."""
    from logs import write_to_standard_error  # noqa: PLC0415 - the folder of the product is not known before

    write_to_standard_error("seatdesk", "app")
