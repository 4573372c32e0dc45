"""The triggers that seal the books on SQLite and PostgreSQL; they hold against raw SQL.

Together with `triggers.append_only` on both tables: a leg is refused once its entry exists; an entry is refused
unless its legs balance, it has the next number, it follows the last hash, its month is open and a reversal
mirrors what it takes back; a closed month stays closed. Sealing an entry adds its legs to the balances by month.
A claim that was sent keeps its lines: from then on its version and they take no change.

SQLite looks at each row before it is there; PostgreSQL looks once at all rows of a command, which are there by
then: a look at each costs it more than writing the row.
"""

from __future__ import annotations

GENESIS = "0" * 64

_RULES = {
    "an entry has the next number": "NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM ledger_entry{below})",
    "an entry follows the last hash": (
        "NEW.prev_hash <> coalesce((SELECT hash FROM ledger_entry WHERE id = NEW.id - 1), '" + GENESIS + "')"
    ),
    "an event is booked once": (
        "EXISTS (SELECT 1 FROM ledger_entry WHERE source_kind = NEW.source_kind AND source_id = NEW.source_id{another})"
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
        " WHERE (reverses_entry_id = NEW.reverses_entry_id{another})"
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
"""What an entry must not be, by the sentence that refuses it; the gaps say how the entry itself is left out."""

_NOT_THERE_YET = {"below": "", "another": ""}
_THERE_ALREADY = {"below": " WHERE id < NEW.id", "another": " AND id <> NEW.id"}

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
    "{sum}(CASE side WHEN 'credit' THEN cents ELSE 0 END) FROM {legs} {grouped} "
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
    balances = _BALANCES.format(
        month="substr(NEW.effective_on, 1, 7)", sum="", legs="ledger_leg WHERE entry_id = NEW.id", grouped=""
    )
    entry = {sentence: broken.format(**_NOT_THERE_YET) for sentence, broken in _RULES.items()}
    return [
        _refusing("ledger_leg_guard", "BEFORE INSERT", "ledger_leg", leg),
        _refusing("ledger_entry_guard", "BEFORE INSERT", "ledger_entry", entry),
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

    entry = {sentence: broken.format(**_THERE_ALREADY) for sentence, broken in _RULES.items()}
    told = "".join(refuse("ledger_entry", sentence, _among_fresh(broken)) for sentence, broken in entry.items())
    guard = f"IF {_among_fresh(' OR '.join(f'({broken})' for broken in entry.values()))} THEN {told} END IF;"
    found = [
        function("ledger_leg_guard", refuse("ledger_leg", "its entry is sealed", _among_fresh(_SEALED_LEG)), "NULL"),
        function("ledger_entry_guard", guard, "NULL"),
        function("ledger_entry_balances", _balances_of_postgresql(), "NULL"),
        _fires_once("ledger_leg_guard", "ledger_leg"),
        _fires_once("ledger_entry_guard", "ledger_entry"),
        _fires_once("ledger_entry_balances", "ledger_entry"),
    ]
    for name, (moment, table, said, broken) in _KEPT.items():
        found.append(function(name, refuse(table, said, broken), "COALESCE(NEW, OLD)"))
        found.append(f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    return found


def _among_fresh(broken: str) -> str:
    """Return the condition that some row of the command is broken."""
    return f"EXISTS (SELECT 1 FROM fresh WHERE {broken.replace('NEW.', 'fresh.')})"


def _balances_of_postgresql() -> str:
    """Return the upsert with its legs added up first: one command may meet a row of balances only once there."""
    month = "to_char(fresh.effective_on, 'YYYY-MM')"
    legs = "fresh JOIN ledger_leg ON entry_id = fresh.id"
    return _BALANCES.format(month=month, sum="sum", legs=legs, grouped="GROUP BY 1, 2, 3, 4") + ";"


def _fires_once(name: str, table: str) -> str:
    """Return a trigger that sees all rows of an INSERT as `fresh`, once they are there."""
    return (
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )
