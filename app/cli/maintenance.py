"""Look after files and trails."""

import sys

import click

from app.actor import Actor
from app.cli import records
from app.operations.verification import verify_files
from app.storage.sanity import Finding
from app.vocabulary import Via


@records.command("verify")
@click.option("--quick", is_flag=True, help="Chỉ so tên và kích thước, không đọc lại nội dung.")
def verify(quick: bool) -> None:
    """Đọc lại mọi tệp và so với hồ sơ: tệp bị đổi, bị mất, hoặc không thuộc văn bản nào (16.4.d).

    Mã thoát 0 khi mọi tệp nguyên vẹn, 1 khi có sai lệch.
    """
    words = {"changed": "bị đổi", "missing": "bị mất", "orphan": "không thuộc văn bản nào", "size": "sai kích thước"}

    def say(finding: Finding) -> None:
        click.echo(f"{words.get(finding.kind, finding.kind)}: {finding.sha256} {finding.detail}".rstrip())

    counts = verify_files(Actor.system("verify", Via.CLI), deep=not quick, report=say)
    if counts:
        click.echo("Có sai lệch: " + ", ".join(f"{words.get(k, k)} {n}" for k, n in sorted(counts.items())))
        sys.exit(1)
    click.echo("Mọi tệp nguyên vẹn.")
