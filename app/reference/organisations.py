"""Groups of organisations, as the register books and lists of senders are cut."""

from dataclasses import dataclass
from enum import StrEnum


class OrganisationGroup(StrEnum):
    """Where in the State (or outside it) an organisation stands."""

    OWN = "own"
    CENTRAL = "central"
    CITY_DEPARTMENT = "city_department"
    CITY_BODY = "city_body"
    COMMUNE = "commune"
    PROVINCE = "province"
    POLITICAL = "political"
    COMPANY = "company"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class OrganisationGroupRow:
    """A group with the name shown to users."""

    code: OrganisationGroup
    name: str
    ordinal: int


ORGANISATION_GROUPS: tuple[OrganisationGroupRow, ...] = (
    OrganisationGroupRow(OrganisationGroup.OWN, "Cơ quan, đơn vị của Văn phòng", 1),
    OrganisationGroupRow(OrganisationGroup.CENTRAL, "Cơ quan trung ương", 2),
    OrganisationGroupRow(OrganisationGroup.CITY_DEPARTMENT, "Sở và cơ quan tương đương sở", 3),
    OrganisationGroupRow(OrganisationGroup.CITY_BODY, "Ban, ngành, đơn vị của Thành phố", 4),
    OrganisationGroupRow(OrganisationGroup.COMMUNE, "Phường, xã, đặc khu", 5),
    OrganisationGroupRow(OrganisationGroup.PROVINCE, "Tỉnh, thành phố khác", 6),
    OrganisationGroupRow(OrganisationGroup.POLITICAL, "Đảng, Mặt trận, đoàn thể, cơ quan tư pháp", 7),
    OrganisationGroupRow(OrganisationGroup.COMPANY, "Doanh nghiệp, tổ chức khác", 8),
    OrganisationGroupRow(OrganisationGroup.CITIZEN, "Cá nhân", 9),
)
