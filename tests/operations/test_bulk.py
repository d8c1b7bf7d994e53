"""Changes of many rows leave the history that SQLAlchemy-Continuum would have written, row by row."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy_continuum import UnitOfWork as ContinuumUnitOfWork
from sqlalchemy_continuum import versioning_manager

from app import clock
from app.columns import ACTING
from app.models import (
    Blob,
    CalendarDay,
    Delegation,
    Document,
    DocumentFile,
    DocumentType,
    NumberCounter,
    NumberSeries,
    Organisation,
    Person,
    RegisterBook,
    RegisterEntry,
    UrgencyLevel,
)
from app.operations import bulk, events, registers
from app.operations.unit_of_work import UnitOfWork, unit_of_work
from app.vocabulary import EntryState, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import actor_of

COUNT = 12
NOT_COMPARED = {"id", "transaction_id", "end_transaction_id"}
"""Numbers that the database counts; compared by their order instead."""


@pytest.fixture
def acting(session: Session) -> Iterator[Any]:
    """The clerk acts, as inside an operation."""
    clerk = actor_of(PostKind.CLERK)
    token = ACTING.set(clerk)
    yield clerk
    ACTING.reset(token)


def versions(session: Session, model: type[Any], keys: list[Any]) -> list[list[dict[str, Any]]]:
    """All version rows of each record, as the database holds them: column by column, oldest first."""
    table = model.__tablename__
    key = model.__table__.primary_key.columns.keys()[0]
    found = []
    for value in keys:
        query = text(f"SELECT to_jsonb(v) FROM {table}_version v WHERE v.{key} = :key ORDER BY transaction_id")
        found.append([row[0] for row in session.execute(query, {"key": value})])
    return found


def comparable(history: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The same with what no two records share left out, and each end given as the place of the version that ends it."""
    told = []
    for rows in history:
        order = {row["transaction_id"]: at for at, row in enumerate(rows)}
        told.append(
            [
                {k: v for k, v in row.items() if k not in NOT_COMPARED}
                | {"ended_by": order[row["end_transaction_id"]] if row["end_transaction_id"] else None}
                for row in rows
            ]
        )
    return told


class Making:
    """Values for rows of one table, twice the same from the same seed; numbers differ by ``shift`` alone."""

    def __init__(self, session: Session, seed: int):
        self.session, self.seed = session, seed
        self.type_ids = session.scalars(select(DocumentType.id).order_by(DocumentType.id)).all()
        self.issuer_ids = session.scalars(select(Organisation.id).order_by(Organisation.id)).all()
        self.book = session.scalars(select(RegisterBook).order_by(RegisterBook.id)).first()
        self.urgencies = session.scalars(select(UrgencyLevel.code).order_by(UrgencyLevel.rank)).all()
        self.persons = session.scalars(select(Person.id).order_by(Person.id)).all()

    def rows(self, model: type[Any], documents: list[int]) -> list[dict[str, Any]]:
        """New rows: every kind of value, now and then NULL, now and then left to its default."""
        chance = random.Random(f"{self.seed} {model.__name__}")
        return [getattr(self, f"_{model.__tablename__}")(chance, at, documents[at]) for at in range(COUNT)]

    def _document(self, chance: random.Random, at: int, _document: int) -> dict[str, Any]:
        optional = {
            "extra": {"số": at, "rỗng": None, "danh sách": [1, "hai"]},
            "identifier": f"000.00.01.G{at}",
            "note": 'dấu " và \\ và {ngoặc}, phẩy; NULL',
            "language": "English",
            "due_on": date(2026, 12, 1) + timedelta(days=at),
            "page_count": at,
        }
        return {
            "kind": "incoming",
            "state": "received",
            "number_notation": f"{at}/STC-NS",
            "type_id": chance.choice([None, *self.type_ids]),
            "issued_on": chance.choice([None, date(2026, 12, 1 + at)]),
            "issuer_id": chance.choice([None, *self.issuer_ids]),
            "issuer_name": "Sở Tài chính",
            "subject": f"Về việc số {at}, “đặc biệt” — 'khẩn'",
            "urgency": chance.choice(self.urgencies),
            "channel": chance.choice(["paper", "email"]),
            "book_id": self.book.id,
            "received_at": NOW + timedelta(minutes=at, microseconds=at),
            **{name: value for name, value in optional.items() if chance.random() < 0.5},
        }

    def _register_entry(self, chance: random.Random, at: int, document: int) -> dict[str, Any]:
        cancelled = chance.random() < 0.3
        return {
            "series_id": self.book.series_id,
            "year": 2020,
            "number": document,  # unlike any other
            "entry_date": date(2020, 1, 1 + at),
            "registered_at": datetime(2020, 1, 1 + at, tzinfo=UTC),
            "document_id": document,
            "state": EntryState.CANCELLED if cancelled else EntryState.LIVE,
            **({"reason": "Cấp nhầm"} if cancelled else {}),
        }

    def _document_file(self, chance: random.Random, at: int, document: int) -> dict[str, Any]:
        return {
            "document_id": document,
            "sha256": "ab" * 32,
            "role": chance.choice(["main", "attachment"]),
            "ordinal": 1,
            "title": f"Phụ lục {at}.pdf",
            "received_name": f"phu luc {at}.pdf",
            "added_at": NOW,
        }

    def _document_type(self, chance: random.Random, at: int, document: int) -> dict[str, Any]:
        return {
            "code": f"loai-{document}",
            "name": f"Loại {at}",
            "valid_from": date(2020, 1, 1),
            "valid_to": chance.choice([None, date(2026, 1, 1)]),
            **({"abbreviation": "LV"} if chance.random() < 0.5 else {}),
        }

    def _delegation(self, chance: random.Random, at: int, _document: int) -> dict[str, Any]:
        return {
            "kind": "entry",
            "grantor_id": self.persons[0],
            "grantee_id": self.persons[1],
            "moves": chance.choice([["register"], []]),
            "authority": f"Giấy ủy quyền {at}",
            "valid_from": date(2026, 1, 1),
            "revoked_at": chance.choice([None, NOW]),
        }


CHANGES: dict[type[Any], Callable[[random.Random, int], dict[str, Any]]] = {
    Document: lambda chance, at: {
        "subject": f"Sửa {at}" if chance.random() < 0.7 else "Về việc chung",
        "issued_on": chance.choice([None, date(2026, 11, 1)]),
        "extra": chance.choice([{}, {"sửa": at}]),
        "page_count": chance.choice([None, 3]),
        "state": "discarded",
    },
    RegisterEntry: lambda chance, _: {"state": "cancelled", "reason": f"Lý do {chance.randrange(3)}"},
    DocumentFile: lambda chance, at: {"title": f"Tên khác {at} {chance.randrange(2)}", "role": "attachment"},
    DocumentType: lambda chance, at: {"valid_to": chance.choice([None, date(2027, 1, 1)]), "ordinal": at % 3},
    Delegation: lambda chance, _: {"revoked_at": NOW, "moves": [str(chance.randrange(2))]},
}


def one_by_one(uow: UnitOfWork, model: type[Any], rows: list[dict[str, Any]]) -> list[Any]:
    """Add rows as records, Continuum writing their versions."""
    records = [model(**row) for row in rows]
    uow.session.add_all(records)
    uow.session.flush()
    return [record.id for record in records]


def documents(session: Session) -> list[int]:
    """Documents for entries and files to point at."""
    with unit_of_work() as uow:
        return one_by_one(uow, Document, Making(session, 1).rows(Document, [0] * COUNT))


@pytest.fixture
def _blob(session: Session) -> None:
    session.add(Blob(sha256="ab" * 32, size=1, media_type="application/pdf", stored_at=NOW))
    session.commit()


@pytest.mark.usefixtures("_blob")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("model", CHANGES)
@pytest.mark.clause("212/16.4.a")
def test_history_of_many_rows_equals_that_of_each(session: Session, acting: Any, model: type[Any], seed: int) -> None:
    first, second = documents(session), documents(session)
    making = Making(session, seed)
    with unit_of_work() as uow:
        expected = one_by_one(uow, model, making.rows(model, first))
    with unit_of_work() as uow:
        made = bulk.insert(uow, model, making.rows(model, second))
    _assert_same_rows(session, model, expected, made)
    for again in range(3):
        chance, same_chance = random.Random(f"{seed} {again}"), random.Random(f"{seed} {again}")
        with unit_of_work() as uow:
            for at, key in enumerate(expected):
                record = uow.session.get_one(model, key)
                for name, value in CHANGES[model](chance, at).items():
                    setattr(record, name, value)
        with unit_of_work() as uow:
            bulk.update(uow, model, [{"id": k, **CHANGES[model](same_chance, at)} for at, k in enumerate(made)])
        _assert_same_rows(session, model, expected, made)
    assert any(len(rows) > 2 for rows in versions(session, model, made))  # the test has something to compare


def _assert_same_rows(session: Session, model: type[Any], expected: list[Any], made: list[Any]) -> None:
    own = {"document_id", "number", "code"}

    def told(history: list[list[dict[str, Any]]]) -> Any:
        return [[{k: v for k, v in row.items() if k not in own} for row in rows] for rows in comparable(history)]

    assert told(versions(session, model, made)) == told(versions(session, model, expected))
    live = text(f"SELECT to_jsonb(t) FROM {model.__tablename__} t WHERE id = ANY(:keys) ORDER BY id")

    def rows(keys: list[Any]) -> list[dict[str, Any]]:
        return [
            {k: v for k, v in row[0].items() if k not in own | {"id"}} for row in session.execute(live, {"keys": keys})
        ]

    assert rows(made) == rows(expected)
    for key, history in zip(made, versions(session, model, made), strict=True):
        kept = {name for name in history[-1] if name not in ("transaction_id", "end_transaction_id", "operation_type")}
        (row,) = session.execute(live, {"keys": [key]}).scalars()
        assert {name: row[name] for name in kept} == {name: history[-1][name] for name in kept}
        assert "search" not in kept
        assert [r["end_transaction_id"] for r in history] == [*(r["transaction_id"] for r in history[1:]), None]


@pytest.mark.parametrize("model", [Document, DocumentType, CalendarDay])
@pytest.mark.clause("212/16.4.a")
def test_versions_are_closed_as_continuum_closes_them(
    session: Session, acting: Any, model: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for way in (versioning_manager.uow_class, ContinuumUnitOfWork):
        monkeypatch.setattr(versioning_manager, "uow_class", way)
        told.append(_story_of(session, model, date(2031, 2, 3 + len(told))))
    assert versioning_manager.uow_class is ContinuumUnitOfWork
    assert told[0] == told[1]
    assert [row["ended_by"] for row in told[0][0]] == [*range(1, len(told[0][0])), None]


def _story_of(session: Session, model: type[Any], day: date) -> Any:
    """Made, changed twice, changed twice in one transaction; a day of the calendar also deleted and made anew."""
    with unit_of_work() as uow:
        if model is CalendarDay:
            keys, name = [day], "name"
            uow.session.add(CalendarDay(day=day, kind="off", name="Tết"))
        else:
            rows = Making(session, 9).rows(model, [uuid4().int % 10**9] * COUNT)
            keys, name = one_by_one(uow, model, rows[:1]), "note" if model is Document else "abbreviation"
    for text_of_it in ("một", "hai"):
        with unit_of_work() as uow:
            setattr(uow.session.get_one(model, keys[0]), name, text_of_it)
    with unit_of_work() as uow:
        setattr(uow.session.get_one(model, keys[0]), name, "ba")
        uow.session.flush()
        setattr(uow.session.get_one(model, keys[0]), name, "bốn")
    if model is CalendarDay:
        with unit_of_work() as uow:
            uow.session.delete(uow.session.get_one(CalendarDay, day))
        with unit_of_work() as uow:
            uow.session.add(CalendarDay(day=day, kind="worked", name="Làm bù"))
        with unit_of_work() as uow:
            uow.session.get_one(CalendarDay, day).name = "Làm bù Tết"
    return [
        [{k: v for k, v in row.items() if k not in ("document_id", "number", "code", "day")} for row in rows]
        for rows in comparable(versions(session, model, keys))
    ]


def test_the_versions_belong_to_the_one_transaction_of_the_act_and_its_person(session: Session, acting: Any) -> None:
    rows = Making(session, 5).rows(Document, [0] * COUNT)
    with unit_of_work() as uow:
        uow.session.add(Document(**rows[0]))
        made = bulk.insert(uow, Document, rows[1:])
        bulk.update(uow, Document, [{"id": made[0], "note": "ngay sau đó"}])
    numbers = {row[-1]["transaction_id"] for row in versions(session, Document, made)}
    assert len(numbers) == 1
    query = text("SELECT user_id FROM transaction WHERE id = :id")
    assert session.scalar(query, {"id": numbers.pop()}) == acting.user_id
    assert [len(row) for row in versions(session, Document, made)] == [1] * len(made)


def test_a_row_changed_in_the_transaction_that_made_it_is_told_as_continuum_tells_it(
    session: Session, acting: Any
) -> None:
    rows = Making(session, 5).rows(Document, [0] * COUNT)
    with unit_of_work() as uow:
        expected = one_by_one(uow, Document, rows)
        for key in expected:
            uow.session.get_one(Document, key).note = "sửa"
    with unit_of_work() as uow:
        made = bulk.insert(uow, Document, rows)
        bulk.update(uow, Document, [{"id": key, "note": "sửa"} for key in made])
    _assert_same_rows(session, Document, expected, made)


def test_what_already_has_the_values_gets_no_version(session: Session, acting: Any) -> None:
    with unit_of_work() as uow:
        made = bulk.insert(uow, Document, Making(session, 6).rows(Document, [0] * COUNT))
    with unit_of_work() as uow:
        assert bulk.update(uow, Document, [{"id": key, "book_id": None} for key in made]) == made
    with unit_of_work() as uow:
        assert bulk.update(uow, Document, [{"id": key, "book_id": None} for key in made]) == []
    assert {len(rows) for rows in versions(session, Document, made)} == {2}


def test_a_record_in_hand_shows_what_was_changed_beside_it(session: Session, acting: Any) -> None:
    with unit_of_work() as uow:
        made = bulk.insert(uow, Document, Making(session, 6).rows(Document, [0] * COUNT))
        record = uow.session.get_one(Document, made[0])
        version = record.version
        bulk.update(uow, Document, [{"id": made[0], "subject": "Khác"}])
        assert (record.subject, record.version) == ("Khác", version + 1)


def test_who_comes_second_changes_nothing(session: Session, acting: Any) -> None:
    with unit_of_work() as uow:
        made = bulk.insert(uow, Document, Making(session, 6).rows(Document, [0] * COUNT))
        bulk.update(uow, Document, [{"id": key, "version": 1, "subject": "Một"} for key in made])
    for stale in ([{"id": made[0], "version": 1, "subject": "Hai"}], [{"id": -1, "subject": "Hai"}]):
        with pytest.raises(StaleDataError), unit_of_work() as uow:
            bulk.update(uow, Document, stale)
    assert session.scalars(select(Document.subject).where(Document.id.in_(made)).distinct()).all() == ["Một"]


def test_a_row_changed_both_ways_in_one_act_is_refused(session: Session, acting: Any) -> None:
    with unit_of_work() as uow:
        (made, *_) = bulk.insert(uow, Document, Making(session, 6).rows(Document, [0] * COUNT))

    def both() -> None:
        with unit_of_work() as uow:
            bulk.update(uow, Document, [{"id": made, "subject": "Một"}])
            uow.session.get_one(Document, made).subject = "Hai"

    with pytest.raises(RuntimeError, match="set-wise"):
        both()


def test_values_that_do_not_fit_are_refused_and_never_cut(session: Session, acting: Any) -> None:
    rows = Making(session, 6).rows(Document, [0] * COUNT)
    with pytest.raises(DataError), unit_of_work() as uow:
        bulk.insert(uow, Document, [{**rows[0], "number_notation": "x" * 51}])
    with pytest.raises(IntegrityError), unit_of_work() as uow:
        bulk.insert(uow, Document, [{**rows[0], "subject": None}])
    for wrong in ({"search": "x"}, {"no_such": 1}):
        with pytest.raises(ValueError, match="cannot be given"), unit_of_work() as uow:
            bulk.insert(uow, Document, [{**rows[0], **wrong}])
    for wrong in ({"kind": "outgoing"}, {"submission_digest": "x"}, {"search": "x"}, {}):
        with pytest.raises(ValueError, match="cannot set"), unit_of_work() as uow:
            bulk.update(uow, Document, [{"id": first_document(session), **wrong}])


def first_document(session: Session) -> int:
    """Any document, made when there is none."""
    with unit_of_work() as uow:
        return bulk.insert(uow, Document, Making(session, 7).rows(Document, [0] * COUNT))[0]


@pytest.mark.clause("212/16.4.a")
def test_events_of_many_equal_those_of_each(session: Session, acting: Any) -> None:
    made = documents(session)
    acts = [{"subject_id": k, "document_id": k, "state_after": "registered", "number": k, "ghi": "chú"} for k in made]
    with unit_of_work() as uow:
        uow.session.get_one(Document, made[0]).note = "một"
        for act in acts:
            events.record(uow, acting, "incoming.one", "document", basis=("212/4.2",), **act)
    with unit_of_work() as uow:
        bulk.update(uow, Document, [{"id": made[0], "note": "hai"}])
        bulk.record_each(uow, acting, "incoming.many", "document", acts, basis=("212/4.2",))
    told = []
    for tag in ("incoming.one", "incoming.many"):
        query = text("SELECT to_jsonb(e) FROM event e WHERE tag = :tag ORDER BY id")
        rows = session.execute(query, {"tag": tag}).scalars().all()
        (number,) = {row["transaction_id"] for row in rows}
        last = versions(session, Document, made[:1])[0]
        assert number == last[-1 if tag == "incoming.many" else -2]["transaction_id"]
        told.append([{k: v for k, v in row.items() if k not in ("id", "tag", "transaction_id")} for row in rows])
    assert told[0] == told[1]
    assert len(told[0]) == len(made)


@pytest.mark.clause("212/4.2")
def test_a_block_of_numbers_follows_the_last_number_and_is_followed_by_the_next(app: Flask, session: Session) -> None:
    series = session.scalars(select(NumberSeries.id).order_by(NumberSeries.id)).first()
    with unit_of_work() as uow:
        one, _ = registers.take_number(uow, series)
        block, instant = registers.take_numbers(uow, series, 500)
        after, _ = registers.take_number(uow, series)
    assert [n.number for n in block] == list(range(one.number + 1, one.number + 501))
    assert {(n.year, n.day) for n in block} == {(2026, NOW.date())}
    assert instant == NOW
    assert after.number == one.number + 501
    with clock.set_to(NOW + timedelta(days=3)), unit_of_work() as uow:
        block, _ = registers.take_numbers(uow, series, 2)
    assert [(n.year, n.number) for n in block] == [(2027, 1), (2027, 2)]
    with pytest.raises(ValueError, match="0"), unit_of_work() as uow:
        registers.take_numbers(uow, series, 0)
    assert session.scalar(select(NumberCounter.last_number).where(NumberCounter.year == 2027)) == 2


def test_no_statement_changes_versioned_rows_past_their_versions(session: Session) -> None:
    made = first_document(session)
    for statement in (
        update(Document).values(note="x"),
        delete(Organisation),
        insert(DocumentType).values(code="x", name="x", valid_from=NOW.date(), version=1),
    ):
        with pytest.raises(RuntimeError, match="keeps versions"):
            session.execute(statement)
    with pytest.raises(RuntimeError, match="keeps versions"):
        session.query(Document).filter_by(id=made).update({"note": "x"})
    with pytest.raises(RuntimeError, match="keeps versions"):
        session.query(Document).delete()
