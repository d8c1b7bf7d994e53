"""Look at jobs, and run one by hand."""

import sys

import click
from flask_babel import force_locale, gettext

from app import clock
from app.cli import records
from app.extensions import db
from app.operations import jobs
from app.queries.jobs import overview
from app.rules.jobs import JOBS, OUTCOMES, Outcome
from app.translation import vn_datetime


@records.command("jobs")
def show_jobs() -> None:
    """Các việc nền: lần chạy gần nhất, kết quả, lần chạy tới."""
    with force_locale("vi"):
        for state in overview(db.session(), clock.now()):
            click.echo(f"{state.job.name}: {gettext(state.job.label)}")
            if state.last is None:
                click.echo("  chưa chạy lần nào")
            else:
                outcome = gettext(OUTCOMES[Outcome(state.last.outcome)])
                counts = ", ".join(f"{key} {value}" for key, value in state.last.counts.items())
                click.echo(f"  gần nhất {vn_datetime(state.last.started_at)}: {outcome} {counts}".rstrip())
                if state.last.error:
                    click.echo(f"  lỗi: {state.last.error}")
            click.echo(f"  lần tới {vn_datetime(state.next)}" if state.next else "  chạy khi có việc")


@records.command("run-job")
@click.argument("name", type=click.Choice(sorted(JOBS)))
@click.option("--actor", "who", required=True, help="Ai ra lệnh này; ghi vào nhật ký.")
def run_job(name: str, who: str) -> None:
    """Chạy ngay một việc nền.

    Mã thoát 0 khi xong, 1 khi có điều phải xem, 2 khi lỗi, 3 khi việc đó đang chạy ở nơi khác.
    """
    result = jobs.run(name, by=who)
    if result is None:
        click.echo(f"Việc {name} đang chạy; thử lại sau.", err=True)
        sys.exit(3)
    with force_locale("vi"):
        counts = ", ".join(f"{key} {value}" for key, value in result.counts.items())
        click.echo(f"{name}: {gettext(OUTCOMES[result.outcome])} {counts}".rstrip())
    if result.error:
        click.echo(result.error, err=True)
    sys.exit({Outcome.DONE: 0, Outcome.FINDINGS: 1}.get(result.outcome, 2))
