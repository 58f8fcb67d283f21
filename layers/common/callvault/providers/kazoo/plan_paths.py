"""Read the ids in the path of an upload, which a storage plan makes of folders and a file name.

By default the path is `<account>/[<owner>/]<document>/<file>` over HTTP and
`…/<document>_<file>` in S3 (kz_att_util.erl, kz_att_s3.erl). The id of a document is either
generated, or chosen by a callflow of KAZOO 5 (`media_id`). A generated one is found in any folder.
A chosen one may look like other text, for example a `cdr_id`, so only certain places are believed.
"""

import re

from callvault.providers.kazoo import documents

HEX = re.compile(r"[0-9a-f]{32}")
"""Matches the id of an account or a user in the form that KAZOO generates."""
CDR_ID = re.compile(r"[0-9]{6}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Matches the `cdr_id` of a call whose id FreeSWITCH generated, which is a UUID."""
FILE = re.compile(
    rf"({documents.GENERATED_ID.pattern})_(.*)|({documents.ID.pattern})_({HEX.pattern}\.\w{{1,5}})", re.DOTALL
)
"""Matches the id of a document before a file name; a chosen id only before a generated name."""


def ids(folders: list[str], account_id: str, *, alone: bool = False) -> dict[str, str]:
    """Return the ids of document, account and owner that the folders of a path have.

    Account and owner have the same form. If one folder is the account, another one is the owner.
    Otherwise the first one is another account, as in the default path, and the upload is refused: a
    storage plan also serves the accounts below its own. Without the id of a document, return no
    ids. `alone` says that the first folder may be an id that a callflow chose, without the folder
    of the account.
    """
    positions = [number for number, folder in enumerate(folders) if documents.GENERATED_ID.fullmatch(folder)]
    positions = positions or _chosen(folders, account_id, alone=alone)
    if not positions:
        return {}
    found = list(dict.fromkeys(folder for folder in folders[: positions[0]] if HEX.fullmatch(folder)))
    others = [folder for folder in found if folder != account_id]
    own = [account_id] if account_id in found else []
    return {"id": folders[positions[0]]} | dict(zip(("account_id", "owner_id"), own + others, strict=False))


def split(file: str) -> tuple[str | None, str]:
    """Return the id of a document at the start of a file name, or None, and the rest."""
    found = FILE.fullmatch(file)
    return (found[1] or found[3], found[2] or found[4] or "") if found else (None, file)


def _chosen(folders: list[str], account_id: str, *, alone: bool) -> list[int]:
    """Return the position of an id that a callflow chose; none if it may be another text.

    Such an id is believed directly after the folders of account and owner, and with `alone` also as
    the first folder. Only folders that name a field may come after it.
    """
    plain = [folder for folder in folders if "=" not in folder]
    *before, folder = plain or [""]
    is_in_place = (alone and not before) or (before[:1] == [account_id] and [*map(_is_hex, before[1:])] in ([], [True]))
    if not is_in_place or folders[: len(plain)] != plain or CDR_ID.fullmatch(folder):
        return []
    is_call = f"call_id={folder.partition('-')[2]}" in folders
    return [len(plain) - 1] if documents.ID.fullmatch(folder) and not is_call else []


def _is_hex(folder: str) -> bool:
    """Return whether a folder has the form of an id that KAZOO generates."""
    return bool(HEX.fullmatch(folder))
