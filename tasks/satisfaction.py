"""What does the survey tell its readers? The satisfaction report of a closed wave (D5)."""

from sqlmodel import Session, col, or_, select

from models.db import reading
from models.rules.survey_special import PREFIX as SPECIAL
from models.survey import SurveyResponse, SurveyWave
from reports.pictures import IntervalPoint
from reports.satisfaction_report import satisfaction_report
from reports.survey_sections import overall_figure
from tasks.cycles import CycleRef
from tasks.engagements import engagement_of
from tasks.improvements import actions_in_state
from tasks.packs import IssuedPack, issue_pack, mail_pack
from tasks.steps import step
from tasks.survey_figures import figures_of_wave, wave_before
from tasks.survey_waves import wave_analysis
from tasks.surveys import SATISFIED_TARGET, answered_by_mode, wave_of

_WAVES_DRAWN = 8
"""Two years of quarters."""


@step("Issue the satisfaction report")
def issue_satisfaction_report(cycle: CycleRef) -> IssuedPack:
    """Issue the wave's report to client and custodian; comments are shown only where enough people answered."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        wave = wave_of(session, cycle.engagement_id, cycle.period)
        modes = answered_by_mode(session, wave)
        comments = session.exec(
            select(SurveyResponse.comment)
            .where(SurveyResponse.wave_id == wave.id, SurveyResponse.comment != "")
            .order_by(SurveyResponse.comment)
        ).all()
        pack = satisfaction_report(
            engagement,
            wave=wave,
            figures=figures_of_wave(session, wave),
            previous=figures_of_wave(session, wave_before(session, wave)),
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
            analysis=wave_analysis(session, wave, engagement.language, float(SATISFIED_TARGET)),
            trend=_trend(session, wave),
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


@step("Put the figures of a wave together")
def wave_rows(cycle: CycleRef) -> list[dict[str, object]]:
    """The items of a wave over all who answered, for the UI: n, share and interval; nothing of a small group."""
    with reading() as session:
        wave = wave_of(session, cycle.engagement_id, cycle.period)
        return [
            {
                "item": figure.item_code,
                "n": figure.n,
                "satisfied": f"{figure.share:.1%}",
                "interval": f"{figure.low:.1%} - {figure.high:.1%}",
            }
            for figure in figures_of_wave(session, wave)
            if figure.stratum == "all" and not figure.suppressed and figure.share is not None
        ]


def _trend(session: Session, wave: SurveyWave) -> list[IntervalPoint]:
    """Overall satisfaction of the last quarterly waves up to this one, and of this one."""
    waves = session.exec(
        select(SurveyWave)
        .where(
            SurveyWave.engagement_id == wave.engagement_id,
            SurveyWave.opened_on <= wave.opened_on,
            or_(SurveyWave.id == wave.id, ~col(SurveyWave.period).startswith(SPECIAL, autoescape=True)),
        )
        .order_by(col(SurveyWave.opened_on).desc())
        .limit(_WAVES_DRAWN)
    ).all()
    points = []
    for earlier in reversed(waves):
        overall = overall_figure(figures_of_wave(session, earlier))
        shown = None if overall is None or overall.suppressed else overall
        if shown is None or None in (shown.share, shown.low, shown.high):
            points.append(IntervalPoint(earlier.period, None, None, None))
        else:
            points.append(
                IntervalPoint(
                    earlier.period, float(shown.share or 0), float(shown.low or 0), float(shown.high or 0)
                )
            )
    return points
