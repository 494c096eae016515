"""The floors of quality: `python tests/quality/gate.py` measures, `--pin` raises, `--pin --lower` may lower them.

A floor is a measured value; it applies only to the pages with the digest beside it.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import corpora
import scorer

from crawler.outlets.catalogue import bare_outlet

FLOORS = Path(__file__).with_name("floors.toml")
COUNTED_DOWN = frozenset({"leaks", "misdated", "refused"})  # less is better
MARGIN = 0.0005


@dataclass(frozen=True)
class View:
    """The pages of a corpus that are measured together.

    Attributes:
        corpus: The folder of the corpus.
        undeclared: The pages are read as if their outlets were not declared.
        half: The half of the sites, 0 or 1; None for all pages.
    """

    corpus: str
    undeclared: bool = False
    half: int | None = None


# The Vietnamese pages with and without declarations; the public sets by halves of their sites, so that a rule that
# helps only on the half where it was chosen is noticed.
VIEWS = {"corpus": View("corpus"), "corpus undeclared": View("corpus", undeclared=True)} | {
    f"{name}, {which} half": View(name, half=half)
    for name in corpora.NAMES
    if name != "corpus"
    for half, which in enumerate(("choosing", "reporting"))
}


def measure(folder: Path, view: View) -> dict[str, float]:
    """Read the pages of a view and score the results.

    Args:
        folder: The folder of all corpora.
        view: The pages to measure.
    """
    samples = [sample for sample in corpora.samples(folder / view.corpus) if sample.gold]
    if view.half is not None:
        samples = [sample for sample in samples if corpora.half(sample.page.url) == view.half]
    readings = {
        sample.file: corpora.read(sample.page, bare_outlet(sample.page.url) if view.undeclared else None)
        for sample in samples
    }
    return scorer.scores([sample.gold for sample in samples if sample.gold], readings)


def below(floors: dict[str, float], measured: dict[str, float]) -> list[str]:
    """Return one line for each value that is worse than its floor."""
    return [
        f"{name} is {measured.get(name, 0.0):.4f}, its floor {floor:.4f}"
        for name, floor in floors.items()
        if (
            measured.get(name, 0.0) > floor + MARGIN
            if name in COUNTED_DOWN
            else measured.get(name, 0.0) < floor - MARGIN
        )
    ]


def pinned() -> dict[str, dict[str, float | str]]:
    """Return the floors by corpus, each with the digest of its pages."""
    return tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}


def pin(name: str, digest: str, measured: dict[str, float], *, lower: bool) -> list[str]:
    """Pin measured values, and return the floors that would sink; without `lower` these are kept."""
    floors = pinned()
    old = {key: value for key, value in floors.get(name, {}).items() if isinstance(value, float)}
    if (sinking := below(old, measured)) and not lower:
        return sinking
    if lower:
        old = {}
    best = {key: (min if key in COUNTED_DOWN else max)(value, old.get(key, value)) for key, value in measured.items()}
    floors[name] = {"digest": digest, **{key: round(value, 4) for key, value in best.items()}}
    lines = [
        f'["{key}"]\n' + "".join(f"{k} = {_toml(v)}\n" for k, v in table.items())
        for key, table in sorted(floors.items())
    ]
    FLOORS.write_text("\n".join(lines), encoding="utf-8")
    return []


def _toml(value: float | str) -> str:
    return f'"{value}"' if isinstance(value, str) else str(float(value))


def main() -> int:
    """Measure every available corpus; return exit code 1 if a value is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pin", action="store_true", help="pin what is measured as the new floors")
    parser.add_argument("--lower", action="store_true", help="with --pin: even where that lowers a floor")
    args = parser.parse_args()
    folder = corpora.folder()
    if folder is None:
        sys.exit(f"{corpora.VARIABLE} names no folder; it should hold {', '.join(corpora.NAMES)}")
    worse = []
    for name, view in VIEWS.items():
        if not (folder / view.corpus).is_dir():
            continue
        measured = measure(folder, view)
        print(name, " ".join(f"{key}={value:.4f}" for key, value in measured.items()))
        if args.pin:
            worse += pin(name, corpora.digest(folder / view.corpus), measured, lower=args.lower)
        else:
            worse += below({k: v for k, v in pinned().get(name, {}).items() if isinstance(v, float)}, measured)
    print("\n".join(worse), file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
