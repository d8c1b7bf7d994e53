"""Bring database, start data and roles to what this version expects; load the demo office."""

import click
from flask import current_app

from app import schema
from app.actor import Actor
from app.cli import records, refuse
from app.errors import DomainError
from app.operations import reference, roles
from app.rules.lifecycles import known_permissions
from app.vocabulary import Via


def _sync(*, show: bool) -> None:
    added = roles.sync(Actor.system("sync-roles", Via.CLI), known_permissions())
    for kind, label in (("permissions", "quyền mới"), ("roles", "vai trò mới"), ("grants", "gán mới")):
        if added[kind]:
            click.echo(f"{label}: {len(added[kind])}")
    if show:
        for line in added["edited"]:
            click.echo(f"khác mặc định (giữ nguyên): {line}")


@records.command("init")
def init() -> None:
    """Cập nhật cấu trúc dữ liệu, nạp dữ liệu ban đầu, đồng bộ vai trò. Chạy lại bao nhiêu lần cũng được."""
    config = current_app.config
    schema.upgrade(config["DATABASE_OWNER_URL"] or config["DATABASE_URL"], config["DATABASE_URL"])
    added = reference.load(Actor.system("init", Via.CLI))
    if any(added.values()):
        click.echo("đã nạp dữ liệu ban đầu: " + ", ".join(f"{k} {v}" for k, v in added.items() if v))
    _sync(show=False)


@records.command("sync-roles")
def sync_roles() -> None:
    """Thêm quyền và vai trò của phiên bản mới; cho thấy chỗ khác mặc định, không ghi đè."""
    _sync(show=True)


@records.command("make-migration")
@click.argument("message")
def make_migration(message: str) -> None:
    """Viết tệp di trú mới từ khác biệt giữa app/models.py và cơ sở dữ liệu (dành cho người phát triển)."""
    config = current_app.config
    written = schema.make_revision(config["DATABASE_OWNER_URL"] or config["DATABASE_URL"], message)
    click.echo(f"đã viết {written}; đọc lại trước khi dùng")


@records.command("demo")
def demo() -> None:
    """Nạp cơ quan mẫu khi chưa có văn bản nào."""
    from app.demo.loader import load

    try:
        done = load(current_app.config["DEMO_PASSWORD"])
    except DomainError as error:
        refuse(error)
    if done:
        click.echo(done)
