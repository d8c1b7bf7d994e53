"""Takes the pictures of README and guides: the demo office on a database of its own, seen through a real browser.

The clock stands still, in the program and in the browser, so that the same program gives the same pictures (but for the
console, which tells of this machine's disk). Each is reduced to 256 colours and stays below 250 KB. Loading the office
takes a few minutes; who tries a new picture keeps it between runs with ``PICTURES_DIR=/folder bin/screenshots name``.
"""

import base64
import io
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import clock, create_app  # noqa: E402
from app.server import commands  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NOW = datetime(2026, 11, 20, 10, 40, tzinfo=clock.VIETNAM)
"""A Friday morning: some of the day's papers are registered, others wait."""
PASSWORD = "Anh-Chup@2026"  # noqa: S105 - of a made-up office that is gone when the pictures are taken
DESK, PHONE = (1366, 768), (390, 844)
LARGEST = 250 * 1024
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRAWN_MILLISECONDS = 20_000
REGISTER, TRAY = "/incoming/", "/incoming/waiting/"
SETTLING, WORK = "/handling/", "/work/"
SIGNED = f"{REGISTER}?signature_verdict=valid"


@dataclass(frozen=True)
class Picture:
    """One picture: who looks, at which address, and what is done before it is taken.

    ``before`` may give the picture itself (what is no page of the program).
    """

    name: str
    who: str = ""
    address: str = "/"
    size: tuple[int, int] = DESK
    before: Callable[[Page], bytes | None] | None = None


# ── what is done before a picture is taken ───────────────────────────────────────────────────────────────────────────


def _paper_is_drawn(page: Page) -> None:
    page.locator("[data-pdf-viewer] canvas").first.wait_for(timeout=DRAWN_MILLISECONDS)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)  # the canvas stands there before its page is painted


def _proposed(page: Page) -> None:
    """Proposals from the file stand in their fields, and what resembles it has been looked for."""
    page.locator(".is-proposed").first.wait_for(timeout=DRAWN_MILLISECONDS)
    _paper_is_drawn(page)


def _of_the_tray(tag: str) -> Callable[[Page], None]:
    """Open the form of the first waiting paper that bears this tag."""

    def go(page: Page) -> None:
        row = page.locator("#tray tbody tr").filter(has=page.locator(".tag", has_text=tag)).first
        row.locator("a.subj").click()
        page.wait_for_load_state("networkidle")
        _proposed(page)

    return go


def _first_document(page: Page) -> None:
    page.locator("a.subj").first.click()
    page.wait_for_load_state("networkidle")
    _paper_is_drawn(page)


def _story(page: Page) -> None:
    _first_document(page)
    page.get_by_role("tab", name="Lịch sử").click()
    page.wait_for_timeout(300)


def _stamp(page: Page) -> None:
    page.locator("a.subj").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Dấu ĐẾN").click()
    page.wait_for_load_state("networkidle")


def _filtered(page: Page) -> None:
    """One list of a filter is open, with what it offers."""
    page.locator("summary.chip", has_text="Hình thức nhận").click()
    page.wait_for_timeout(300)


_DRAW = """async (address) => {
  const home = new URL('/static/vendor/pdfjs/', location.href).href;
  const pdfjs = await import(home + 'pdf.min.mjs');
  pdfjs.GlobalWorkerOptions.workerSrc = home + 'pdf.worker.min.mjs';
  const answer = await fetch(address, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const data = await answer.arrayBuffer();
  const pdf = await pdfjs.getDocument({ data, standardFontDataUrl: home + 'standard_fonts/' }).promise;
  const sheet = await pdf.getPage(1);
  const whole = sheet.getViewport({ scale: 1 });
  const viewport = sheet.getViewport({ scale: (whole.width > whole.height ? 1366 : 900) / whole.width });
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: Math.round(viewport.width), height: Math.round(viewport.height) });
  await sheet.render({ canvas, viewport }).promise;
  return canvas.toDataURL('image/png').split(',')[1];
}"""


def _first_sheet(address: str) -> Callable[[Page], bytes]:
    """The first page of a PDF that the program makes, drawn by the program's own viewer."""
    return lambda page: base64.b64decode(page.evaluate(_DRAW, address))


def _exported(page: Page) -> bytes:
    address = page.locator("a[href*='pdf']", has_text="PDF").first.get_attribute("href")
    assert address is not None  # noqa: S101 - the clerk may export
    return _first_sheet(address)(page)


def _return_notice(page: Page) -> bytes:
    page.locator("a.subj").first.click()
    page.wait_for_load_state("networkidle")
    address = page.get_by_role("link", name="Phiếu trả lại").get_attribute("href")
    assert address is not None  # noqa: S101 - the notice of what was refused
    return _first_sheet(address)(page)


def _to_assign(page: Page) -> None:
    """The form by which the first document that waits is assigned."""
    page.locator("a.subj").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Phân công", exact=True).first.click()
    page.wait_for_load_state("networkidle")


def _to_assign_beside_the_paper(page: Page) -> None:
    _to_assign(page)
    _paper_is_drawn(page)


def _for_another(page: Page) -> None:
    page.get_by_role("link", name="Trần Hải Đăng").first.click()
    page.wait_for_load_state("networkidle")


PICTURES = (
    Picture("ban-lam-viec", "vanthu1"),
    Picture("khay-cho-vao-so", "vanthu1", TRAY),
    Picture("dang-ky", "vanthu1", TRAY, before=_of_the_tray("Chữ ký số hợp lệ")),
    Picture("da-vao-so", "vanthu1", TRAY, before=_of_the_tray("Có thể trùng")),
    Picture("chu-ky-do", "vanthu1", TRAY, before=_of_the_tray("Chữ ký số không hợp lệ")),
    Picture("van-ban", "vanthu1", SIGNED, before=_first_document),
    Picture("lich-su", "vanthu1", f"{REGISTER}?state=returned&dir=asc", before=_story),
    Picture("bo-loc", "vanthu1", f"{REGISTER}?urgency=urgent&arrival_date_from=01/09/2026", before=_filtered),
    Picture("dau-den", "vanthu1", REGISTER, before=_stamp),
    Picture("so-ket-xuat", "vanthu1", f"{REGISTER}?arrival_date_from=09/11/2026&dir=asc", before=_exported),
    Picture("phieu-tra-lai", "vanthu1", f"{TRAY}?state=refused", before=_return_notice),
    Picture("nguoi-va-chuc-danh", "quantri", "/people/"),
    Picture("quan-tri-ky-thuat", "quantri", "/quan-tri/"),
    Picture("dien-thoai", "vanthu1", REGISTER, PHONE),
    Picture("dien-thoai-van-ban", "vanthu1", SIGNED, PHONE, lambda page: page.locator("a.subj").first.click()),
    Picture("dien-thoai-lanh-dao", "chanhvp", size=PHONE),
    Picture("trinh", "vanthu1", f"{SETTLING}?handling=pending"),
    Picture("ban-lam-viec-lanh-dao", "chanhvp"),
    Picture("phan-cong", "chanhvp", SETTLING, before=_to_assign_beside_the_paper),
    Picture("dien-thoai-phan-cong", "chanhvp", SETTLING, PHONE, _to_assign),
    Picture("theo-doi", "chanhvp", "/work/follow/"),
    Picture("uy-quyen", "phovp2", "/my-delegations/"),
    Picture("viec-cua-toi", "chuyenvien1", WORK),
    Picture("xu-ly", "chuyenvien1", WORK, before=_first_document),
    Picture("viec-lam-thay", "troly", WORK, before=_for_another),
)


# ── the office ───────────────────────────────────────────────────────────────────────────────────────────────────────


class _Quiet(WSGIRequestHandler):
    """Requests are not what this command tells."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@contextmanager
def folder_of_office() -> Iterator[Path]:
    """A folder that the database's account may pass: the one of PICTURES_DIR, else one that is gone afterwards."""
    kept = os.environ.get("PICTURES_DIR", "")
    folder = Path(kept).absolute() if kept else Path(tempfile.mkdtemp(prefix="van-thu-pictures-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def demo_office(folder: Path) -> Iterator[str]:
    """The demo office on an embedded PostgreSQL of its own, served with the clock held; gives its address."""
    own = ("DATABASE", "DATA_DIR", "DEMO", "HOST", "PORT", "RECORDS_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environ |= {"DATA_DIR": str(folder / "data"), "DEMO_PASSWORD": PASSWORD, "RECORDS_LOG_LEVEL": "ERROR"}
    app = create_app(commands.settings_of_command(environ))
    loaded = folder / "loaded"
    if not loaded.exists():
        for command in ("init", "demo"):
            with clock.set_to(NOW):
                if commands.records(app, command):
                    sys.exit(f"bin/screenshots: “records {command}” failed")
        loaded.touch()

    def serve(environ: Any, start_response: Any) -> Any:
        with clock.set_to(NOW):  # each request has a thread, and a thread begins with the true time
            return app.wsgi_app(environ, start_response)

    server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


# ── the camera ───────────────────────────────────────────────────────────────────────────────────────────────────────


def browser_program() -> str:
    """The browser of this machine; ends the process with a clear line where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found:
        sys.exit("bin/screenshots: no Chromium here. On Debian/Ubuntu: apt-get install chromium; or CHROMIUM=/its/path")
    return found


@dataclass
class Camera:
    """Takes pictures of the program at ``base``; everybody signs in once."""

    browser: Browser
    base: str
    signed_in: dict[str, Any] = field(default_factory=dict)

    def take(self, picture: Picture) -> bytes:
        """One picture as PNG, in a window of its own."""
        if picture.who and picture.who not in self.signed_in:
            self.signed_in[picture.who] = self._sign_in(picture.who)
        page = self._page(picture.size, self.signed_in.get(picture.who))
        answer = page.goto(self.base + picture.address)
        if answer is None or answer.status != 200:
            sys.exit(f"bin/screenshots: {picture.address} answers {answer.status if answer else 'nothing'}")
        page.wait_for_load_state("networkidle")
        taken = picture.before(page) if picture.before else None
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        if not isinstance(taken, bytes):
            taken = page.screenshot(animations="disabled", caret="hide")
        page.context.close()
        return taken

    def _page(self, size: tuple[int, int], state: Any = None) -> Page:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == PHONE,
            reduced_motion="reduce",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            storage_state=state,
        )
        context.clock.set_fixed_time(NOW)
        return context.new_page()

    def _sign_in(self, who: str) -> Any:
        page = self._page(DESK)
        page.goto(f"{self.base}/login/")
        page.fill("input[name=username]", who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/login)"))
        state = page.context.storage_state()
        page.context.close()
        return state


def reduced(png: bytes) -> bytes:
    """The same picture in 256 colours."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main() -> int:
    """Take all pictures, or those named on the command line; with all of them, forget files that no picture is."""
    wanted = sys.argv[1:] or [picture.name for picture in PICTURES]
    unknown = set(wanted) - {picture.name for picture in PICTURES}
    if unknown:
        sys.exit(f"bin/screenshots: no such picture: {', '.join(sorted(unknown))}")
    program = browser_program()
    IMAGES.mkdir(exist_ok=True)
    with folder_of_office() as folder, demo_office(folder) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        camera = Camera(browser, base)
        for picture in PICTURES:
            if picture.name in wanted:
                content = reduced(camera.take(picture))
                if len(content) > LARGEST:
                    sys.exit(f"bin/screenshots: {picture.name} has {len(content)} bytes, more than {LARGEST}")
                (IMAGES / f"{picture.name}.png").write_bytes(content)
                print(f"docs/images/{picture.name}.png  {len(content) // 1024} KB", flush=True)
        browser.close()
    if not sys.argv[1:]:
        for left in {path.stem for path in IMAGES.glob("*.png")} - {picture.name for picture in PICTURES}:
            (IMAGES / f"{left}.png").unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
