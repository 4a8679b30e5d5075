"""What does the survey tell its readers? The satisfaction report of a closed wave (D5)."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.db import reading
from models.survey import SurveyFigure, SurveyResponse, SurveyWave
from reports.satisfaction_report import satisfaction_report
from tasks.cycles import CycleRef
from tasks.engagements import engagement_of
from tasks.improvements import actions_in_state
from tasks.packs import IssuedPack, issue_pack, mail_pack
from tasks.steps import step
from tasks.surveys import SATISFIED_TARGET, answered_by_mode


@step("Issue the satisfaction report")
def issue_satisfaction_report(cycle: CycleRef) -> IssuedPack:
    """Issue the wave's report to client and custodian; comments are shown only where enough people answered."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        wave = session.exec(
            select(SurveyWave).where(
                SurveyWave.engagement_id == cycle.engagement_id, SurveyWave.period == cycle.period
            )
        ).one()
        before = session.exec(
            select(SurveyWave)
            .where(SurveyWave.engagement_id == cycle.engagement_id, SurveyWave.opened_on < wave.opened_on)
            .order_by(col(SurveyWave.opened_on).desc())
        ).first()
        modes = answered_by_mode(session, wave)
        comments = session.exec(
            select(SurveyResponse.comment)
            .where(SurveyResponse.wave_id == wave.id, SurveyResponse.comment != "")
            .order_by(SurveyResponse.comment)
        ).all()
        pack = satisfaction_report(
            engagement,
            wave=wave,
            figures=_figures(session, wave),
            previous=_figures(session, before) if before else [],
            invited=wave.invited_count,
            answered_by_mode=modes,
            comments=comments if sum(modes.values()) >= 10 else [],
            actions=[
                action
                for action in actions_in_state(
                    session,
                    cycle.engagement_id,
                    "open",
                    "done",
                    "verified",
                    "not_demonstrated",
                    "worsened",
                    "insufficient_n",
                    "not_comparable",
                )
                if action.ref.startswith("survey:")
            ],
            target=SATISFIED_TARGET,
            on=cycle.as_of,
        )
    issued = issue_pack(cycle, "satisfaction", pack, cycle.as_of)
    zh = engagement.language == "zh"
    mail_pack(
        cycle,
        issued,
        ("client", "custodian"),
        ("附件为本次满意度调查报告。" if zh else "The report of the satisfaction survey is attached.",),
        (),
        cycle.as_of,
    )
    return issued


def _figures(session: Session, wave: SurveyWave) -> Sequence[SurveyFigure]:
    return session.exec(
        select(SurveyFigure)
        .where(SurveyFigure.wave_id == wave.id)
        .order_by(SurveyFigure.item_code, SurveyFigure.stratum)
    ).all()
