"""`khobao watches`: list the saved searches, search new articles for them, and send messages."""

from __future__ import annotations

import asyncio

import click

from schedules.cli.session import Session, command


@command(name="watches")
@click.option("--check", "checks", is_flag=True, help="Search new articles and send messages, as the service does.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per search.")
def watches_command(session: Session, checks: bool, as_json: bool) -> None:
    """List the saved searches: those under [[watch]] in the settings, with the number of unsent hits.

    The service checks them every minute. Without a service, run `khobao watches --check` after each crawl.
    """
    from archive.search.watches import Watch
    from schedules.monitoring.watches import WatchPost
    from schedules.pipeline.context import utc_now

    settings = session.settings
    with session.writer() as archive:
        archive.watches.save([Watch(one.name, one.query, one.outlets) for one in settings.watch], utc_now())
        if checks:
            sent = asyncio.run(WatchPost().check(archive, settings, utc_now()))
            session.note(f"sent {sent} {'message' if sent == 1 else 'messages'}")
        states = archive.watches.states()
    sends = {one.name: one.send for one in settings.watch}
    for state in states:
        watch = state.watch
        if as_json:
            facts = {"name": watch.name, "query": watch.query, "outlets": watch.outlets, "waiting": state.waiting}
            session.print_json(
                facts | {"send": sends[watch.name], "sent_at": state.sent_at and state.sent_at.isoformat()}
            )
        else:
            outlets = ", ".join(watch.outlets) or "all outlets"
            session.print(f"{watch.name}  {watch.query}  ({outlets}; {sends[watch.name]}; {state.waiting} waiting)")
    if not states and not as_json:
        session.print("no saved searches; the page /watches of `khobao browse` writes the settings for one")
