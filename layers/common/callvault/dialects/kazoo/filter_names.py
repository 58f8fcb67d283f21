"""Split the name of a filter into its kind and the path of the field that it filters by.

The kinds, and the order in which they are recognised, are those of KAZOO 5's filter_prop/3
(github.com/openkazoo/kazoo5-dev, kazoo-crossbar/src/crossbar_filter.erl). KAZOO 4.3 has `filter_`
and `filter_not_` only.
"""

EQUAL, NOT_EQUAL = "filter_", "filter_not_"
ANY, NONE = "filter_any_", "filter_none_"
INTERSECT = "filter_array_intersect_"
HAS_ALL, HAS_ANY, HAS_NONE = f"{INTERSECT}all_", f"{INTERSECT}any_", f"{INTERSECT}none_"
EXPIRES_BEFORE = "filter_archive.expires_before"
"""The archive's own filter by a time, which is no field of a document."""
PREFIXES = (ANY, HAS_ALL, HAS_ANY, HAS_NONE, INTERSECT, NONE, NOT_EQUAL, EQUAL)
"""The beginnings of a filter's name. A prefix of another one comes after it."""


def split(name: str) -> tuple[str, str] | None:
    """Return the kind of a filter and its path, or None if a parameter is no such filter."""
    if name == EXPIRES_BEFORE:
        return None
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return prefix, name.removeprefix(prefix)
    return None
