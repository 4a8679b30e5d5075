"""Which figures belong to a wave, and which wave came before it?"""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.rules.periods import Period
from models.rules.survey_special import PREFIX as SPECIAL
from models.survey import SurveyFigure, SurveyWave
from tasks.engagements import with_earlier_terms


def figures_of_wave(session: Session, wave: SurveyWave | None) -> Sequence[SurveyFigure]:
    """What the wave's analysis found, by item and group; empty without a wave."""
    if wave is None:
        return []
    return session.exec(
        select(SurveyFigure)
        .where(SurveyFigure.wave_id == wave.id)
        .order_by(SurveyFigure.item_code, SurveyFigure.stratum)
    ).all()


def wave_before(session: Session, wave: SurveyWave) -> SurveyWave | None:
    """The regular wave before this one, of this term or of one it follows.

    A special wave asks after one change and is compared with none.
    """
    return session.exec(
        select(SurveyWave)
        .where(
            col(SurveyWave.engagement_id).in_(with_earlier_terms(session, wave.engagement_id)),
            SurveyWave.opened_on < wave.opened_on,
            ~col(SurveyWave.period).startswith(SPECIAL, autoescape=True),
        )
        .order_by(col(SurveyWave.opened_on).desc())
    ).first()


def last_wave_of(session: Session, key: int, period: Period) -> SurveyWave | None:
    """The last regular wave of an engagement that was opened in the period and is closed."""
    return session.exec(
        select(SurveyWave)
        .where(
            SurveyWave.engagement_id == key,
            ~col(SurveyWave.period).startswith(SPECIAL, autoescape=True),
            SurveyWave.opened_on >= period.first,
            SurveyWave.opened_on <= period.last,
            col(SurveyWave.closed_on).is_not(None),
        )
        .order_by(col(SurveyWave.opened_on).desc())
    ).first()
