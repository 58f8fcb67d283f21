"""Check what random answers of a provider's API make of a recording that was just announced."""

from random import Random

from callvault.models import Recording
from callvault.storage import rows, table
from tests.fuzz import look_ups, rendering, resources, texts
from tests.fuzz.rendering import Broken
from tests.fuzz.stores import check_item

LOOKED_UP = 0.3
"""Share of the recordings that are looked up in a random resource, or that get a random text."""


def check(recorded: Recording, random: Random) -> None:
    """Raise Broken if a random answer breaks a property."""
    _check_explained(recorded, random)
    if random.random() < LOOKED_UP:
        _check_looked_up(recorded, random)
        _check_text(recorded, random)


def _check_explained(recorded: Recording, random: Random) -> None:
    """Check what a random resource of the provider says about a recording."""
    found = resources.explain(random, recorded)
    if found is None:
        return
    if resources.shows_credentials(found):
        raise Broken("The place of a recording has credentials.")
    row = table.merge(None, found, "described")
    written = rows.write(row)
    if rows.write(rows.read(written)) != written:
        raise Broken("An explained recording is not the same after writing and reading it.")
    rendering.check(rows.read(written))


def _check_looked_up(recorded: Recording, random: Random) -> None:
    """Check what a random resource makes of a recording, as after a look-up."""
    found = look_ups.look_up(random, recorded)
    if found is None:
        return
    if (found.account_id, found.recording_id) != (recorded.account_id, recorded.recording_id):
        raise Broken("A look-up returned another recording.")
    if look_ups.shows_secrets(found):
        raise Broken("A looked-up recording has the URL of its media.")
    known = table.merge(None, recorded, "callback")
    written = rows.write(table.merge(known, found, "looked up"))
    check_item(written)
    if rows.write(rows.read(written)) != written:
        raise Broken("A looked-up recording is not the same after writing and reading it.")
    rendering.check(rows.read(written))


def _check_text(recorded: Recording, random: Random) -> None:
    """Check that a random text that the archive stores is served as standard JSON."""
    if recorded.provider != "bandwidth":
        return
    try:
        served = texts.serve(random, recorded)
    except LookupError as error:
        raise Broken(f"A stored text is not served: {error}") from error
    rendering.check_document(served)
