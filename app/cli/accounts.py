"""First administrator and rescue of accounts."""

import sys

import click
from sqlalchemy import select

from app.actor import Actor
from app.cli import records, refuse
from app.errors import DomainError
from app.extensions import db
from app.models import Account, Organisation, User
from app.operations import accounts, parties
from app.operations.unit_of_work import unit_of_work
from app.vocabulary import PostKind, Via


@records.command("has-accounts")
def has_accounts() -> None:
    """Mã thoát 0 nếu đã có tài khoản, 1 nếu chưa."""
    sys.exit(0 if db.session.scalar(select(Account.user_id).limit(1)) is not None else 1)


@records.command("create-admin")
@click.option("--username", required=True)
@click.option("--full-name", required=True)
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn.")
def create_admin(username: str, full_name: str, password_stdin: bool) -> None:
    """Tạo quản trị viên (Trung tâm Tin học) đầu tiên."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else click.prompt("Mật khẩu", hide_input=True)
    actor = Actor.system("create-admin", Via.CLI)
    try:
        with unit_of_work():
            person = parties.add_person(actor, full_name)
            unit = db.session.scalars(select(Organisation).where(Organisation.ours).order_by(Organisation.id)).first()
            if unit is None:
                raise click.ClickException("Chưa có dữ liệu ban đầu; chạy “flask --app run records init” trước.")
            parties.appoint(actor, person.id, unit.id, PostKind.IT_CENTRE, "Quản trị hệ thống")
            accounts.open_account(actor, person.id, username, password, origin="own")
    except DomainError as error:
        refuse(error)
    click.echo(f"Đã tạo tài khoản quản trị {username}.")


@records.command("unlock")
@click.option("--username", required=True)
@click.option("--actor", "who", required=True, help="Ai ra lệnh này; ghi vào nhật ký.")
def unlock(username: str, who: str) -> None:
    """Mở khóa một tài khoản khi không còn ai đăng nhập được để mở khóa trên màn hình."""
    user = db.session.scalars(select(User).where(User.username == username)).one_or_none()
    if user is None:
        raise click.ClickException(f"Không có tài khoản {username}.")
    try:
        accounts.unlock(Actor.system(f"unlock by {who}"[:90], Via.CLI), user.id)
    except DomainError as error:
        refuse(error)
    click.echo(f"Đã mở khóa {username}.")
