"""The ledger: discovered addresses, requests and responses, and their consequences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from factories import (
    FEED,
    LATER,
    NOW,
    OUTLET,
    PAGE,
    SITE,
    SOURCE,
    make_id,
    make_links,
    make_poll,
    make_record,
    make_visit,
)

from archive.errors import Failure, Reason
from archive.ledger.model import Discovery, HostFacts, OutletFacts, SourceFacts, SourceState, StoredRobots
from archive.record import ArticleLink, Candidate
from archive.search.model import Filters
from archive.store.writer import ArchiveWriter

GONE = Failure(Reason.GONE, "404")
DOWN = Failure(Reason.SERVER_ERROR, "503", 60.0)
ALIAS = f"{SITE}/slug-khac-100.html"


def address_of(archive: ArchiveWriter, url: str = PAGE):
    """Return an address that must be in the ledger."""
    address = archive.reader.address(url)
    assert address is not None
    return address


def requests(archive: ArchiveWriter, url: str = PAGE) -> list[tuple[str, str, str]]:
    """Return the outcome of each request for an address."""
    why = archive.reader.why(url)
    assert why is not None
    return [(row["outcome"], row["reason"], row["detail"]) for row in why.requests]


# Outlets, sources and hosts.


def test_a_declaration_keeps_what_was_learned(archive: ArchiveWriter) -> None:
    """An outlet that is declared again gets its new name; its sources keep their due times."""
    archive.ledger.record_poll(make_poll(etag='"1"'))
    archive.runs.declare([replace(OUTLET, name="Vn Tin", unproven=True)], [replace(SOURCE, kind="sitemap")])

    assert ["Vn Tin"] == [status.name for status in archive.reader.status()]
    assert [("sitemap", '"1"', LATER)] == [(s.kind, s.etag, s.next_due_at) for s in archive.reader.sources("vntin")]


def test_a_source_is_claimed_before_it_is_fetched(archive: ArchiveWriter) -> None:
    """Claiming a source returns its state, with the next due time in case the process dies."""
    other = SourceFacts(f"{SITE}/b.rss", "vntin", "feed")

    assert SourceState(FEED, "vntin", "feed", next_due_at=LATER) == archive.ledger.claim_source(SOURCE, LATER)
    assert SourceState(other.url, "vntin", "feed", next_due_at=LATER) == archive.ledger.claim_source(other, LATER)
    assert {other.url, FEED} == archive.reader.sources_not_due(NOW)
    assert set() == archive.reader.sources_not_due(LATER)


def test_a_poll_is_recorded(archive: ArchiveWriter) -> None:
    """A poll stores success or failure, counters, and the time of the last new link."""
    archive.ledger.record_poll(make_poll(etag='"1"', last_modified="yesterday"))
    later = NOW + timedelta(hours=2)
    archive.ledger.record_poll(
        make_poll(polled_at=later, next_due_at=later, new=0, failure=DOWN, failures=1, status=503)
    )
    source = archive.reader.source(FEED)

    assert source is not None
    assert (later, NOW, later) == (source.polled_at, source.news_at, source.next_due_at)
    assert ("server_error", "503", 1) == (source.reason, source.detail, source.failures)
    assert [(2, 1)] == [(row["polls"], row["new"]) for row in archive.reader.query("SELECT polls, new FROM sources")]


def test_a_source_that_was_never_polled_is_due(archive: ArchiveWriter) -> None:
    """A source is due if it was never polled or its time has come; others are not due."""
    archive.runs.declare([], [SourceFacts(f"{SITE}/{name}", "vntin", "feed") for name in "ab"])
    archive.ledger.record_poll(make_poll())

    assert {FEED} == archive.reader.sources_not_due(NOW)
    assert set() == archive.reader.sources_not_due(LATER)
    assert archive.reader.source("https://nowhere.example/") is None


def test_hosts_and_their_rules_outlive_the_process(archive: ArchiveWriter) -> None:
    """Newer facts replace older ones."""
    for text in ("old", "new"):
        archive.ledger.save_robots(StoredRobots(SITE, 200, text, NOW, LATER))
        archive.ledger.save_host(HostFacts("vntin.example", 1.0, NOW, 2, text, NOW, LATER))

    assert StoredRobots(SITE, 200, "new", NOW, LATER) == archive.reader.robots(SITE)
    assert [HostFacts("vntin.example", 1.0, NOW, 2, "new", NOW, LATER)] == archive.reader.hosts()
    assert archive.reader.hosts() == archive.reader.hosts("vntin.example")
    assert (None, []) == (archive.reader.robots("x"), archive.reader.hosts("x"))


# Discovery.


def test_unknown_addresses_become_due(archive: ArchiveWriter) -> None:
    """A candidate is entered once, with the facts of its source; the newest is fetched first."""
    entries = make_links("200", title="Tin cũ", published_at=NOW - timedelta(days=1), published_raw="hôm qua")

    assert Discovery(1, 0) == archive.ledger.discover("vntin", FEED, entries, NOW)
    assert Discovery(0, 1) == archive.ledger.discover("vntin", "elsewhere", entries, LATER)
    address = address_of(archive, entries[0].url)
    assert (FEED, NOW, "Tin cũ", NOW - timedelta(days=1), "hôm qua") == (
        address.source,
        address.discovered_at,
        address.title_hint,
        address.published_hint,
        address.published_raw,
    )
    assert [PAGE, entries[0].url] == [due.url for due in archive.reader.due_addresses("vntin", NOW)]
    assert [PAGE] == [due.url for due in archive.reader.due_addresses("vntin", NOW, limit=1)]
    assert [] == archive.reader.due_addresses("vntin", NOW - timedelta(seconds=1))


def test_another_address_of_one_article_is_an_alias(archive: ArchiveWriter) -> None:
    """An edited slug is not fetched, before or after the article is archived."""
    alias = [ArticleLink(ALIAS, make_id("100"), Candidate(ALIAS))]

    assert Discovery(0, 1) == archive.ledger.discover("vntin", FEED, alias, NOW)
    archive.save_record(make_record(), make_visit())
    later = [ArticleLink(f"{SITE}/amp-100.html", make_id("100"), Candidate(""))]
    assert Discovery(0, 1) == archive.ledger.discover("vntin", FEED, later, NOW)
    assert ["alias", "alias"] == [address_of(archive, link.url).state for link in (*alias, *later)]
    assert make_record() == archive.reader.article(ALIAS).record  # type: ignore[union-attr]
    assert (ALIAS, later[0].url) == tuple(sorted(archive.reader.why(PAGE).aliases, reverse=True))  # type: ignore[union-attr]


def test_ids_that_look_alike_are_not_merged(archive: ArchiveWriter) -> None:
    """Ids that differ in one digit are different articles; similar ids are only suggested."""
    one, two = (make_record(url=None, id=f"0123456789abcde{end}", title=f"Bài {end}") for end in "01")
    archive.save_document(one, NOW)
    archive.save_document(two, NOW)

    assert [one, two] == [archive.reader.article(record.id).record for record in (one, two)]  # type: ignore[union-attr]
    assert archive.reader.article("0123456789abcde2") is None
    assert {one.id, two.id} == set(archive.reader.similar_ids("0123456789abcde2"))
    assert [one.id, two.id] == archive.reader.similar_ids("0123456")
    assert [] == archive.reader.similar_ids("ffff")


# Pages.


def test_a_page_is_claimed_before_it_is_fetched(archive: ArchiveWriter) -> None:
    """A page whose process was killed during the request is not due immediately."""
    archive.ledger.claim_address(PAGE, NOW, LATER)

    assert (NOW, LATER) == (address_of(archive).asked_at, address_of(archive).next_due_at)
    archive.ledger.reschedule(PAGE, None)
    assert address_of(archive).next_due_at is None


def test_claims_of_a_killed_process_are_released_once(archive: ArchiveWriter) -> None:
    """The claims of a killed process are due again once; after a second kill the page may be the cause."""
    later = LATER + timedelta(hours=1)
    due = []
    for asked_at in (NOW, LATER):
        archive.ledger.claim_source(SOURCE, later)
        archive.ledger.claim_address(PAGE, asked_at, later)
        archive.close()
        archive = ArchiveWriter.create_or_open(archive.path)
        due.append((archive.reader.sources("vntin")[0].next_due_at, address_of(archive).next_due_at))
    archive.ledger.record_poll(make_poll(next_due_at=LATER))
    archive.record_outcome(make_visit(status=404, failure=GONE, next_due_at=later))
    archive.close()
    with ArchiveWriter.create_or_open(archive.path) as again:
        due.append((again.reader.sources("vntin")[0].next_due_at, address_of(again).next_due_at))

    assert [(None, NOW), (later, later), (LATER, later)] == due


def test_released_claims_are_due(archive: ArchiveWriter) -> None:
    """A released source or page is due at the time of its release."""
    archive.ledger.claim_source(SOURCE, LATER)
    archive.ledger.claim_address(PAGE, NOW, LATER)
    archive.ledger.release_source(FEED, NOW)
    archive.ledger.release_address(PAGE, NOW)
    archive.ledger.reschedule(PAGE, LATER)
    archive.close()
    with ArchiveWriter.create_or_open(archive.path) as again:
        assert (NOW, LATER) == (again.reader.sources("vntin")[0].next_due_at, address_of(again).next_due_at)


def test_an_edit_never_overwrites(archive: ArchiveWriter) -> None:
    """Each revision keeps its text; the newest text is only in the article."""
    titles = ["Bài một", "Bài hai", "Bài ba"]
    kept = [archive.save_record(make_record(title=title), make_visit()) for title in titles]
    archive.save_record(make_record(title="Bài ba", section="Khác"), make_visit())
    rows = list(archive.reader.query("SELECT revision, title, change FROM versions ORDER BY revision"))

    assert [("archived", 1), ("revised", 2), ("revised", 3)] == [(k.outcome, k.revision) for k in kept]
    assert [(1, "Bài một", "first"), (2, "Bài hai", "headline"), (3, "Bài ba", "headline")] == [
        tuple(row.values()) for row in rows
    ]
    assert ["archived", "revised", "revised", "unchanged"] == [outcome for outcome, *_ in requests(archive)]
    assert "Khác" == archive.reader.article(PAGE).record.section  # type: ignore[union-attr]


def test_an_archived_address_stays_archived(archive: ArchiveWriter) -> None:
    """A later failure is recorded for the address and removes nothing."""
    archive.save_record(make_record(), make_visit(etag='"1"'))
    archive.record_outcome(make_visit(failure=DOWN, failures=1, next_due_at=LATER, etag='"2"'))
    archive.record_outcome(make_visit(failure=Failure(Reason.LISTING), rejected=True, etag='"3"'))
    address = address_of(archive)

    assert ("archived", '"1"', "listing") == (address.state, address.etag, address.reason)
    assert make_record() == archive.reader.article(PAGE).record  # type: ignore[union-attr]


def test_a_page_that_is_not_an_article_is_fetched_without_conditions(archive: ArchiveWriter) -> None:
    """Validators of a rejected page are not stored, because "not modified" must mean that the archive has it."""
    archive.record_outcome(
        make_visit(failure=Failure(Reason.NO_TEXT, "no text"), rejected=True, etag='"1"', last_modified="x")
    )
    address = address_of(archive)

    assert ("rejected", "no_text", "no text") == (address.state, address.reason, address.detail)
    assert ("", "") == (address.etag, address.last_modified)


def test_a_page_that_has_not_changed_is_confirmed(archive: ArchiveWriter) -> None:
    """An unchanged page updates the time of the last check, and clears earlier failures."""
    archive.save_record(make_record(), make_visit(etag='"1"'))
    archive.record_outcome(make_visit(failure=DOWN, failures=1))
    archive.confirm_unchanged(make_visit(status=304, answered_at=LATER, etag='"1"'))
    address, article = address_of(archive), archive.reader.article(PAGE)

    assert article is not None
    assert ("archived", "", 0, 304) == (address.state, address.reason, address.failures, address.status)
    assert (NOW + timedelta(seconds=1), LATER) == (article.first_seen_at, article.last_checked_at)
    assert ("unchanged", "", "") == requests(archive)[-1]


def test_redirecting_addresses_lead_to_the_article(archive: ArchiveWriter) -> None:
    """The canonical address and redirects become aliases; only the final address is fetched again."""
    archive.ledger.discover("vntin", FEED, [ArticleLink(ALIAS, make_id("100"), Candidate(ALIAS))], NOW)
    archive.save_record(make_record(url=ALIAS), make_visit(), aliases=[f"{SITE}/r", PAGE, f"{SITE}/r"])

    assert ["archived", "alias", "alias"] == [address_of(archive, url).state for url in (PAGE, ALIAS, f"{SITE}/r")]
    assert {make_id("100")} == {address_of(archive, url).article for url in (PAGE, ALIAS, f"{SITE}/r")}


def test_a_page_that_moved_elsewhere_keeps_its_article(archive: ArchiveWriter) -> None:
    """An archived address that redirects to another article still leads to its own."""
    archive.save_record(make_record(), make_visit())
    archive.save_record(make_record("200"), make_visit(moved_to=f"{SITE}/vet-trang-200.html"))

    assert make_id("100") == address_of(archive).article
    assert make_id("200") == address_of(archive, f"{SITE}/vet-trang-200.html").article


def test_an_alias_is_tried_after_a_failure(archive: ArchiveWriter) -> None:
    """If an address fails because slugs or sections moved, another address of the article is tried once."""
    archive.ledger.discover("vntin", FEED, [ArticleLink(ALIAS, make_id("100"), Candidate(ALIAS))], NOW)
    archive.record_outcome(make_visit(status=503, failure=DOWN))
    assert "alias" == address_of(archive, ALIAS).state
    archive.record_outcome(make_visit(status=404, failure=GONE))

    assert ("failed", "due") == (address_of(archive).state, address_of(archive, ALIAS).state)
    assert [ALIAS] == [due.url for due in archive.reader.due_addresses("vntin", LATER)]


def test_a_document_does_not_take_an_address_that_is_archived(archive: ArchiveWriter) -> None:
    """An imported document marks its address as archived; an address of another article is unchanged."""
    archive.save_record(make_record(), make_visit())
    archive.save_document(make_record("200", url=PAGE), NOW)
    archive.save_document(make_record("300"), NOW)

    assert make_id("100") == address_of(archive).article
    assert "archived" == address_of(archive, f"{SITE}/vet-trang-300.html").state
    assert archive.reader.article(make_id("300")).last_checked_at is None  # type: ignore[union-attr]


def test_a_document_brings_its_outlet(archive: ArchiveWriter) -> None:
    """An imported document may be of an outlet that the archive does not know yet."""
    assert "new" == archive.save_document(make_record(outlet="khac"), NOW)
    assert ["khac", "vntin"] == [status.id for status in archive.reader.status()]


def test_an_article_is_gone_after_it_was_missing_for_long(archive: ArchiveWriter) -> None:
    """An article is gone after it was missing for hours, not at the first miss; a response restores it."""
    archive.save_record(make_record(), make_visit())
    missed = [NOW, NOW + timedelta(hours=1), NOW + timedelta(days=30), NOW + timedelta(days=60)]
    gone = [archive.record_outcome(make_visit(asked_at=at, answered_at=at, status=404, failure=GONE)) for at in missed]
    article = archive.reader.article(PAGE)

    assert [False, False, True, False] == gone
    assert article is not None
    assert (NOW, make_record()) == (article.gone_at, article.record)
    archive.confirm_unchanged(make_visit(status=304, answered_at=missed[3]))
    assert archive.reader.article(PAGE).gone_at is None  # type: ignore[union-attr]
    assert ["back", "gone"] == [edit.change for edit in archive.reader.changes()]


# Answers.


def test_why_has_every_fact(archive: ArchiveWriter) -> None:
    """An unknown address has no history; a due one has the facts of its source; then come the requests."""
    assert archive.reader.why("https://nowhere.example/") is None
    why = archive.reader.why(PAGE)
    assert why is not None
    assert ("due", (), None, (), ()) == (why.address.state, why.requests, why.article, why.aliases, why.captures)
    archive.record_outcome(make_visit(failure=DOWN))
    archive.save_record(make_record(), make_visit())
    why = archive.reader.why(PAGE)
    assert why is not None
    assert make_id("100") == why.article["id"]  # type: ignore[index]
    assert [("failed", "server_error", "503"), ("archived", "", "")] == requests(archive)
    assert [1000, 1000] == [row["milliseconds"] for row in why.requests]


def test_status_counts_by_outlet(archive: ArchiveWriter) -> None:
    """Articles, sources and addresses are counted by outlet; an outlet without any has zeros."""
    archive.runs.declare([OutletFacts("zz", "Z")])
    archive.ledger.discover("vntin", FEED, make_links("200", "300", "400"), NOW)
    archive.save_record(make_record(), make_visit())
    urls = [f"{SITE}/vet-trang-{key}.html" for key in ("200", "300")]
    archive.record_outcome(make_visit(urls[0], failure=DOWN))
    archive.record_outcome(make_visit(urls[1], failure=Failure(Reason.VIDEO), rejected=True))
    archive.ledger.record_poll(make_poll(failure=DOWN))
    vntin, zz = archive.reader.status()

    assert (1, "2026-02-04", NOW, 1, 1, 1) == (
        vntin.articles,
        vntin.newest,
        vntin.last_polled_at,
        vntin.sources,
        vntin.failing,
        vntin.due,
    )
    assert ({"video": 1}, {"server_error": 1}) == (vntin.rejected, vntin.failed)
    assert (0, "", None, 0) == (zz.articles, zz.newest, zz.last_polled_at, zz.due)


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        (None, "123"),
        (Filters(outlet="vntin"), "123"),
        (Filters(outlet="khac"), ""),
        (Filters(since=date(2026, 2, 2)), "23"),
        (Filters(until=date(2026, 2, 2)), "12"),
        (Filters(section="Khoa học"), "12"),
        (Filters(kind="photo", since=date(2026, 2, 1), until=date(2026, 2, 3)), "3"),
    ],
)
def test_records_are_filtered(archive: ArchiveWriter, filters: Filters | None, keys: str) -> None:
    """Records come in the order of their days, and each filter selects some of them."""
    for key, section, kind in [("3", "Ảnh", "photo"), ("2", "Khoa học", "article"), ("1", "Khoa học", "article")]:
        archive.save_document(make_record(key, day=date(2026, 2, int(key)), section=section, kind=kind), NOW)

    assert [make_id(key) for key in keys] == [record.id for record in archive.reader.records(filters)]
