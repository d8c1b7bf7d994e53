"""Types of document (tên loại văn bản) with their abbreviations and the time in which they hold.

Administrative types follow Decree 30/2020/NĐ-CP, article 7 and appendix III, from 5 March 2020. Before
that day Circular 01/2011/TT-BNV held, with other types and partly other abbreviations; its rows come from
practice and not from the text itself (``confirmed`` is false), so screens must not cite it as their source.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DECREE_30_FROM = date(2020, 3, 5)
CIRCULAR_01_FROM = date(2011, 3, 5)
CIRCULAR_01_TO = date(2020, 3, 4)

ALWAYS_FROM = date(1945, 9, 2)
"""For what has no known beginning."""

DECREE_30 = "Nghị định số 30/2020/NĐ-CP, Phụ lục III"


class TypeGroup(StrEnum):
    """What sort of document a type is."""

    ADMINISTRATIVE = "administrative"
    NORMATIVE = "normative"
    OTHER = "other"


@dataclass(frozen=True)
class DocumentTypeRow:
    """One type in one time; ``(code, valid_from)`` is the key."""

    code: str
    name: str
    abbreviation: str | None
    """As it stands in a notation, e.g. ``BC``; ``None`` where the type is not abbreviated (công văn, thư công)."""
    group: TypeGroup
    ordinal: int
    valid_from: date
    valid_to: date | None
    source: str = ""
    """What a screen may cite; empty where nothing certain can be cited."""
    confirmed: bool = True


@dataclass(frozen=True)
class CopyFormRow:
    """A form of copy (hình thức bản sao): how its number and heading are written."""

    code: str
    name: str
    abbreviation: str
    heading: str
    valid_from: date
    valid_to: date | None
    source: str = ""
    confirmed: bool = True


# code, name, abbreviation in Decree 30 / 2020, abbreviation before it (where it differs)
_ADMINISTRATIVE: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("nghi_quyet", "Nghị quyết", "NQ", None),
    ("quyet_dinh", "Quyết định", "QĐ", None),
    ("chi_thi", "Chỉ thị", "CT", None),
    ("quy_che", "Quy chế", "QC", None),
    ("quy_dinh", "Quy định", "QyĐ", None),
    ("thong_cao", "Thông cáo", "TC", None),
    ("thong_bao", "Thông báo", "TB", None),
    ("huong_dan", "Hướng dẫn", "HD", None),
    ("chuong_trinh", "Chương trình", "CTr", None),
    ("ke_hoach", "Kế hoạch", "KH", None),
    ("phuong_an", "Phương án", "PA", None),
    ("de_an", "Đề án", "ĐA", None),
    ("du_an", "Dự án", "DA", None),
    ("bao_cao", "Báo cáo", "BC", None),
    ("bien_ban", "Biên bản", "BB", None),
    ("to_trinh", "Tờ trình", "TTr", None),
    ("hop_dong", "Hợp đồng", "HĐ", None),
    ("cong_van", "Công văn", None, None),
    ("cong_dien", "Công điện", "CĐ", None),
    ("ban_ghi_nho", "Bản ghi nhớ", "BGN", "GN"),
    ("ban_thoa_thuan", "Bản thỏa thuận", "BTT", "TTh"),
    ("giay_uy_quyen", "Giấy ủy quyền", "GUQ", "UQ"),
    ("giay_moi", "Giấy mời", "GM", None),
    ("giay_gioi_thieu", "Giấy giới thiệu", "GGT", "GT"),
    ("giay_nghi_phep", "Giấy nghỉ phép", "GNP", "NP"),
    ("phieu_gui", "Phiếu gửi", "PG", None),
    ("phieu_chuyen", "Phiếu chuyển", "PC", None),
    ("phieu_bao", "Phiếu báo", "PB", None),
    ("thu_cong", "Thư công", None, None),
)

# Types that only Circular 01/2011 knew, with the type after which each one stood.
_BEFORE_2020_ONLY: tuple[tuple[str, str, str, str], ...] = (
    ("ban_cam_ket", "Bản cam kết", "CK", "ban_ghi_nho"),
    ("giay_chung_nhan", "Giấy chứng nhận", "CN", "ban_thoa_thuan"),
    ("giay_di_duong", "Giấy đi đường", "ĐĐ", "giay_nghi_phep"),
    ("giay_bien_nhan_ho_so", "Giấy biên nhận hồ sơ", "BN", "giay_di_duong"),
)

# What arrives every day without being an administrative type; abbreviations as everybody writes them.
_NORMATIVE: tuple[tuple[str, str, str | None], ...] = (
    ("luat", "Luật", None),
    ("phap_lenh", "Pháp lệnh", None),
    ("lenh", "Lệnh", "L"),
    ("nghi_dinh", "Nghị định", "NĐ"),
    ("thong_tu", "Thông tư", "TT"),
    ("thong_tu_lien_tich", "Thông tư liên tịch", "TTLT"),
)
_OTHER: tuple[tuple[str, str], ...] = (
    ("don", "Đơn"),
    ("khac", "Văn bản khác"),
)


def _before_2020() -> list[tuple[str, str, str | None]]:
    rows = [(code, name, old or new) for code, name, new, old in _ADMINISTRATIVE if code != "phieu_bao"]
    for code, name, abbreviation, after in _BEFORE_2020_ONLY:
        place = next(i for i, row in enumerate(rows) if row[0] == after)
        rows.insert(place + 1, (code, name, abbreviation))
    return rows


def _all_types() -> tuple[DocumentTypeRow, ...]:
    rows = [
        DocumentTypeRow(code, name, new, TypeGroup.ADMINISTRATIVE, i, DECREE_30_FROM, None, DECREE_30)
        for i, (code, name, new, _) in enumerate(_ADMINISTRATIVE, start=1)
    ]
    rows += [
        DocumentTypeRow(code, name, old, TypeGroup.ADMINISTRATIVE, i, CIRCULAR_01_FROM, CIRCULAR_01_TO, confirmed=False)
        for i, (code, name, old) in enumerate(_before_2020(), start=1)
    ]
    rows += [
        DocumentTypeRow(code, name, short, TypeGroup.NORMATIVE, i, ALWAYS_FROM, None)
        for i, (code, name, short) in enumerate(_NORMATIVE, start=101)
    ]
    rows += [
        DocumentTypeRow(code, name, None, TypeGroup.OTHER, i, ALWAYS_FROM, None)
        for i, (code, name) in enumerate(_OTHER, start=201)
    ]
    return tuple(rows)


DOCUMENT_TYPES: tuple[DocumentTypeRow, ...] = _all_types()

COPY_FORMS: tuple[CopyFormRow, ...] = (
    CopyFormRow("sao_y", "Bản sao y", "SY", "SAO Y", DECREE_30_FROM, None, DECREE_30),
    CopyFormRow("trich_sao", "Bản trích sao", "TrS", "TRÍCH SAO", DECREE_30_FROM, None, DECREE_30),
    CopyFormRow("sao_luc", "Bản sao lục", "SL", "SAO LỤC", DECREE_30_FROM, None, DECREE_30),
    CopyFormRow(
        "sao_y", "Bản sao y bản chính", "SY", "SAO Y BẢN CHÍNH", CIRCULAR_01_FROM, CIRCULAR_01_TO, confirmed=False
    ),
    CopyFormRow("trich_sao", "Bản trích sao", "TS", "TRÍCH SAO", CIRCULAR_01_FROM, CIRCULAR_01_TO, confirmed=False),
    CopyFormRow("sao_luc", "Bản sao lục", "SL", "SAO LỤC", CIRCULAR_01_FROM, CIRCULAR_01_TO, confirmed=False),
)


def types_on(day: date) -> dict[str, DocumentTypeRow]:
    """The types that hold on ``day``, by code."""
    return {
        row.code: row
        for row in DOCUMENT_TYPES
        if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
    }
