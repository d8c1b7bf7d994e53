"""Look after files and trails."""

import sys

import click
from sqlalchemy import select

from app.backends import store
from app.cli import records
from app.extensions import db
from app.models import Blob
from app.storage.sanity import compare


@records.command("verify")
@click.option("--quick", is_flag=True, help="Chỉ so tên và kích thước, không đọc lại nội dung.")
def verify(quick: bool) -> None:
    """Đọc lại mọi tệp và so với hồ sơ: tệp bị đổi, bị mất, hoặc không thuộc văn bản nào (16.4.d).

    Mã thoát 0 khi mọi tệp nguyên vẹn, 1 khi có sai lệch.
    """
    query = select(Blob.sha256, Blob.size).order_by(Blob.sha256).execution_options(yield_per=5000)
    expected = ((row.sha256, row.size) for row in db.session.execute(query))
    counts: dict[str, int] = {}
    words = {"changed": "bị đổi", "missing": "bị mất", "orphan": "không thuộc văn bản nào", "size": "sai kích thước"}
    for finding in compare(expected, store(), deep=not quick):
        kind = str(finding.kind)
        counts[kind] = counts.get(kind, 0) + 1
        click.echo(f"{words.get(kind, kind)}: {finding.sha256} {finding.detail}".rstrip())
    if counts:
        click.echo("Có sai lệch: " + ", ".join(f"{words.get(k, k)} {n}" for k, n in sorted(counts.items())))
        sys.exit(1)
    click.echo("Mọi tệp nguyên vẹn.")
