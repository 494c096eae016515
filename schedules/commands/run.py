"""`khobao run`: the service."""

from __future__ import annotations

import asyncio

from schedules.commands.crawl import enabled
from schedules.daemon import Setup, serve
from schedules.logs import log_event, set_up_logs
from schedules.session import Session, command, is_terminal


@command(name="run")
def run_command(session: Session) -> int:
    """The service: watch the outlets, each source at its own pace, until it is told to stop.

    SIGTERM or Ctrl-C finishes what is in flight; a second one ends at once. SIGHUP reads settings and outlets again.
    """
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal())

    def load() -> Setup:
        anew = session.anew()
        return Setup(anew.settings, anew.catalogue, enabled(anew, ()))

    with session.writer() as archive:
        asyncio.run(serve(load, archive, log_event))
    return 0
