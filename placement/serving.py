"""`placement serve`: waitress in front of the application, static files through WhiteNoise."""

from __future__ import annotations

import argparse
import gc
import sys
from typing import Any

import waitress
from whitenoise import WhiteNoise

from placement import migration
from placement.app import HERE, create_app
from placement.cli import CommandRefused
from placement.commanding import refuse_real_people

THREADS = 8


def wsgi() -> Any:
    """Return the WSGI application with its static files."""
    app = create_app()
    kit = app.extensions["placement"]
    if migration.current(kit.database.writer) != migration.head():
        raise CommandRefused("the database is not up to date; run `placement db upgrade` first")
    refuse_real_people(kit.settings, kit.database)
    settle()
    return WhiteNoise(app.wsgi_app, root=str(HERE / "static"), prefix="static/", max_age=86_400)


def settle() -> None:
    """Leave what was loaded at the start out of garbage collections, for it stays for good.

    Going through it took 150 ms of every twelfth request of a long list.
    """
    gc.collect()
    gc.freeze()


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    application = wsgi()
    print(f"http://{arguments.host}:{arguments.port}/", file=sys.stderr, flush=True)
    waitress.serve(
        application,
        host=arguments.host,
        port=arguments.port,
        threads=THREADS,
        ident="placement",
        clear_untrusted_proxy_headers=True,
    )
    return 0
