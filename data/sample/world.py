"""The whole sample department: everything that happened, and what each quarter's exports know of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data.sample import contact, money, orders, service
from data.sample.accounts import Account, accounts
from data.sample.dossier import Dossier, Sheet, account_row, dossiers
from data.sample.events import Event, Row, known_in
from data.sample.life import live
from data.sample.people import NAMES, REPS, STAFF
from data.sample.quarters import Quarter
from data.sample.story import HEAD


@dataclass(frozen=True)
class World:
    """Everything the generator knows; `events` by entity, in the words of `data/entities`."""

    accounts: list[Account]
    dossiers: list[Dossier]
    orders: list[orders.Order]
    plans: list[money.Plan]
    events: dict[str, list[Event]]


@cache
def world() -> World:
    """Make the department (always the same one)."""
    people = accounts()
    live(people)
    files, sold = dossiers(people), orders.orders(people)
    events = {"contract": money.contracts(sold), "payment": money.payments(sold), **contact.contacts(files)}
    events |= {
        "orders": orders.events(sold),
        "stage_history": service.stages(people),
        "sample": service.samples(people),
        "value_assessment": service.assessments(people),
        "complaint": service.complaints(sold),
        "survey": service.surveys(people),
        "requisition": service.requisitions(),
    }
    return World(people, files, sold, money.plans(sold), events)


def _staff(item: Quarter) -> list[Row]:
    there = [person for person in (*STAFF, *REPS) if person.hired <= item.exported_on]
    return [
        {
            "rep_id": person.id,
            "rep_name": person.name,
            "role": person.role,
            "dept": person.dept,
            "region": "、".join(person.regions),
            "manager_id": NAMES[HEAD] if person.id[0] in "NR" else None,
            "hired_at": person.hired,
            "probation_end": person.hired.replace(
                year=person.hired.year + (person.hired.month > 9), month=(person.hired.month + 2) % 12 + 1
            ),
            "left_at": person.left if person.left and person.left <= item.exported_on else None,
        }
        for person in there
    ]


def _owner_changes(item: Quarter) -> list[Row]:
    rows = []
    for account in world().accounts:
        for tenure in account.tenures[1:]:
            if tenure.start <= item.exported_on:
                who = {
                    "account_id": account.id,
                    "account_name": account.name,
                    "rep_id": tenure.rep,
                    "rep_name": NAMES[tenure.rep],
                }
                rows.append(
                    who | {"previous_rep": NAMES[tenure.previous], "from_date": tenure.start, "reason": tenure.reason}
                )
    return sorted(rows, key=lambda row: (row["from_date"], row["account_id"]))


def _records(item: Quarter, kind: str) -> list[Row]:
    rows = []
    for dossier in world().dossiers:
        sheets: list[Sheet] = getattr(dossier, kind)
        known = [
            sheet for sheet in sheets if sheet.since <= item.exported_on and dossier.account.created <= item.exported_on
        ]
        owner = {"account_id": dossier.account.id, "account_name": dossier.account.name}
        rows += [owner | sheet.row(item.exported_on) for sheet in known]
    return rows


def rows(entity: str, item: Quarter) -> list[Row]:
    """Give the rows of an entity that a quarter's export holds: full lists of masters, news of events."""
    day = item.exported_on
    if entity == "account":
        return [account_row(one, day) for one in world().dossiers if one.account.created <= day]
    if entity == "rep":
        return _staff(item)
    if entity == "rep_assignment":
        return _owner_changes(item)
    kinds = {"kdm": "contacts", "champion": "champions", "competitor": "competitors"}
    return _records(item, kinds[entity]) if entity in kinds else known_in(world().events[entity], item)
