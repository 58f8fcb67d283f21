"""Samples of what a release writes and a later or earlier one reads.

Each kind of sample is one module with two functions. `write()` returns what the package writes, by
the name of the sample. `read(written)` returns what the package understands of it, as JSON.

| kind | a sample is |
|---|---|
| `rows` | a DynamoDB item |
| `messages` | a message of a queue |
| `dead_letters` | a message of a dead-letter queue, with its attributes |
| `pages` | the request for another page of a list, with its page token |
| `callback_urls` | the URL of a callback or upload, with our secret and parameters |
| `objects` | an object in the bucket, with its metadata and tags |
| `events` | an entry for the event bus |

`tests/releases/<version>/` has the samples that each release wrote, one file for each kind, and in
`callvault.zip` the release's own package together with these modules. So the modules read and write
by the code that they are packed with: run as `python -P -m tools.releases`, with the archive or
this repository on PYTHONPATH. They import `callvault`, `tools.ops` and each other, nothing else of
this repository.
"""
