"""`placement users add|list|disable`: the first accounts of an installation, and closing one from the machine."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from datetime import date

from sqlmodel import Session

from placement.cli import CommandRefused
from placement.clock import business_day
from placement.commanding import Workplace, open_workplace
from placement.people import administration
from placement.people.administration import NewMandate
from placement.people.passwords import MIN_LENGTH, Passwords
from placement.permissions import Role
from placement.refusals import Refusal

TOLD = {
    "user-name-missing": "give a user name and --name",
    "user-name-taken": "this user name is taken; choose another one",
    "user-unknown": "there is no such user name; see `placement users list`",
    "password-short": f"the password must have at least {MIN_LENGTH} characters",
    "mandate-body": "this role does not belong to that kind of organisation; give another --organisation",
    "mandate-decides": "only social workers and county leads decide; leave --may-decide out",
    "mandate-unit": "a unit manager needs --unit with the reference of a unit of that county",
    "mandate-organisation": "no organisation has this code on that day; give a county's (08), a municipality's (837) "
    "or an authority's",
    "ends-before-start": "--to must not be before --from",
}
"""What to do about each refusal, in the words of the command line."""


def run(arguments: argparse.Namespace) -> int:
    place = open_workplace()
    try:
        work = {"add": _add, "list": _list, "disable": _disable}[arguments.action]
        with place.database.transaction() as session:
            work(place, session, arguments)
    except Refusal as refused:
        raise CommandRefused(TOLD[refused.code]) from refused
    finally:
        place.database.close()
    return 0


def _add(place: Workplace, session: Session, arguments: argparse.Namespace) -> None:
    """Add an account with its first mandate; for a user name that exists, a further mandate."""
    login = _login(arguments)
    at = place.clock()
    new = _mandate(arguments, business_day(at))
    user = administration.find(session, login)
    if user is None:
        password, generated = _password()
        passwords = Passwords(cheap=place.settings.cheap_hashing)
        user = administration.add_user(session, login, arguments.name, password, passwords, actor=None, at=at)
        if generated:
            print(f"password of {user.login} (shown once): {password}")
    administration.give_mandate(session, user, new, actor=None, at=at)
    last = f" to {new.valid_to}" if new.valid_to else ""
    print(f"{user.login}: {new.role} of {new.body} from {new.valid_from}{last}")


def _mandate(arguments: argparse.Namespace, today: date) -> NewMandate:
    if arguments.role not in list(Role):
        raise CommandRefused(f"--role must be one of {', '.join(Role)}")
    if not arguments.organisation:
        raise CommandRefused("give --organisation with an official code, such as 08 or 837")
    return NewMandate(
        role=Role(arguments.role),
        body=arguments.organisation,
        valid_from=arguments.start or today,
        valid_to=arguments.end,
        may_decide=arguments.may_decide,
        unit=arguments.unit,
        basis=arguments.basis,
    )


def _password() -> tuple[str, bool]:
    """Return the password and whether it was made up: asked twice on a terminal, else made up."""
    if not sys.stdin.isatty():
        return secrets.token_urlsafe(15), True
    first = getpass.getpass(f"Password (at least {MIN_LENGTH} characters): ")
    if first != getpass.getpass("The same password again: "):
        raise CommandRefused("the two passwords differ; try again")
    return first, False


def _list(place: Workplace, session: Session, _arguments: argparse.Namespace) -> None:
    for one in administration.listed(session, place.clock()):
        days = f"{one.valid_from or ''}…{one.valid_to or ''}"
        print("\t".join((one.login, one.name, one.state, one.role, one.body, days)))


def _disable(place: Workplace, session: Session, arguments: argparse.Namespace) -> None:
    login = _login(arguments)
    ended = administration.disable(session, login, actor=None, at=place.clock())
    print(f"{login} is disabled; {ended} sessions ended")


def _login(arguments: argparse.Namespace) -> str:
    if not arguments.login:
        raise CommandRefused("give the user name, for example `placement users add liisa@county.fi`")
    return str(arguments.login)
