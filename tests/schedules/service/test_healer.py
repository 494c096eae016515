"""After a redesign, an outlet gets new rules from what the archive knows about its old articles."""

from __future__ import annotations

import asyncio
import json

import pytest
from redesigned import redesigned_site

from archive.statistics.healings import last_healings
from schedules.drafting.healing_report import undo_healing
from schedules.service.healer import Healer, heal_outlet, redesign_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_redesigned_outlet_is_healed(tmp_path):
    """Proven rules are put in force, pages since the redesign are read again, and old pages read as before."""

    async def live():
        async with redesigned_site(tmp_path) as site:
            await site.publish(45)
            assert redesign_of(site.context.archive, site.outlet, site.clock) is None
            before = site.outlet
            site.design = 1
            await site.publish(32)
            redesign = redesign_of(site.context.archive, site.outlet, site.clock)
            assert redesign is not None
            result = await heal_outlet(site.task(), site.outlet, redesign)
            healed = site.outlet
            await site.publish(12)
            assert redesign_of(site.context.archive, site.outlet, site.clock) is None
            rows = list(
                site.context.archive.reader.query(
                    "SELECT url, rules, title, text, byline FROM articles ORDER BY date, url"
                )
            )
            return before, redesign, result, healed, rows

    before, redesign, result, healed, rows = asyncio.run(live())

    assert ("text", 32) == (redesign.sign, redesign.pages)
    assert "in force" == result.state, result.detail
    assert healed.reading[0].body[-1:] == before.reading[0].body
    assert 89 == len(rows)
    assert [] == [row["url"] for row in rows if row["rules"] == "generic"]
    assert {7} == {len(row["text"].split("\n\n")) for row in rows}  # standfirst, five paragraphs, byline
    assert all(row["byline"] != "[]" for row in rows)
    assert [] == [row["title"] for row in rows if row["title"].endswith("Báo")]


def test_an_unchanged_outlet_is_never_healed(tmp_path):
    """Without a redesign there is nothing to heal, whatever the articles contain."""

    async def live():
        async with redesigned_site(tmp_path) as site:
            await site.publish(45)
            return redesign_of(site.context.archive, site.outlet, site.clock)

    assert None is asyncio.run(live())


def test_rules_are_only_proposed_by_default(tmp_path):
    """A proposal has a report and evidence, and changes nothing; applied rules can be undone."""

    async def live():
        async with redesigned_site(tmp_path) as site:
            await site.publish(24)
            site.design = 1
            await site.publish(9)
            redesign = redesign_of(site.context.archive, site.outlet, site.clock)
            before = site.outlet
            proposed = await heal_outlet(site.task(apply=False), before, redesign)
            after_proposal = site.outlet
            applied = await heal_outlet(site.task(), before, redesign)
            in_force = site.outlet
            undone = undo_healing(site.settings.healed_folder, "bao")
            return before, proposed, after_proposal, applied, in_force, undone, site.outlet

    before, proposed, after_proposal, applied, in_force, undone, after = asyncio.run(live())

    assert ("proposed", "in force") == (proposed.state, applied.state)
    assert before == after_proposal == after
    assert before != in_force
    folder = tmp_path / "healed" / "proposed"
    assert folder / "bao.toml" == undone
    assert "<script" not in (folder / "bao.html").read_text(encoding="utf-8")
    lines = (folder / "bao.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["agrees"] for line in lines)


def test_the_service_heals_as_its_settings_say(tmp_path):
    """With "off" nothing is drafted, with "apply" proven rules are put in force; checks are once an hour."""

    async def live():
        async with redesigned_site(tmp_path) as site:
            await site.publish(24)
            site.design = 1
            await site.publish(9)
            outlet, healer, results = site.outlet, Healer(), []
            for mode in ("off", "apply", "apply"):
                outlets = site.settings.outlets.model_copy(update={"heal": mode})
                settings = site.settings.model_copy(update={"outlets": outlets})
                results.append(await healer.heal_outlets(site.context, settings, [outlet]))
            return results, last_healings(site.context.archive.reader.query)

    (off, applied, again), healings = asyncio.run(live())

    assert ([], ["in force"], []) == (off, [result.state for result in applied], again)
    assert "in force" == healings["bao"].state
    assert 1 == len(applied[0].outlet.reading[1:])
