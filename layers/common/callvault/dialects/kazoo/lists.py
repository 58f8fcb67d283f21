"""List recordings page by page, as JSON or CSV."""

from dataclasses import replace

from callvault import times
from callvault.dialects import ignored, shared_fields
from callvault.dialects.dispatch import Names
from callvault.dialects.kazoo import authorization, csv_files, documents, envelopes, filters, refusals, sparse_fields
from callvault.dialects.kazoo.documents import Document
from callvault.dialects.kazoo.filter_fields import Watch
from callvault.dialects.kazoo.sparse_fields import Path
from callvault.errors import InvalidRequestError
from callvault.models import TOMBSTONES, Recording
from callvault.readers import pages
from callvault.readers.access import Principal
from callvault.readers.pages import Page, PageRequest
from callvault.storage.listing import Query
from callvault.web import Request, Response


def list_recordings(request: Request, names: Names) -> Response:
    """Return a page of the account's or of one user's recordings, as JSON or CSV."""
    principal = authorization.enter(request, names)
    query, user_id = filters.read(request), names.get("user_id")
    watch = Watch(query)
    size, fields = filters.page_size(query), sparse_fields.read(query.get("fields", ""))
    place, token = filters.place(query)
    selected = filters.query(principal.account.account_id, query, user_id, times.now())
    wanted = PageRequest(
        query=selected,
        size=size,
        token=token,
        binding=filters.binding(query, user_id),
        matches=filters.where(query, watch),
        tombstones=principal.reader.is_admin and filters.names_tombstones(query),
        weigh=lambda recording: envelopes.weigh(request, _item(recording, principal, fields)),
    )
    page = read_page(principal, wanted, place)
    passed_over = ignored.find(request, filters.known(query) - watch.unknown.keys())
    if size is None and page.next:
        raise refusals.list_too_large()
    items = [_item(recording, principal, fields) for recording in page.recordings]
    if csv_files.is_preferred(request):
        return _csv(request, items, page.next, passed_over)
    keys: dict[str, object] = {"archive": span(selected) | ({"ignored": passed_over} if passed_over else {})}
    if size is not None:
        keys |= {"page_size": len(items), "start_key": page.start}
    if page.next:
        keys["next_start_key"] = page.next
    revision = envelopes.digest([items, page.next]) if items else None
    return envelopes.succeed(request, items, revision=revision, members=keys, headers=ignored.headers(passed_over))


def read_page(principal: Principal, wanted: PageRequest, name: str) -> Page:
    """Return a page; raises CrossbarError, which names the parameter that has an invalid token."""
    try:
        return pages.read(principal, wanted)
    except InvalidRequestError as error:
        raise refusals.invalid(name, "invalid", str(error)) from None


def _item(recording: Recording, principal: Principal, fields: tuple[Path, ...]) -> Document:
    """Return a recording's document in the form that lists have, limited to the given fields."""
    content_types = [recording.served.content_type] if recording.served else []
    deleted = {"deleted": True} if recording.state in TOMBSTONES else {}
    document = shared_fields.for_reader(documents.render(recording), recording, principal)
    return sparse_fields.pick(document | {"_read_only": {"content_types": content_types} | deleted}, fields)


def span(query: Query) -> Document:
    """Return the first and the last moment of a list, so that the answer says what was searched."""
    return {"created_from": times.write(query.since), "created_to": times.write(query.until)}


def _csv(request: Request, items: list[Document], next_key: str | None, passed_over: list[str]) -> Response:
    """Return a page as CSV; the next page's key is in a header that KAZOO does not have."""
    columns = list(dict.fromkeys(path for item in items for path in documents.flatten(item)))
    answer = csv_files.answer(request, items, columns, passed_over, "recordings.csv")
    more = {"x-next-start-key": next_key} if next_key else {}
    return replace(answer, headers={**answer.headers, **more})
