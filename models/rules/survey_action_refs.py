"""Which wave, item and group is an action about that a survey led to? Its natural key, written and read in one place."""

from dataclasses import dataclass

_KIND = "survey"


@dataclass(frozen=True)
class SurveyActionRef:
    """`survey:PERIOD:ITEM`, or `survey:PERIOD:ITEM@GROUP`; a period may hold colons itself."""

    period: str
    item: str
    group: str = ""
    """Of those who were asked; empty where it is about all of them."""

    def __str__(self) -> str:
        """As it is kept."""
        return f"{_KIND}:{self.period}:{self.item}{'@' if self.group else ''}{self.group}"

    def touches(self, item: str, group: str) -> bool:
        """Whether what is done about it is done for the group too: all are in every group, and a group is among all."""
        return self.item == item and (not group or not self.group or self.group == group)


def survey_action(ref: str) -> SurveyActionRef | None:
    """What a reference says; None where no survey led to the action."""
    kind, _, rest = ref.partition(":")
    period, _, named = rest.rpartition(":")
    item, _, group = named.partition("@")
    return SurveyActionRef(period, item, group) if kind == _KIND and period else None
