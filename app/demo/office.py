"""The demo office: units, people, accounts and delegations. All people are invented.

Rows refer to each other by ``key``; the loader turns them into organisations, people, posts and accounts.
"""

from dataclasses import dataclass
from typing import Literal

from app.vocabulary import DelegationKind, OrganisationKind, PostKind


@dataclass(frozen=True)
class Unit:
    """A body or unit of ours, or the outside unit whose user may sign in; parents stand before children."""

    key: str
    name: str
    parent: str | None
    kind: OrganisationKind = OrganisationKind.UNIT
    abbreviation: str = ""
    ours: bool = True


@dataclass(frozen=True)
class DemoPerson:
    """A person with one account and one post. ``unit`` is a unit key, or an address-book key for outsiders."""

    user_name: str
    full_name: str
    gender: Literal["nam", "nữ"]
    title: str
    unit: str
    kind: PostKind
    phone: str = ""

    @property
    def email(self) -> str:
        """An address in a domain that can never exist."""
        return f"{self.user_name}@vanphong-ubnd.example"


@dataclass(frozen=True)
class DemoDelegation:
    """Who lets whom act, by user name, and on what written authority. ``moves``: the acts it covers, ``None`` for all;
    ``since``, ``until``: days from today, ``None`` for as long as the office exists."""

    kind: DelegationKind
    grantor: str
    grantee: str
    unit: str | None
    authority: str
    moves: tuple[str, ...] | None = None
    since: int | None = None
    until: int | None = None


SUBSTITUTED_SINCE = -6
"""So many days from today a leader is away."""
_BODY = OrganisationKind.BODY

UNITS: tuple[Unit, ...] = (
    Unit("ubnd", "Ủy ban nhân dân Thành phố Hồ Chí Minh", None, _BODY, "UBND"),
    Unit("thuong_truc", "Thường trực Ủy ban nhân dân Thành phố", "ubnd", abbreviation="TTUB"),
    Unit("van_phong", "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh", "ubnd", _BODY, "VP"),
    Unit("lanh_dao", "Lãnh đạo Văn phòng", "van_phong", abbreviation="LĐVP"),
    Unit("hanh_chinh", "Phòng Hành chính - Tổ chức", "van_phong", abbreviation="HCTC"),
    Unit("van_thu", "Bộ phận Văn thư", "hanh_chinh", abbreviation="VT"),
    Unit("luu_tru", "Bộ phận Lưu trữ", "hanh_chinh", abbreviation="LT"),
    Unit("tong_hop", "Phòng Tổng hợp", "van_phong", abbreviation="TH"),
    Unit("kinh_te", "Phòng Kinh tế", "van_phong", abbreviation="KT"),
    Unit("do_thi", "Phòng Đô thị", "van_phong", abbreviation="ĐT"),
    Unit("van_xa", "Phòng Văn xã", "van_phong", abbreviation="VX"),
    Unit("noi_chinh", "Phòng Nội chính - Pháp chế", "van_phong", abbreviation="NCPC"),
    Unit("du_an", "Phòng Dự án", "van_phong", abbreviation="DA"),
    Unit("quan_tri", "Phòng Quản trị - Tài vụ", "van_phong", abbreviation="QTTV"),
    Unit("tiep_dan", "Ban Tiếp công dân Thành phố", "van_phong", abbreviation="BTCD"),
    Unit("tin_hoc", "Trung tâm Tin học", "van_phong", abbreviation="TTTH"),
)
"""``ubnd`` and ``van_phong`` are the two bodies that issue through the Office."""

_K = PostKind
_CHAIR = "Chủ tịch Ủy ban nhân dân Thành phố"

PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("chutich", "Phan Đình Khôi", "nam", _CHAIR, "thuong_truc", _K.STANDING_COMMITTEE),
    DemoPerson("phochutich1", "Lương Thị Ngọc Thảo", "nữ", f"Phó {_CHAIR}", "thuong_truc", _K.STANDING_COMMITTEE),
    DemoPerson("chanhvp", "Trịnh Quốc Thái", "nam", "Chánh Văn phòng", "lanh_dao", _K.OFFICE_LEADER),
    DemoPerson("phovp1", "Đoàn Thị Bích Liên", "nữ", "Phó Chánh Văn phòng", "lanh_dao", _K.OFFICE_LEADER),
    DemoPerson("phovp2", "Huỳnh Gia Phước", "nam", "Phó Chánh Văn phòng", "lanh_dao", _K.OFFICE_LEADER),
    DemoPerson("troly", "Tạ Nhật Quỳnh", "nữ", "Trợ lý, chuyên viên nhập liệu", "hanh_chinh", _K.ASSISTANT),
    DemoPerson("hanhchinh", "Nguyễn Thị Thu Vân", "nữ", "Trưởng phòng Hành chính - Tổ chức",
               "hanh_chinh", _K.ADMIN_HEAD),
    DemoPerson("vanthu1", "Lê Thị Kim Oanh", "nữ", "Văn thư", "van_thu", _K.CLERK),
    DemoPerson("vanthu2", "Bùi Minh Hiếu", "nam", "Văn thư", "van_thu", _K.CLERK),
    DemoPerson("luutru", "Đặng Thị Hồng Nhung", "nữ", "Lưu trữ viên", "luu_tru", _K.ARCHIVIST),
    DemoPerson("truongphong1", "Võ Thanh Liêm", "nam", "Trưởng phòng Kinh tế", "kinh_te", _K.HEAD_OF_DEPARTMENT),
    DemoPerson("truongphong2", "Hồ Anh Dũng", "nam", "Trưởng phòng Đô thị", "do_thi", _K.HEAD_OF_DEPARTMENT),
    DemoPerson("truongphong3", "Mai Thị Lan Chi", "nữ", "Trưởng phòng Văn xã", "van_xa", _K.HEAD_OF_DEPARTMENT),
    DemoPerson("truongphong4", "Dương Hoài Bảo", "nam", "Trưởng phòng Nội chính - Pháp chế",
               "noi_chinh", _K.HEAD_OF_DEPARTMENT),
    DemoPerson("chuyenvien1", "Trần Hải Đăng", "nam", "Chuyên viên", "kinh_te", _K.SPECIALIST),
    DemoPerson("chuyenvien2", "Phạm Thị Diễm My", "nữ", "Chuyên viên", "kinh_te", _K.SPECIALIST),
    DemoPerson("chuyenvien3", "Cao Nguyên Vũ", "nam", "Chuyên viên", "do_thi", _K.SPECIALIST),
    DemoPerson("chuyenvien4", "Lý Thị Tường Vi", "nữ", "Chuyên viên", "do_thi", _K.SPECIALIST),
    DemoPerson("chuyenvien5", "Ngô Thị Phương Uyên", "nữ", "Chuyên viên", "van_xa", _K.SPECIALIST),
    DemoPerson("chuyenvien6", "Đinh Công Thành", "nam", "Chuyên viên", "noi_chinh", _K.SPECIALIST),
    DemoPerson("chuyenvien7", "Vương Khánh Hà", "nữ", "Chuyên viên", "tong_hop", _K.SPECIALIST),
    DemoPerson("chuyenvien8", "Châu Văn Lộc", "nam", "Chuyên viên", "tiep_dan", _K.SPECIALIST),
    DemoPerson("quanly", "Tô Thị Minh Nguyệt", "nữ", "Trưởng phòng Tổng hợp", "tong_hop", _K.MANAGER),
    DemoPerson("quantri", "Kiều Đức Trọng", "nam", "Giám đốc Trung tâm Tin học", "tin_hoc", _K.IT_CENTRE),
    DemoPerson("soxaydung", "Thái Hoàng Sơn", "nam", "Chánh Văn phòng Sở Xây dựng", "so_xay_dung", _K.OUTSIDE),
)  # fmt: skip

_ASSIGNING = ("handling.assign", "handling.decline", "handling.reassign")

DELEGATIONS: tuple[DemoDelegation, ...] = (
    DemoDelegation(
        DelegationKind.ENTRY,
        grantor="hanhchinh",
        grantee="troly",
        unit=None,
        authority="Giấy ủy quyền số 03/GUQ-HCTC về cập nhật thay dữ liệu trên hệ thống quản lý văn bản",
    ),
    DemoDelegation(
        DelegationKind.ENTRY,
        grantor="phovp1",
        grantee="vanthu1",
        unit=None,
        authority="Giấy ủy quyền số 05/GUQ-VP về nhập ý kiến phân công theo bút phê của lãnh đạo",
        moves=_ASSIGNING,
    ),
    DemoDelegation(
        DelegationKind.ENTRY,
        grantor="phovp2",
        grantee="truongphong2",
        unit=None,
        authority="Giấy ủy quyền số 06/GUQ-VP về phân công văn bản thuộc lĩnh vực đô thị",
        moves=_ASSIGNING,
    ),
    DemoDelegation(
        DelegationKind.ENTRY,
        grantor="chuyenvien1",
        grantee="troly",
        unit=None,
        authority="Giấy ủy quyền số 07/GUQ-KT về nhập kết quả giải quyết văn bản",
    ),
    DemoDelegation(
        DelegationKind.SUBSTITUTION,
        grantor="phovp2",
        grantee="phovp1",
        unit=None,
        authority="Thông báo số 118/TB-VP về việc điều hành công việc trong thời gian lãnh đạo Văn phòng đi công tác",
        since=SUBSTITUTED_SINCE,
        until=6,
    ),
)
"""The assistant enters for the head of the administrative section and for a specialist, a clerk for a leader, a head of
department may assign, and one leader stands in for another who is away these days (212/7.1, 212/17.2)."""
