"""What came in while a wave was in the field: batches of sheets, paper forms entered twice, calls, wrong codes (D4)."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


class SurveyIntake(SQLModel, table=True):
    """One batch of answer sheets: received = accepted + rejected + repeated."""

    __table_args__ = (UniqueConstraint("wave_id", "source", "batch"),)

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    source: str
    """desk, paper, limesurvey or telephone; `earlier` for what came in before batches were kept."""
    batch: str
    """Hash of the file, or keyed hash of the codes of a batch without a file; says nothing of any answer."""
    received: int
    accepted: int
    rejected: int
    repeated: int = 0
    """Sheets that had been accepted from another batch."""
    reasons: dict[str, int] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """The rejected by reason in one word; empty where they are few and named one by one."""


class SurveyPaperEntry(SQLModel, table=True):
    """A paper form as one clerk typed it, until two entries agree or are settled; the values are deleted then."""

    __table_args__ = (
        UniqueConstraint("invitation_id", "entry"),
        UniqueConstraint("invitation_id", "clerk"),
        CheckConstraint("entry in (1, 2)", name="entry"),
    )

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    invitation_id: int = foreign_key("invitation.id")
    entry: int
    clerk: str
    """Reference of who typed it, never a name."""
    scores: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    comment: str = ""
    taken: bool = False
    """The form has become an answer; scores and comment are empty from then on."""


class SurveyCall(SQLModel, table=True):
    """One call to a respondent and how it ended."""

    __table_args__ = (UniqueConstraint("invitation_id", "called_at"),)

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int = foreign_key("invitation.id")
    called_at: datetime
    outcome: str
    """A code of `models/rules/survey_outcomes.py`; `quota_full` also where nobody called any more."""
    again_at: datetime | None = None
    """When the respondent asked to be called again."""
    interviewer: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Reference of who called, never a name; empty where it was not said."""
    answers: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """How much the answers that came with the call say: I, P or R; empty where none came."""
    superseded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """They were not kept: the respondent had answered before, and the first answer counts."""


class SurveyCodeMiss(SQLModel, table=True):
    """A code that fitted no invitation: many of them close the door for a while."""

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    missed_at: datetime = Field(index=True)
    count: int = 1
    """Codes of one batch that fitted nothing."""
