"""Settings that the IT centre changes on screen: names, types, defaults. Pure.

What an operator sets before the program starts (addresses, folders, ports) is in ``config.py`` instead.
"""

from dataclasses import dataclass
from typing import Any

from app.errors import Obstacle
from app.rules.text import clean
from app.vocabulary import N_


@dataclass(frozen=True)
class SettingDefinition:
    """One setting: its label and hint (catalogue entries), type by its default, choices or bounds."""

    name: str
    label: str
    default: Any
    hint: str = ""
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    max_length: int = 200

    def parse(self, raw: str | None) -> Any:
        """The value as its type, from what was typed. Raises ``ValueError`` when it is no such value."""
        text = clean(raw)
        if isinstance(self.default, bool):
            return text.lower() in ("1", "y", "on", "true")
        if isinstance(self.default, int):
            return int(text)
        return text

    def obstacles(self, value: Any) -> list[Obstacle]:
        """What is wrong with a parsed value."""
        if self.choices and value not in self.choices:
            return [Obstacle(N_("%(label)s: not among the choices."), self.name, {"label": self.label})]
        if isinstance(value, int) and not isinstance(value, bool):
            low, high = self.least, self.most
            if (low is not None and value < low) or (high is not None and value > high):
                return [
                    Obstacle(
                        N_("%(label)s: must be between %(least)s and %(most)s."),
                        self.name,
                        {"label": self.label, "least": low, "most": high},
                    )
                ]
        if isinstance(value, str) and not self.choices and not value:
            return [Obstacle(N_("%(label)s: missing. Enter it."), self.name, {"label": self.label})]
        if isinstance(value, str) and len(value) > self.max_length:
            return [
                Obstacle(
                    N_("%(label)s: %(length)s characters, at most %(limit)s are allowed. Shorten it."),
                    self.name,
                    {"label": self.label, "length": len(value), "limit": self.max_length},
                )
            ]
        return []


DEFINITIONS: dict[str, SettingDefinition] = {
    each.name: each
    for each in (
        SettingDefinition("office_name", N_("Name of the office"), "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh"),
        SettingDefinition("parent_name", N_("Body above it"), "Ủy ban nhân dân Thành phố Hồ Chí Minh"),
        SettingDefinition(
            "organisation_code",
            N_("Identifier code of the office"),
            "000.00.01.H29",
            hint=N_("Part of file codes and document identifiers"),
            max_length=13,
        ),
        SettingDefinition(
            "password_profile",
            N_("Password rules"),
            "QCVN",
            hint=N_("QCVN: composition and change rules of QCVN 12:2026/BCA; ASVS: long passwords without them"),
            choices=("QCVN", "ASVS"),
        ),
        SettingDefinition(
            "default_working_days",
            N_("Working days to settle a document"),
            7,
            hint=N_("Where no law says otherwise (Decision 212, article 4)"),
            least=1,
            most=90,
        ),
        SettingDefinition(
            "warn_days",
            N_("Warn of a deadline from how many working days before"),
            2,
            hint=N_("0: on the day itself. Lists, the desk and notices go by it"),
            least=0,
            most=30,
        ),
        SettingDefinition(
            "after_hours",
            N_("What arrives after office hours counts from the next working day"),
            False,
            hint=N_("Deadlines only; the day and hour of arrival in the register stay as they were"),
        ),
        SettingDefinition(
            "office_end",
            N_("End of office hours"),
            "17:00",
            hint=N_("Counts only where the setting above says yes"),
            choices=("16:00", "16:30", "17:00", "17:30", "18:00"),
        ),
    )
}
