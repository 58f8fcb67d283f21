"""Read documents with the models of Bandwidth's SDK for Python, and print what it reads.

It runs where the SDK is installed. The standard input has a JSON object: by the name of a model,
the list of documents to read.
"""

# mypy: disable-error-code="import-not-found"

import json
import sys

from bandwidth import models


def main() -> None:
    """Print, by the name of a model, the members of each document as the SDK reads them."""
    found = {
        name: [getattr(models, name).from_json(json.dumps(document)).to_dict() for document in documents]
        for name, documents in json.load(sys.stdin).items()
    }
    sys.stdout.write(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
