"""How the web process serves; gunicorn reads this file by itself."""

import os

bind = f"{os.environ.get('SEATDESK_BIND') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or "2")
threads = 8
timeout = 60
graceful_timeout = 8
accesslog = None  # an access log would carry query strings
control_socket_disable = True
