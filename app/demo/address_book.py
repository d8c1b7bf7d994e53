"""The demo address book: bodies and companies that write to the Office, as they stand after 1 July 2025.

Names of bodies are those of the State; identifier codes are invented in the shape of the two schemes and are not
official, and nothing else here (addresses, notations) is meant to be relied on. E-mail addresses are on a reserved
domain.
"""

from dataclasses import dataclass
from typing import Any

from app.reference.organisations import OrganisationGroup
from app.vocabulary import CodeScheme, OrganisationKind

CITY = "Thành phố Hồ Chí Minh"
CITY_CAPITALS = "ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH"


@dataclass(frozen=True)
class Contact:
    """An outside organisation with all that its letters need."""

    key: str
    name: str
    abbreviation: str
    """As it stands in notations (``STC``)."""
    group: OrganisationGroup
    codes: tuple[tuple[CodeScheme, str], ...]
    heading: str
    """The issuing body as letters print it, capitals, lines broken."""
    superior: str = ""
    place: str = CITY
    head: str = "GIÁM ĐỐC"
    deputy: str = "PHÓ GIÁM ĐỐC"
    on_behalf: str = ""
    """First line of the signature block of bodies that decide together (``TM. ỦY BAN NHÂN DÂN``)."""
    emblem: bool = False
    address: str = ""
    kind: OrganisationKind = OrganisationKind.BODY

    @property
    def email(self) -> str:
        """An address in a domain that can never exist."""
        return f"vanthu@{self.key.replace('_', '-')}.example"


def _codes(level_1: str, *groups: int) -> tuple[tuple[CodeScheme, str], ...]:
    """Both codes of one body: ``H29.12`` and ``000.00.12.H29``."""
    new = ".".join([level_1, *(f"{g:02d}" for g in groups)])
    two, three = (*groups, 0, 0)[:2]
    return (
        (CodeScheme.DECISION_20_2020, new),
        (CodeScheme.CIRCULAR_10_2016, f"000.{three:02d}.{two:02d}.{level_1}"),
    )


def _ministry(key: str, name: str, short: str, code: str, **more: Any) -> Contact:
    return Contact(
        key, name, short, OrganisationGroup.CENTRAL, _codes(code), name.upper(), place="Hà Nội",
        **{"head": "BỘ TRƯỞNG", "deputy": "THỨ TRƯỞNG", **more}, emblem=True,
    )  # fmt: skip


def _department(key: str, name: str, short: str, number: int, address: str = "", **more: Any) -> Contact:
    heading = more.pop("heading", name.removesuffix(" Thành phố").upper())
    return Contact(
        key, name, short, OrganisationGroup.CITY_DEPARTMENT, _codes("H29", number), heading, CITY_CAPITALS,
        address=address, **more,
    )  # fmt: skip


def _city_body(key: str, name: str, short: str, number: int, heading: str, **more: Any) -> Contact:
    superior = more.pop("superior", CITY_CAPITALS)
    return Contact(
        key, name, short, OrganisationGroup.CITY_BODY, _codes("H29", number), heading, superior, **more
    )  # fmt: skip


def _commune(name: str, number: int) -> Contact:
    """A ward, commune or special zone; the place of its letters is its own name."""
    kind, own = name.split(" ", 1) if not name.startswith("đặc khu") else ("đặc khu", name.removeprefix("đặc khu "))
    key = "ubnd_" + "_".join(_plain(name).split())
    return Contact(
        key, f"Ủy ban nhân dân {name}", "UBND", OrganisationGroup.COMMUNE, _codes("H29", 90, number),
        f"ỦY BAN NHÂN DÂN\n{name.upper()}", place=own, head="CHỦ TỊCH", deputy="PHÓ CHỦ TỊCH",
        on_behalf="TM. ỦY BAN NHÂN DÂN", emblem=True, address=f"Trụ sở Ủy ban nhân dân {kind} {own}, {CITY}",
    )  # fmt: skip


def _province(key: str, name: str, code: str, place: str) -> Contact:
    return Contact(
        key, f"Ủy ban nhân dân {name}", "UBND", OrganisationGroup.PROVINCE, _codes(code),
        f"ỦY BAN NHÂN DÂN\n{name.upper()}", place=place, head="CHỦ TỊCH", deputy="PHÓ CHỦ TỊCH",
        on_behalf="TM. ỦY BAN NHÂN DÂN", emblem=True,
    )  # fmt: skip


def _company(key: str, name: str, short: str, tax_code: str, address: str, heading: str) -> Contact:
    return Contact(
        key, name, short, OrganisationGroup.COMPANY, ((CodeScheme.DECISION_20_2020, tax_code),), heading,
        head="TỔNG GIÁM ĐỐC", deputy="PHÓ TỔNG GIÁM ĐỐC", address=address,
    )  # fmt: skip


def _plain(text: str) -> str:
    from app.rules.text import fold

    return fold(text).replace("-", " ")


_CENTRAL = (
    _ministry("thu_tuong", "Thủ tướng Chính phủ", "TTg", "G61", head="THỦ TƯỚNG", deputy="PHÓ THỦ TƯỚNG"),
    _ministry("van_phong_chinh_phu", "Văn phòng Chính phủ", "VPCP", "G22",
              head="BỘ TRƯỞNG, CHỦ NHIỆM", deputy="PHÓ CHỦ NHIỆM"),
    _ministry("bo_tai_chinh", "Bộ Tài chính", "BTC", "G12"),
    _ministry("bo_xay_dung", "Bộ Xây dựng", "BXD", "G17"),
    _ministry("bo_nong_nghiep_moi_truong", "Bộ Nông nghiệp và Môi trường", "BNNMT", "G10"),
    _ministry("bo_noi_vu", "Bộ Nội vụ", "BNV", "G09"),
    _ministry("bo_khcn", "Bộ Khoa học và Công nghệ", "BKHCN", "G06"),
    _ministry("bo_dan_toc_ton_giao", "Bộ Dân tộc và Tôn giáo", "BDTTG", "G21"),
    _ministry("bo_y_te", "Bộ Y tế", "BYT", "G18"),
    _ministry("bo_gddt", "Bộ Giáo dục và Đào tạo", "BGDĐT", "G03"),
    _ministry("bo_cong_thuong", "Bộ Công Thương", "BCT", "G02"),
    _ministry("bo_tu_phap", "Bộ Tư pháp", "BTP", "G15"),
    _ministry("bo_cong_an", "Bộ Công an", "BCA", "G01"),
    _ministry("thanh_tra_chinh_phu", "Thanh tra Chính phủ", "TTCP", "G20",
              head="TỔNG THANH TRA", deputy="PHÓ TỔNG THANH TRA"),
)  # fmt: skip

_DEPARTMENTS = (
    _department("so_tai_chinh", "Sở Tài chính", "STC", 12, "142 Nguyễn Thị Minh Khai, phường Xuân Hòa"),
    _department("so_xay_dung", "Sở Xây dựng", "SXD", 17, "60 Trương Định, phường Xuân Hòa"),
    _department("so_nong_nghiep_moi_truong", "Sở Nông nghiệp và Môi trường", "SNNMT", 13,
                "63 Lý Tự Trọng, phường Sài Gòn",
                heading="SỞ NÔNG NGHIỆP\nVÀ MÔI TRƯỜNG"),
    _department("so_khcn", "Sở Khoa học và Công nghệ", "SKHCN", 6, "244 Điện Biên Phủ, phường Xuân Hòa",
                heading="SỞ KHOA HỌC\nVÀ CÔNG NGHỆ"),
    _department("so_noi_vu", "Sở Nội vụ", "SNV", 9, "159 Pasteur, phường Xuân Hòa"),
    _department("so_van_hoa_the_thao", "Sở Văn hóa và Thể thao", "SVHTT", 16, "164 Đồng Khởi, phường Sài Gòn",
                heading="SỞ VĂN HÓA VÀ THỂ THAO"),
    _department("so_du_lich", "Sở Du lịch", "SDL", 19),
    _department("so_y_te", "Sở Y tế", "SYT", 18, "59 Nguyễn Thị Minh Khai, phường Bến Thành"),
    _department("so_gddt", "Sở Giáo dục và Đào tạo", "SGDĐT", 3, "66-68 Lê Thánh Tôn, phường Sài Gòn",
                heading="SỞ GIÁO DỤC VÀ ĐÀO TẠO"),
    _department("so_cong_thuong", "Sở Công Thương", "SCT", 2),
    _department("so_tu_phap", "Sở Tư pháp", "STP", 15),
    _department("so_an_toan_thuc_pham", "Sở An toàn thực phẩm", "SATTP", 20, heading="SỞ AN TOÀN THỰC PHẨM"),
    _department("so_quy_hoach_kien_truc", "Sở Quy hoạch - Kiến trúc", "SQHKT", 33, heading="SỞ QUY HOẠCH - KIẾN TRÚC"),
    _department("so_dan_toc_ton_giao", "Sở Dân tộc và Tôn giáo", "SDTTG", 21, heading="SỞ DÂN TỘC VÀ TÔN GIÁO"),
    _department("thanh_tra", "Thanh tra Thành phố", "TTTP", 36, heading="THANH TRA THÀNH PHỐ",
                head="CHÁNH THANH TRA", deputy="PHÓ CHÁNH THANH TRA"),
)  # fmt: skip

_CITY_BODIES = (
    _city_body("cong_an", "Công an Thành phố", "CATP", 41, "CÔNG AN\nTHÀNH PHỐ HỒ CHÍ MINH", superior="BỘ CÔNG AN"),
    _city_body("bo_tu_lenh", "Bộ Tư lệnh Thành phố", "BTL", 42, "BỘ TƯ LỆNH\nTHÀNH PHỐ HỒ CHÍ MINH",
               superior="QUÂN KHU 7", head="TƯ LỆNH", deputy="PHÓ TƯ LỆNH"),
    _city_body("bql_duong_sat_do_thi", "Ban Quản lý Đường sắt đô thị", "BQLĐSĐT", 51, "BAN QUẢN LÝ\nĐƯỜNG SẮT ĐÔ THỊ",
               head="TRƯỞNG BAN", deputy="PHÓ TRƯỞNG BAN"),
    _city_body("bql_giao_thong", "Ban Quản lý dự án đầu tư xây dựng các công trình giao thông", "BQLDAGT", 52,
               "BAN QUẢN LÝ DỰ ÁN ĐẦU TƯ XÂY DỰNG\nCÁC CÔNG TRÌNH GIAO THÔNG"),
    _city_body("bql_ha_tang", "Ban Quản lý dự án đầu tư xây dựng hạ tầng đô thị", "BQLDAHTĐT", 53,
               "BAN QUẢN LÝ DỰ ÁN ĐẦU TƯ XÂY DỰNG\nHẠ TẦNG ĐÔ THỊ"),
    _city_body("bql_khu_cong_nghiep", "Ban Quản lý các khu chế xuất và công nghiệp", "BQL", 54,
               "BAN QUẢN LÝ\nCÁC KHU CHẾ XUẤT VÀ CÔNG NGHIỆP", head="TRƯỞNG BAN", deputy="PHÓ TRƯỞNG BAN"),
    _city_body("bql_khu_cong_nghe_cao", "Ban Quản lý Khu công nghệ cao", "KCNC", 55, "BAN QUẢN LÝ\nKHU CÔNG NGHỆ CAO",
               head="TRƯỞNG BAN", deputy="PHÓ TRƯỞNG BAN"),
    _city_body("thue", "Thuế Thành phố Hồ Chí Minh", "TPHCM", 61, "THUẾ\nTHÀNH PHỐ HỒ CHÍ MINH",
               superior="CỤC THUẾ", head="TRƯỞNG THUẾ THÀNH PHỐ", deputy="PHÓ TRƯỞNG THUẾ THÀNH PHỐ"),
    _city_body("kho_bac", "Kho bạc Nhà nước Khu vực II", "KBKVII", 62, "KHO BẠC NHÀ NƯỚC\nKHU VỰC II",
               superior="KHO BẠC NHÀ NƯỚC"),
    _city_body("bao_hiem_xa_hoi", "Bảo hiểm xã hội Thành phố Hồ Chí Minh", "BHXH", 63,
               "BẢO HIỂM XÃ HỘI\nTHÀNH PHỐ HỒ CHÍ MINH", superior="BẢO HIỂM XÃ HỘI VIỆT NAM"),
)  # fmt: skip

_COMMUNES = tuple(
    _commune(name, number)
    for number, name in enumerate(
        (
            "phường Sài Gòn", "phường Bến Thành", "phường Tân Định", "phường Cầu Ông Lãnh", "phường Bàn Cờ",
            "phường Chợ Lớn", "phường Tân Thuận", "phường Chánh Hưng", "phường An Lạc", "phường Gia Định",
            "phường Thạnh Mỹ Tây", "phường Gò Vấp", "phường Tân Sơn Nhất", "phường Hiệp Bình", "phường Thủ Đức",
            "phường Cát Lái", "phường Dĩ An", "phường Thủ Dầu Một", "phường Vũng Tàu", "phường Bà Rịa",
            "xã Bình Chánh", "xã Bình Hưng", "xã Củ Chi", "xã Hóc Môn", "xã Nhà Bè", "xã Cần Giờ", "xã Dầu Tiếng",
            "xã Long Hải", "đặc khu Côn Đảo",
        ),
        start=1,
    )
)  # fmt: skip

_PROVINCES = (
    _province("tinh_dong_nai", "tỉnh Đồng Nai", "H19", "Đồng Nai"),
    _province("tinh_tay_ninh", "tỉnh Tây Ninh", "H53", "Tây Ninh"),
    _province("tinh_lam_dong", "tỉnh Lâm Đồng", "H36", "Lâm Đồng"),
    _province("thanh_pho_can_tho", "Thành phố Cần Thơ", "H13", "Cần Thơ"),
)

_POLITICAL = (
    Contact(
        "mat_tran", "Ủy ban Mặt trận Tổ quốc Việt Nam Thành phố Hồ Chí Minh", "MTTQ", OrganisationGroup.POLITICAL,
        _codes("A29", 3), "ỦY BAN MẶT TRẬN TỔ QUỐC VIỆT NAM\nTHÀNH PHỐ HỒ CHÍ MINH", head="CHỦ TỊCH",
        deputy="PHÓ CHỦ TỊCH", on_behalf="TM. BAN THƯỜNG TRỰC",
    ),
    Contact(
        "toa_an", "Tòa án nhân dân Thành phố Hồ Chí Minh", "TATP", OrganisationGroup.POLITICAL, _codes("B29", 1),
        "TÒA ÁN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH", head="CHÁNH ÁN", deputy="PHÓ CHÁNH ÁN", emblem=True,
    ),
    Contact(
        "hoi_dong_nhan_dan", "Hội đồng nhân dân Thành phố Hồ Chí Minh", "HĐND", OrganisationGroup.POLITICAL,
        _codes("H29", 91), "HỘI ĐỒNG NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH", head="CHỦ TỊCH", deputy="PHÓ CHỦ TỊCH",
        on_behalf="TM. THƯỜNG TRỰC\nHỘI ĐỒNG NHÂN DÂN", emblem=True,
    ),
)  # fmt: skip

_COMPANIES = (
    _company("dien_luc", "Tổng Công ty Điện lực Thành phố Hồ Chí Minh", "EVNHCMC", "0399000101",
             "35 Tôn Đức Thắng, phường Sài Gòn", "TỔNG CÔNG TY ĐIỆN LỰC\nTHÀNH PHỐ HỒ CHÍ MINH"),
    _company("cap_nuoc", "Tổng Công ty Cấp nước Sài Gòn - TNHH Một thành viên", "TCT", "0399000102",
             "1 Công trường Quốc tế, phường Xuân Hòa", "TỔNG CÔNG TY CẤP NƯỚC SÀI GÒN\nTNHH MỘT THÀNH VIÊN"),
    _company("dia_oc_huong_phuoc", "Công ty Cổ phần Đầu tư Địa ốc Hưng Phước Gia", "HPG", "0399000103",
             "Số 218 đường Nguyễn Hữu Thọ, xã Nhà Bè", "CÔNG TY CỔ PHẦN\nĐẦU TƯ ĐỊA ỐC HƯNG PHƯỚC GIA"),
    _company("xay_dung_dai_lam", "Công ty TNHH Xây dựng Cầu đường Đại Lâm Sơn", "ĐLS", "0399000104",
             "Số 45 đường Võ Chí Công, phường Cát Lái", "CÔNG TY TNHH\nXÂY DỰNG CẦU ĐƯỜNG ĐẠI LÂM SƠN"),
    _company("thuc_pham_an_viet", "Công ty Cổ phần Thực phẩm An Việt Phát", "AVP", "0399000105",
             "Lô C7 Khu công nghiệp Tân Tạo, phường Tân Tạo", "CÔNG TY CỔ PHẦN\nTHỰC PHẨM AN VIỆT PHÁT"),
    _company("hiep_hoi_van_tai", "Hiệp hội Vận tải hàng hóa Đông Nam Bộ", "HHVT", "0399000106",
             "Số 12 đường Đồng Văn Cống, phường Cát Lái", "HIỆP HỘI VẬN TẢI\nHÀNG HÓA ĐÔNG NAM BỘ"),
)  # fmt: skip

CONTACTS: tuple[Contact, ...] = (
    *_CENTRAL, *_DEPARTMENTS, *_CITY_BODIES, *_COMMUNES, *_PROVINCES, *_POLITICAL, *_COMPANIES
)  # fmt: skip

BY_KEY: dict[str, Contact] = {contact.key: contact for contact in CONTACTS}
COMMUNE_KEYS: tuple[str, ...] = tuple(contact.key for contact in _COMMUNES)

OWN_CODES: dict[str, tuple[tuple[CodeScheme, str], ...]] = {
    "ubnd": _codes("H29"),
    "van_phong": _codes("H29", 1),
    "thuong_truc": _codes("H29", 99),
}
"""Codes of our own bodies; placeholders, to be set by the Office."""
