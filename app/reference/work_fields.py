"""Fields of work (lĩnh vực) that a new installation starts with: a proposal, the Office's own to edit.

No law lists them. They follow what the departments of a city's People's Committee report on to its Office; terms by
field and statistics go by them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkFieldRow:
    """One field; ``code`` stays when the name is edited."""

    code: str
    name: str
    ordinal: int


_NAMES = (
    ("general", "Tổng hợp, hành chính"),
    ("home_affairs", "Nội vụ, tổ chức bộ máy"),
    ("justice", "Nội chính, tư pháp"),
    ("petitions", "Tiếp công dân, khiếu nại, tố cáo"),
    ("investment", "Kế hoạch, đầu tư"),
    ("finance", "Tài chính, ngân sách"),
    ("industry_trade", "Công thương, nông nghiệp"),
    ("land", "Đất đai, tài nguyên, môi trường"),
    ("construction", "Xây dựng, quy hoạch, đô thị"),
    ("transport", "Giao thông vận tải"),
    ("education", "Giáo dục, đào tạo"),
    ("health", "Y tế"),
    ("culture", "Văn hóa, thể thao, du lịch"),
    ("labour", "Lao động, xã hội"),
    ("technology", "Khoa học, công nghệ, thông tin"),
    ("security", "Quốc phòng, an ninh, đối ngoại"),
)
WORK_FIELDS: tuple[WorkFieldRow, ...] = tuple(
    WorkFieldRow(code, name, ordinal) for ordinal, (code, name) in enumerate(_NAMES, 1)
)
