"""Leave out trafilatura's second search for lists of links where the first one removed nothing.

trafilatura removes link-heavy elements in two equal passes, because the first may change what the second finds. Where
nothing was removed since an element name was searched, the second search of the same tree finds nothing either.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


@dataclass(slots=True)
class _Passes:
    """What the searches of one pruning removed.

    Attributes:
        removed: The number of elements that were removed so far.
        settled: The names of elements of which nothing is to be removed.
    """

    removed: int = 0
    settled: set[str] = field(default_factory=set)


# A context variable, so that two threads that prune do not disturb each other.
_PASSES: ContextVar[_Passes | None] = ContextVar("passes", default=None)


def skip_repeated_passes(extractor: ModuleType, processing: ModuleType) -> None:
    """Let a module of trafilatura skip searches that cannot find anything.

    Args:
        extractor: The module that prunes trees; its functions are replaced.
        processing: The module that searches and removes elements; the function that removes one is counted.
    """
    prune, search, remove = (
        extractor.prune_unwanted_sections,
        extractor.delete_by_link_density,
        processing.delete_element,
    )

    def counted_remove(*args: Any, **options: Any) -> Any:
        if (passes := _PASSES.get()) is not None:
            passes.removed += 1
        return remove(*args, **options)

    def prune_with_memory(*args: Any, **options: Any) -> Any:
        token = _PASSES.set(_Passes())
        try:
            return prune(*args, **options)
        finally:
            _PASSES.reset(token)

    def search_if_changed(tree: Any, name: str, *args: Any, **options: Any) -> Any:
        passes = _PASSES.get()
        if passes is None:
            return search(tree, name, *args, **options)
        if name in passes.settled:
            return tree
        before = passes.removed
        searched = search(tree, name, *args, **options)
        if passes.removed == before:
            passes.settled.add(name)
        else:
            passes.settled.clear()
        return searched

    processing.delete_element = counted_remove  # type: ignore[attr-defined]
    extractor.prune_unwanted_sections = prune_with_memory  # type: ignore[attr-defined]
    extractor.delete_by_link_density = search_if_changed  # type: ignore[attr-defined]
