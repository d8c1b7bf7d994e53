"""Invented Vietnamese names. Nobody living is meant; names of known office holders never come out."""

import hashlib
import random

_FAMILY = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi",
    "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Phan", "Vũ", "Trương", "Đoàn", "Lâm", "Mai", "Tạ", "Châu", "Thái", "Cao",
)  # fmt: skip
_MIDDLE = {
    "nam": ("Văn", "Hữu", "Quốc", "Minh", "Đức", "Công", "Thanh", "Xuân", "Hoàng", "Gia", "Trọng", "Bá", "Duy", "Nhật"),
    "nữ": (
        "Thị",
        "Thị Kim",
        "Thị Ngọc",
        "Thị Thu",
        "Ngọc",
        "Thị Mỹ",
        "Bích",
        "Thị Hồng",
        "Phương",
        "Thị Thanh",
        "Diệu",
    ),
}
_GIVEN = {
    "nam": (
        "Khải", "Tường", "Phú", "Nghĩa", "Lâm", "Toàn", "Thịnh", "Hậu", "Kiên", "Đạt", "Triết", "Vinh", "Tín", "Khoa",
        "Nhân", "Tùng", "Quý", "Bình", "Thuận", "Danh", "Sang", "Hòa", "Điền", "Luân", "Tiến", "Khương",
    ),
    "nữ": (
        "Hạnh", "Loan", "Trâm", "Thủy", "Yến", "Dung", "Cúc", "Hương", "Nga", "Phượng", "Tuyết", "Mai", "Liễu", "Xuân",
        "Quyên", "Hiền", "Ngân", "Thư", "Trúc", "Lan", "Diệp", "Vân", "Sương", "Huệ",
    ),
}  # fmt: skip

# Full names that chance must not make: people known from high office, as checksums, so that none stands here.
_KNOWN = frozenset(
    {
        "058cb128ccc3", "069c266b2b7d", "0715bbf909c6", "098a8b0ed765", "11dd2f8ed3f1", "1b641b4359b3",
        "226d5b0217f0", "254272642ea0", "2c5f444dd568", "305a89a5c0ba", "4ba6cef6f065", "4de55d436175",
        "4ea4b05c982c", "4f5780c381e2", "5301dc418b0f", "587817a91e8b", "5a5d61e0153c", "5e2513e9119f",
        "5e8a1ec03521", "63bf7da755ee", "656103191124", "6618780b3317", "67bbbd098681", "6951b826b4b3",
        "6cda6f5bb07f", "72021d794e78", "7955da25d7c9", "7afd13bc8337", "7f0e7c13c908", "7f868d66b4a3",
        "80114fa08347", "8d2fd0ba7688", "8e0052009ef3", "97da11164ca5", "9fbc71c3949f", "a0a01347adab",
        "a27bbc4a3bf7", "a34a1b0e74ea", "a79801ec7788", "a9f7a67f6855", "ab438475230a", "ae77b4f0ac00",
        "aefe31318b30", "b1d08289485a", "b6679edce87d", "b95a66dba706", "babbe28b26d5", "bba2bfbf31f1",
        "bc4cc48b5c9f", "c2cf08fee956", "c4ec38f0de61", "c967917d29aa", "d23626800c70", "d3df9ef24d2f",
        "d4e85321f746", "d767c59b1dc9", "d84245cb4d34", "d8678887ba61", "d9fbfc4fe518", "dcae31179ead",
        "e0b84caa11c9", "e85a40594e32", "e897fadbd923", "ed8641a914a3", "ef2771d80061", "ef93b086fb50",
        "f3b6cbc1e84d", "f87a140ea611", "f9d25eb6ad69", "fb15f2b47f8b",
    }
)  # fmt: skip


def is_known(full_name: str) -> bool:
    """Whether somebody known from high office bears this name."""
    return hashlib.sha256(full_name.encode()).hexdigest()[:12] in _KNOWN


def name(rng: random.Random, gender: str | None = None) -> tuple[str, str]:
    """A full name and its gender (``nam`` or ``nữ``)."""
    gender = gender or rng.choice(("nam", "nữ"))
    while True:
        full = f"{rng.choice(_FAMILY)} {rng.choice(_MIDDLE[gender])} {rng.choice(_GIVEN[gender])}"
        if not is_known(full):
            return full, gender
