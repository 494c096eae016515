"""Render a draft as one HTML page: its evidence, and the text found on each sample page.

Content from strangers is escaped; the page has no scripts, and sends no requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from crawler.drafting.rule_trials import Shown, Trial
from schedules.drafting.draft import Draft

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_FEW = 3  # dropped blocks in a row that are shown unfolded
_FIELDS = ("date", "published_at", "byline", "credits", "section", "tags", "kind")
_STYLE = """
:root { color-scheme: light dark; --ink: #1c1b1a; --paper: #fbfaf7; --faint: #75706a; --line: #ddd8d0; --took: #2e7d4f;
  --tint: #eaf4ec; --lost: #b3541e }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6e1; --paper: #171615; --faint: #98928a; --line: #3a3733;
  --took: #6fc08f; --tint: #1c2a20; --lost: #e39a6a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 5rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 } h2 { font-size: 1.15rem; margin: 2.75rem 0 .5rem }
h3 { font-size: 1.2rem; line-height: 1.35; margin: 2.25rem 0 .25rem } p { margin: .4rem 0 }
a { color: inherit } code { font: .88em/1.5 ui-monospace, monospace }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600 }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.faint, summary, dt { color: var(--faint) } .bad { color: var(--lost) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0 1rem; font-size: .92rem }
dd { margin: 0 } summary { cursor: pointer; font-size: .9rem; padding: .2rem 0 .2rem .9rem }
.block { margin: .3rem 0; padding: .25rem .75rem; border-left: 3px solid transparent; white-space: pre-line }
.took { background: var(--tint); border-color: var(--took) } .heading { font-weight: 600 }
.caption { font-style: italic }
.lost { color: var(--faint); font-size: .9rem; text-decoration: line-through; text-decoration-color: var(--line) }
"""


def render_report(draft: Draft) -> str:
    """Render the report.

    Args:
        draft: The draft, with its trials.
    """
    body = "\n".join((*_head(draft), *_sources(draft), *_rules(draft), *(_trial(trial) for trial in draft.trials)))
    return page_with(f"Draft: {draft.outlet.name}", body)


def page_with(title: str, body: str) -> str:
    """Render a page around a body: one style, no scripts, no requests.

    Args:
        title: The title, as plain text.
        body: Markup; content from strangers must be escaped in it.
    """
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _head(draft: Draft) -> Iterator[str]:
    learned = draft.learned
    yield f"<h1>{escape(draft.outlet.name)}</h1>"
    yield f'<p class="faint">A draft of a declaration of {_link(draft.outlet.home)}: a guess, with its evidence.</p>'
    yield "<h2>Articles</h2>"
    if learned.pattern:
        yield f"<p><code>{escape(learned.pattern)}</code></p>"
        yield (
            f'<p class="faint">matches {learned.matched} of {learned.articles} addresses that sources list as articles,'
            f" and {learned.mistaken} others</p>"
        )
    else:
        yield f'<p class="bad">{learned.articles} addresses of articles have nothing in common; khobao will guess.</p>'


def _sources(draft: Draft) -> Iterator[str]:
    yield "<h2>Sources</h2>\n<table>"
    for one in draft.probed:
        came = f'<span class="bad">{escape(str(one.failure))}</span>' if one.failure else f"{len(one.links)} links"
        yield f"<tr><td>{one.source.kind}</td><td>{_link(one.source.url)}</td><td>{came}</td></tr>"
    yield "</table>"


def _rules(draft: Draft) -> Iterator[str]:
    yield "<h2>Rules</h2>\n<table>"
    for key, selectors in draft.fits.items():
        for selector, pages in selectors.items():
            yield (
                f"<tr><th>{escape(key)}</th><td><code>{escape(selector)}</code></td>"
                f'<td class="n">{pages} of {draft.pages} pages</td></tr>'
            )
    yield "</table>\n<h2>Sample pages</h2>"
    yield '<p class="faint">Marked blocks were taken for the article; all other blocks of the page were dropped.</p>'


def _trial(trial: Trial) -> str:
    if trial.failure:
        head = f'<h3 class="bad">Not an article: {escape(str(trial.failure))}</h3>\n<p>{_link(trial.url)}</p>'
        return head + "\n" + "\n".join(_blocks(trial.blocks))
    facts = [(name, trial.facts.get(name)) for name in _FIELDS]
    by = "a rule found the text" if trial.by_rule else '<span class="bad">no rule found the text</span>'
    told = "".join(f"<dt>{name}</dt><dd>{_value(value)}</dd>" for name, value in facts if value)
    return "\n".join(
        (
            f"<h3>{escape(str(trial.facts.get('title') or 'no headline'))}</h3>",
            f"<p>{_link(trial.url)}</p>",
            f'<p class="faint">{by}; it agrees with the generic reader in {trial.agreement:.0%} of the words</p>',
            f"<dl>{told}</dl>",
            *_blocks(trial.blocks),
        )
    )


def _blocks(blocks: Sequence[Shown]) -> Iterator[str]:
    """Render the blocks of a page; fold long runs of dropped blocks."""
    for taken, group in groupby(blocks, key=lambda block: block.taken):
        run = list(group)
        if taken or len(run) <= _FEW:
            yield from _run(run)
        else:
            yield f"<details><summary>{len(run)} blocks dropped</summary>"
            yield from _run(run)
            yield "</details>"


def _run(blocks: Iterable[Shown]) -> Iterator[str]:
    for block in blocks:
        fate = "took" if block.taken else "lost"
        yield f'<div class="block {fate} {escape(block.role)}">{escape(block.text)}</div>'


def _value(value: object) -> str:
    return escape(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _link(url: str) -> str:
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'
