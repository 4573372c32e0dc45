"""A process that books without end and says each event only after its commit; made to be killed.

`python -m tests.posting_worker DATABASE_URL NAME`: prints the id of each acknowledged event, one a line.
"""

from __future__ import annotations

import sys
from itertools import count

from agreements import ledger
from placement.db import Database
from tests.bookkeeping import approved
from tests.conftest import NOW


def main(url: str, name: str) -> None:
    database = Database(url)
    for number in count(1):
        event = f"{name}-{number}"
        database.write(lambda session, event=event: ledger.post(session, approved(event), at=NOW))  # type: ignore[misc]
        print(event, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
