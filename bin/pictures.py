"""Takes the pictures of README and guides: the demo office in a temporary folder, seen through a real browser.

The same names each time; each picture is reduced to 256 colours and stays below 250 KB.
"""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PASSWORD = "Anh-Chup@2026"  # noqa: S105 - of a made-up office that is gone when the pictures are taken
READY, READY_SECONDS = "nhấn Ctrl-C", 300
DESK, PHONE = (1366, 768), (390, 844)
LARGEST = 250 * 1024
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Picture:
    """One picture: who looks, at which address, and what is done before it is taken."""

    name: str
    who: str = ""
    address: str = "/"
    size: tuple[int, int] = DESK
    before: Callable[[Page], None] | None = None


def _first_document(page: Page) -> None:
    page.locator("table.register a.subj").first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)  # the pages of the PDF are drawn


def _filled_in(page: Page) -> None:
    page.get_by_label("Cơ quan, tổ chức ban hành").fill("Sở Tài chính")
    page.get_by_label("Số và ký hiệu").fill("1482/STC-NS")
    page.get_by_label("Ngày văn bản").fill("3/8")
    page.get_by_label("Trích yếu nội dung").fill("Về việc bổ sung kinh phí chống ngập năm 2026")


PICTURES = (
    Picture("dang-nhap", address="/login/"),
    Picture("ban-lam-viec", "vanthu1", "/"),
    Picture("so-van-ban-den", "vanthu1", "/incoming/"),
    Picture("van-ban", "vanthu1", "/incoming/", before=_first_document),
    Picture("dang-ky", "vanthu1", "/incoming/new/register", before=_filled_in),
    Picture("lich-nghi", "quantri", "/calendar/list/"),
    Picture("nguoi-va-chuc-danh", "quantri", "/people/"),
    Picture("quan-tri-ky-thuat", "quantri", "/quan-tri/"),
    Picture("dien-thoai", "vanthu1", "/incoming/", PHONE),
)


def browser_program() -> str:
    """The browser of this machine; ends the process with a clear line where there is none."""
    named = os.environ.get("CHROMIUM", "")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found:
        sys.exit("bin/screenshots: no Chromium here. On Debian/Ubuntu: apt-get install chromium; or CHROMIUM=/its/path")
    return found


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def demo_office() -> Iterator[str]:
    """The whole program with the demo office, in a folder of its own; gives its address."""
    own = ("DATABASE", "DATA_DIR", "DEMO", "HOST", "PORT", "RECORDS_")
    folder = Path(tempfile.mkdtemp(prefix="van-thu-pictures-"))
    folder.chmod(0o711)
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environ |= {"DATA_DIR": str(folder / "data"), "PORT": str(port), "DEMO_PASSWORD": PASSWORD}
    screen = folder / "screen"
    with screen.open("wb") as output:
        program = subprocess.Popen(
            [sys.executable, str(ROOT / "run.py")], env=environ, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while READY not in screen.read_text(encoding="utf-8"):
            if program.poll() is not None or time.monotonic() > deadline:
                sys.exit("bin/screenshots: the program did not start:\n" + screen.read_text(encoding="utf-8"))
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        program.send_signal(signal.SIGINT)
        try:
            program.wait(60)
        except subprocess.TimeoutExpired:
            program.kill()
        shutil.rmtree(folder, ignore_errors=True)


def take(browser: Browser, base: str, picture: Picture) -> bytes:
    """One picture as PNG, from a session of its own."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    page = context.new_page()
    if picture.who:
        page.goto(f"{base}/login/")
        page.fill("input[name=username]", picture.who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "/login" not in address)
    answer = page.goto(base + picture.address)
    if answer is None or answer.status != 200:
        sys.exit(f"bin/screenshots: {picture.address} answers {answer.status if answer else 'nothing'}")
    page.wait_for_load_state("networkidle")
    if picture.before is not None:
        picture.before(page)
    taken = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return taken


def reduced(png: bytes) -> bytes:
    """The same picture in 256 colours."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main() -> int:
    """Take all pictures, or those named on the command line."""
    wanted = sys.argv[1:] or [picture.name for picture in PICTURES]
    unknown = set(wanted) - {picture.name for picture in PICTURES}
    if unknown:
        sys.exit(f"bin/screenshots: no such picture: {', '.join(sorted(unknown))}")
    program = browser_program()
    IMAGES.mkdir(exist_ok=True)
    with demo_office() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for picture in PICTURES:
            if picture.name in wanted:
                content = reduced(take(browser, base, picture))
                if len(content) > LARGEST:
                    sys.exit(f"bin/screenshots: {picture.name} has {len(content)} bytes, more than {LARGEST}")
                (IMAGES / f"{picture.name}.png").write_bytes(content)
                print(f"docs/images/{picture.name}.png  {len(content) // 1024} KB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
