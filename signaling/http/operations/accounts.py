"""Operations of accounts: signing up and in, one's own data, and other providers (docs/protocol.md, section 1).

Each route below /api/v1/auth and /api/v1/users has its row here. `tests/signaling/test_operations.py` fails for a route
without a row and for a row without a route, and the tests' clients refuse every answer that its row lacks.
"""

from __future__ import annotations

from signaling.http.operations.row import Operation

ROWS: tuple[Operation, ...] = ()
