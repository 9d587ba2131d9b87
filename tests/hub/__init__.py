"""A Hub on the loopback address: what the client of huggingface_hub 2.x needs, with faults on request.

Fixtures (a plugin, `tests/hub/fixture.py`):

- `hub`: a Hub with the user `owner` (a writing and a reading token), his organisation `assurai-lab`, and a `stranger`.
  `hub.put(repo_id, files, tag=...)` fills a dataset, `hub.api()` is a client in this process, `hub.run(code)` runs code
  in a process of its own that takes this Hub for the real one, `hub.inject("drop", path=...)` commits a fault,
  `hub.log` tells what was asked.
- `transfer`: runs a test with Xet and with plain LFS.
- `no_waiting`: the client tries again at once.

It was held against the tests that huggingface_hub 2.4.0 ships (API, commits, files, snapshots, Xet, file system, LFS,
cards, copies, scheduler): 223 of them with Xet and 216 without pass with this server and fail without one. Those that
still fail ask for what is not here: buckets, moving repositories, listing, likes, collections, webhooks, access
requests, threads of discussions, squashing.
"""
