"""The triggers that seal the books on SQLite and PostgreSQL; they hold against raw SQL.

Together with `triggers.append_only` on both tables: a leg is refused once its entry exists; an entry is refused
unless its legs balance, it has the next number, it follows the last hash, its month is open and a reversal
mirrors what it takes back; a closed month stays closed. Sealing an entry adds its legs to the balances by month.
A claim that was sent keeps its lines: from then on its version and they take no change.
"""

from __future__ import annotations

GENESIS = "0" * 64

_RULES = {
    "an entry has the next number": "NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM ledger_entry)",
    "an entry follows the last hash": (
        "NEW.prev_hash <> coalesce((SELECT hash FROM ledger_entry WHERE id = NEW.id - 1), '" + GENESIS + "')"
    ),
    "an event is booked once": (
        "EXISTS (SELECT 1 FROM ledger_entry WHERE source_kind = NEW.source_kind AND source_id = NEW.source_id)"
    ),
    "an entry has at least two legs": "(SELECT count(*) FROM ledger_leg WHERE entry_id = NEW.id) < 2",
    "the legs of an entry balance": (
        "(SELECT sum(CASE side WHEN 'debit' THEN cents ELSE -cents END) FROM ledger_leg WHERE entry_id = NEW.id) <> 0"
    ),
    "an entry is posted in an open month": (
        "NOT EXISTS (SELECT 1 FROM posting_period WHERE code = NEW.period AND closed_at IS NULL)"
    ),
    "an entry is taken back once, and no reversal is": (
        "NEW.reverses_entry_id IS NOT NULL AND EXISTS (SELECT 1 FROM ledger_entry"
        " WHERE reverses_entry_id = NEW.reverses_entry_id"
        " OR (id = NEW.reverses_entry_id AND reverses_entry_id IS NOT NULL))"
    ),
    "a reversal mirrors its entry": (
        "NEW.reverses_entry_id IS NOT NULL AND ("
        "(SELECT count(*) FROM ledger_leg WHERE entry_id = NEW.id)"
        " <> (SELECT count(*) FROM ledger_leg WHERE entry_id = NEW.reverses_entry_id)"
        " OR EXISTS (SELECT 1 FROM ledger_leg o WHERE o.entry_id = NEW.reverses_entry_id AND NOT EXISTS ("
        "SELECT 1 FROM ledger_leg r WHERE r.entry_id = NEW.id AND r.line_no = o.line_no AND r.account = o.account"
        " AND r.cents = o.cents AND r.side <> o.side AND r.party_id = o.party_id AND r.subject = o.subject"
        " AND r.care_year = o.care_year)))"
    ),
}
"""What an entry must not be, by the sentence that refuses it; the same SQL on both databases."""

_SEALED_LEG = "NEW.entry_id <= (SELECT coalesce(max(id), 0) FROM ledger_entry)"
_REOPENED = "OLD.closed_at IS NOT NULL"
_SENT = "EXISTS (SELECT 1 FROM claim_version WHERE id = {row}.version_id AND sent_at IS NOT NULL)"

_KEPT = {
    "posting_period_guard": ("BEFORE UPDATE", "posting_period", "a closed month stays closed", _REOPENED),
    "posting_period_kept": ("BEFORE DELETE", "posting_period", "a closed month stays closed", _REOPENED),
    "claim_version_guard": ("BEFORE UPDATE", "claim_version", "a sent version stays", "OLD.sent_at IS NOT NULL"),
    "claim_version_kept": ("BEFORE DELETE", "claim_version", "a sent version stays", "OLD.sent_at IS NOT NULL"),
    "claim_line_guard": ("BEFORE UPDATE", "claim_line", "a sent line stays", _SENT.format(row="OLD")),
    "claim_line_kept": ("BEFORE DELETE", "claim_line", "a sent line stays", _SENT.format(row="OLD")),
    "claim_line_complete": ("BEFORE INSERT", "claim_line", "a sent version stays", _SENT.format(row="NEW")),
}
"""What stays as it is from some moment on: trigger, when it fires, table, what is said, when it is refused."""

_BALANCES = (
    "INSERT INTO book_balance (account, party_id, care_year, month, debit_cents, credit_cents) "
    "SELECT account, party_id, care_year, {month}, {sum}(CASE side WHEN 'debit' THEN cents ELSE 0 END), "
    "{sum}(CASE side WHEN 'credit' THEN cents ELSE 0 END) FROM ledger_leg WHERE entry_id = NEW.id {grouped} "
    "ON CONFLICT (account, party_id, care_year, month) DO UPDATE SET "
    "debit_cents = book_balance.debit_cents + excluded.debit_cents, "
    "credit_cents = book_balance.credit_cents + excluded.credit_cents"
)


def create(dialect: str) -> list[str]:
    """Return the DDL statements that seal the books on `dialect` (sqlite or postgresql)."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def drop(dialect: str) -> list[str]:
    """Return the DDL statements that take the triggers of `create` away (migrations down)."""
    places = {
        "ledger_leg_guard": "ledger_leg",
        "ledger_entry_guard": "ledger_entry",
        "ledger_entry_balances": "ledger_entry",
        **{name: table for name, (_, table, _, _) in _KEPT.items()},
    }
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in places]
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in places.items()] + [
        f"DROP FUNCTION IF EXISTS {name}()" for name in places
    ]


def _sqlite() -> list[str]:
    whole = " OR ".join(f"typeof(NEW.{name}) <> 'integer'" for name in ("entry_id", "line_no", "cents", "care_year"))
    leg = {"its entry is sealed": _SEALED_LEG, "numbers are whole": whole}
    balances = _BALANCES.format(month="substr(NEW.effective_on, 1, 7)", sum="", grouped="")
    return [
        _refusing("ledger_leg_guard", "BEFORE INSERT", "ledger_leg", leg),
        _refusing("ledger_entry_guard", "BEFORE INSERT", "ledger_entry", _RULES),
        f"CREATE TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entry BEGIN {balances}; END",
        *[_refusing(name, moment, table, {said: broken}) for name, (moment, table, said, broken) in _KEPT.items()],
    ]


def _refusing(name: str, moment: str, table: str, broken: dict[str, str]) -> str:
    """Return a trigger that fires only when something is broken, and then says what: a sound row costs one look."""
    any_of = " OR ".join(f"({one})" for one in broken.values())
    told = "".join(f"SELECT RAISE(ABORT, '{table}: {words}') WHERE {one};" for words, one in broken.items())
    return f"CREATE TRIGGER {name} {moment} ON {table} WHEN {any_of} BEGIN {told} END"


def _postgresql() -> list[str]:
    def function(name: str, body: str, result: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body} RETURN {result}; END $$"
        )

    def refuse(table: str, sentence: str, broken: str) -> str:
        return f"IF {broken} THEN RAISE EXCEPTION '{table}: {sentence}' USING ERRCODE = 'check_violation'; END IF;"

    entry = "".join(refuse("ledger_entry", sentence, broken) for sentence, broken in _RULES.items())
    balances = _balances_of_postgresql()
    found = [
        function("ledger_leg_guard", refuse("ledger_leg", "its entry is sealed", _SEALED_LEG), "NEW"),
        function("ledger_entry_guard", entry, "NEW"),
        function("ledger_entry_balances", balances, "NULL"),
        _fires("ledger_leg_guard", "BEFORE INSERT", "ledger_leg"),
        _fires("ledger_entry_guard", "BEFORE INSERT", "ledger_entry"),
        _fires("ledger_entry_balances", "AFTER INSERT", "ledger_entry"),
    ]
    for name, (moment, table, said, broken) in _KEPT.items():
        found.append(function(name, refuse(table, said, broken), "COALESCE(NEW, OLD)"))
        found.append(_fires(name, moment, table))
    return found


def _balances_of_postgresql() -> str:
    """Return the upsert with its legs added up first: one command may meet a row of balances only once there."""
    grouped = "GROUP BY account, party_id, care_year"
    return _BALANCES.format(month="to_char(NEW.effective_on, 'YYYY-MM')", sum="sum", grouped=grouped) + ";"


def _fires(name: str, moment: str, table: str) -> str:
    return f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
