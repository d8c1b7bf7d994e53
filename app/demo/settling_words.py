"""What people of the demo office say when they settle documents: directions, opinions, reasons, answers. Pure."""

import random
from datetime import date

from app.demo.texts import Letter
from app.reference.organisations import OrganisationGroup
from app.vocabulary import HandlingOutcome, RefusalReason

_TO_READ = frozenset({"bao_cao", "thong_bao", "quyet_dinh", "giay_moi", "ke_hoach"})
"""Types that mostly tell something."""
_DIRECTIONS: dict[str, tuple[str, ...]] = {
    "kinh_te": (
        "Phối hợp Sở Tài chính rà soát nguồn, đề xuất trình Ủy ban nhân dân Thành phố xem xét.",
        "Tham mưu văn bản giao Sở Tài chính chủ trì thẩm định, báo cáo đề xuất.",
        "Tổng hợp chung vào báo cáo giải ngân tháng, lưu ý các đơn vị có tỷ lệ thấp.",
    ),
    "do_thi": (
        "Tham mưu văn bản giao Sở Xây dựng kiểm tra, xử lý, báo cáo kết quả.",
        "Làm việc với Sở Xây dựng và địa phương, đề xuất hướng giải quyết dứt điểm.",
        "Kiểm tra nội dung, dự thảo văn bản trả lời trong thời hạn.",
    ),
    "van_xa": (
        "Tham mưu văn bản chỉ đạo các sở liên quan triển khai thực hiện.",
        "Theo dõi, tổng hợp tình hình; đề xuất nội dung cần Ủy ban nhân dân Thành phố chỉ đạo.",
    ),
    "noi_chinh": (
        "Rà soát cơ sở pháp lý, đề xuất ý kiến trước khi trình.",
        "Phối hợp Sở Tư pháp nghiên cứu, tham mưu văn bản góp ý đúng hạn.",
    ),
    "tong_hop": (
        "Tổng hợp, đưa vào nội dung phiên họp thường kỳ của Ủy ban nhân dân Thành phố.",
        "Nghiên cứu, tham mưu chuẩn bị nội dung và thành phần dự họp.",
    ),
    "tiep_dan": (
        "Nghiên cứu đơn, phân loại và chuyển cơ quan có thẩm quyền giải quyết theo quy định.",
        "Kiểm tra quá trình giải quyết trước đây, đề xuất trả lời công dân.",
    ),
    "tin_hoc": (
        "Kiểm tra điều kiện kỹ thuật, đề xuất phương án và thời gian thực hiện.",
        "Phối hợp Sở Khoa học và Công nghệ hướng dẫn đơn vị.",
    ),
}
_ANY_DIRECTIONS = ("Nghiên cứu, đề xuất.", "Thực hiện theo quy định, báo cáo kết quả.", "Xem xét, tham mưu xử lý.")
_WITHIN = (
    "Đồng chí dự thảo văn bản, trình tôi trước hạn một ngày.",
    "Đồng chí chủ trì xử lý, liên hệ các đơn vị phối hợp lấy ý kiến.",
    "Đồng chí nghiên cứu, đề xuất cụ thể.",
    "",
)
_OPINIONS = (
    "Thống nhất với hướng xử lý. Đề nghị làm rõ nguồn kinh phí thực hiện trong năm và phần chuyển tiếp sang năm sau.",
    "Qua rà soát, hồ sơ đủ thành phần. Đề nghị bổ sung ý kiến của địa phương nơi thực hiện trước khi trình.",
    "Nội dung không vướng về thẩm quyền. Đề nghị dẫn thêm quy định về phân cấp để chặt chẽ.",
    "Đề nghị ghi rõ thời hạn hoàn thành và cơ quan chịu trách nhiệm báo cáo kết quả.",
    "Không có ý kiến khác. Số liệu phù hợp với báo cáo tháng gần nhất.",
)
_QUESTIONS = (
    "Đề nghị cho ý kiến về thẩm quyền và cơ sở pháp lý của kiến nghị nêu trong văn bản.",
    "Đề nghị cho biết nội dung này đã được chỉ đạo trước đây chưa, nếu có cho số văn bản.",
)
_FILED = (
    "Đã xem, lưu theo dõi; không phát sinh nội dung phải xử lý.",
    "Đã tổng hợp vào báo cáo chung.",
    "Đã báo lãnh đạo, lưu tham khảo.",
    "Đã cử người dự, không phải trả lời bằng văn bản.",
)
GIVEN_BACK = (
    "Nội dung thuộc lĩnh vực phòng khác theo dõi, đề nghị phân công lại.",
    "Đang được cử đi tập huấn đến hết tuần, đề nghị giao đồng chí khác.",
)
EXTENSIONS = (
    "Chờ số liệu của các phường, xã gửi về để tổng hợp.",
    "Nội dung liên quan nhiều sở, cần thêm thời gian lấy ý kiến bằng văn bản.",
    "Sở Tài chính hẹn có ý kiến thẩm định sau ngày đến hạn.",
)
GRANTED, REFUSED = "Đồng ý, không gia hạn thêm.", "Nội dung cấp bách, giữ nguyên thời hạn; báo cáo phần đã làm được."
WAITING_FOR = (
    "Ý kiến thẩm định của Sở Tài chính (Công văn đề nghị đã gửi)",
    "Báo cáo kiểm tra thực địa của Ủy ban nhân dân phường",
    "Văn bản hướng dẫn của Bộ Xây dựng",
    "Kết quả đo đạc, xác minh của Sở Nông nghiệp và Môi trường",
)
CAME_IN = "Đã nhận được văn bản trả lời."
CHASES = (
    "Văn bản đã quá hạn, đề nghị hoàn thành và báo cáo trong ngày.",
    "Đề nghị khẩn trương xử lý, báo cáo tiến độ trước 16 giờ.",
    "",
)
DECLINED = "Lĩnh vực này do đồng chí Phó Chánh Văn phòng khác phụ trách, đề nghị trình lại."
REOPENED = "Nội dung trả lời chưa nêu thời hạn thực hiện, đề nghị bổ sung."
REQUEST = "Lãnh đạo phòng đề nghị trực tiếp tại phòng văn thư lúc {at:%H:%M}, {at:%d/%m/%Y}"
NOTES = ("", "", "Văn bản có thời hạn trả lời.", "Kính trình đồng chí xem xét, phân công.")

_COMPETENT: dict[str, tuple[tuple[str, str], ...]] = {
    "do_thi": (("so_xay_dung", "kiểm tra, xử lý theo thẩm quyền"), ("so_quy_hoach_kien_truc", "")),
    "du_an": (("so_xay_dung", ""), ("so_tai_chinh", "")),
    "kinh_te": (("so_tai_chinh", "thẩm định, đề xuất theo quy định"), ("so_cong_thuong", "")),
    "van_xa": (("so_gddt", ""), ("so_y_te", "")),
    "tiep_dan": (("thanh_tra", "xem xét, giải quyết theo thẩm quyền và trả lời công dân"), ("so_xay_dung", "")),
    "noi_chinh": (("so_nong_nghiep_moi_truong", "xem xét, giải quyết theo thẩm quyền"), ("so_tu_phap", "")),
    "tin_hoc": (("so_khcn", ""), ("so_noi_vu", "")),
}
_RETURNS = (
    (RefusalReason.INCOMPLETE, "Văn bản nêu có phụ lục số liệu nhưng không có phụ lục kèm theo."),
    (RefusalReason.COMPETENCE, "Nội dung thuộc thẩm quyền giải quyết của cơ quan chuyên môn cấp sở."),
    (RefusalReason.FORM, "Phụ lục không có chữ ký của cơ quan lập, chưa đủ điều kiện xem xét."),
)
NOTATIONS = {
    "kinh_te": "KT", "do_thi": "ĐT", "van_xa": "VX", "noi_chinh": "NCPC", "du_an": "DA", "tong_hop": "TH",
    "tiep_dan": "BTCD", "tin_hoc": "TTTH", "hanh_chinh": "HCTC", "luu_tru": "HCTC",
}  # fmt: skip


def directions(rng: random.Random, letter: Letter) -> str:
    """What a leader writes when assigning such a letter."""
    if rng.random() < 0.2:
        return rng.choice(_ANY_DIRECTIONS)
    return rng.choice(_DIRECTIONS.get(letter.unit, _ANY_DIRECTIONS))


def within(rng: random.Random) -> str:
    """What a head of department says when passing on; at times nothing."""
    return rng.choice(_WITHIN)


def opinion(rng: random.Random) -> str:
    """The opinion of somebody who co-ordinates."""
    return rng.choice(_OPINIONS)


def question(rng: random.Random) -> str:
    """What a specialist asks another unit."""
    return rng.choice(_QUESTIONS)


def outcome(rng: random.Random, letter: Letter) -> HandlingOutcome:
    """What such a letter comes to: reports are filed, citizens' letters go to the competent body, requests get an
    answer, and few go back."""
    if letter.group is OrganisationGroup.CITIZEN:
        return HandlingOutcome.TRANSFERRED if rng.random() < 0.75 else HandlingOutcome.PROCESSED
    if letter.type_code in _TO_READ:
        return HandlingOutcome.FILED if rng.random() < 0.85 else HandlingOutcome.PROCESSED
    return rng.choices(
        (HandlingOutcome.FILED, HandlingOutcome.TRANSFERRED, HandlingOutcome.RETURNED, HandlingOutcome.PROCESSED),
        (22, 20, 5, 53),
    )[0]


def filed(rng: random.Random) -> dict[str, str]:
    """What filing it for reference says."""
    return {"note": rng.choice(_FILED)}


def transferred(rng: random.Random, letter: Letter) -> dict[str, str]:
    """To which body it goes (a key of the address book, never its own sender's), and what that body is asked to do."""
    known = _COMPETENT.get(letter.unit, (("so_noi_vu", ""), ("so_tai_chinh", "")))
    key, content = rng.choice([each for each in known if each[0] != letter.sender])
    return {"recipient": key, "content": content}


def returned(rng: random.Random) -> dict[str, str]:
    """Why it goes back to its sender."""
    code, reason = rng.choice(_RETURNS)
    return {"refusal_code": code.value, "reason": reason}


def matter(letter: Letter) -> str:
    """What a letter is about, within a sentence: ``giải pháp xử lý tình trạng ngập nước …``."""
    about = letter.subject.removeprefix("Về việc ").removeprefix("Về ")
    return about if about[1:2].isupper() else about[0].lower() + about[1:]


def processed(letter: Letter) -> dict[str, str]:
    """The case file of its matter, and the draft of the answer."""
    about = matter(letter)
    to = "công dân " + letter.sender_name if letter.sender is None else letter.sender_name
    return {
        "case_title": (about[0].upper() + about[1:])[:500],
        "draft_subject": f"Về việc trả lời {to} liên quan đến {about}"[:500],
    }


_COLLECTIVE = {
    "Xử lý ngập nước, hư hỏng mặt đường trên địa bàn Thành phố": ("sxd_ngap", "phuong_ngap"),
    "Bổ sung kinh phí cho các phường, xã": ("stc_bo_sung_kinh_phi", "phuong_to_trinh_kinh_phi"),
    "Giải phóng mặt bằng, di dời hạ tầng các dự án giao thông trọng điểm": ("bqlgt_vuong_mac", "snnmt_mat_bang"),
    "Hỗ trợ phường, xã về chuyển đổi số": ("phuong_chuyen_doi_so",),
    "Điều chỉnh tổ chức giao thông theo kiến nghị của Công an Thành phố": ("catp_giao_thong",),
    "Trả lời ý kiến, kiến nghị của cử tri": ("hdnd_kien_nghi",),
    "Phối hợp với các tỉnh về dự án kết nối liên vùng": ("tinh_ket_noi",),
}


def collective(draft: str, year: int) -> str:
    """Title of the case file in which letters made of that draft are gathered; empty where each has its own."""
    return next((f"{title} năm {year}" for title, drafts in _COLLECTIVE.items() if draft in drafts), "")


def number(rng: random.Random, what: HandlingOutcome, unit: str, day: date) -> str:
    """Number and notation of an answer that went out on that day: about right for the day of the year."""
    so_far = day.timetuple().tm_yday
    if what is HandlingOutcome.TRANSFERRED:
        return f"{so_far * 4 + rng.randint(0, 3)}/PC-VP"
    return f"{so_far * 31 + rng.randint(0, 30)}/VP-{NOTATIONS.get(unit, 'TH')}"
