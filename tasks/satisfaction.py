"""What does the survey tell its readers? The satisfaction report of a closed wave (D5)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, or_, select

from models.db import reading
from models.engagement import Engagement
from models.people import Person
from models.rules.survey_analysis import Response, SurveyAnalysis
from models.rules.survey_comments import grouped_comments
from models.rules.survey_compare import WaveChange, wave_changes
from models.rules.survey_design import UNWEIGHTED
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_rates import outcome_rates, rr1_with_quota_full
from models.rules.survey_special import PREFIX as SPECIAL
from models.survey import SurveyResponse, SurveyWave
from models.survey_themes import remark_themes
from reports.pictures import IntervalPoint
from reports.satisfaction_report import satisfaction_report
from reports.survey_pictures import render_pictures
from reports.survey_sections import extremes_sentence, interval, item_texts, overall_figure
from reports.words import POSTS, period_words, voice_of
from tasks.cycles import CycleRef
from tasks.engagements import engagement_id, engagement_of
from tasks.improvements import JUDGED_STATES, OPEN_STATES, actions_in_state
from tasks.packs import IssuedPack, issue_pack, issue_picture, issued_pack, mail_pack
from tasks.steps import step
from tasks.survey_fieldwork import quota_full, unsettled_forms, wave_dispositions
from tasks.survey_figures import figures_of_wave, wave_before
from tasks.survey_loop import promised_share
from tasks.survey_waves import answered_by_mode, broken_off, wave_analysis, wave_classes, wave_shifts
from tasks.surveys import wave_of

PICTURES = "satisfaction-pictures"
_WAVES_DRAWN = 8
"""Two years of quarters."""


@step("Issue the satisfaction report")
def issue_satisfaction_report(cycle: CycleRef) -> IssuedPack:
    """Issue the wave's report to client and custodian; comments are shown only where enough people answered."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        wave = wave_of(session, cycle.engagement_id, cycle.period)
        before = wave_before(session, wave)
        modes = answered_by_mode(session, wave)
        target = promised_share(session, wave)
        comments = session.exec(
            select(SurveyResponse.comment)
            .where(SurveyResponse.wave_id == wave.id, SurveyResponse.comment != "")
            .order_by(SurveyResponse.comment)
        ).all()
        pack = satisfaction_report(
            engagement,
            wave=wave,
            figures=figures_of_wave(session, wave),
            previous=figures_of_wave(session, before),
            invited=wave.invited_count,
            answered_by_mode=modes,
            comments=grouped_comments(
                comments,
                remark_themes(engagement.language),
                names=_known_people(session, cycle.engagement_id),
            )
            if modes
            else None,
            actions=[
                action
                for action in actions_in_state(
                    session,
                    cycle.engagement_id,
                    *OPEN_STATES,
                    *JUDGED_STATES,
                )
                if action.ref.startswith("survey:")
            ],
            target=target,
            analysis=_analysis(session, wave, before, engagement.language, target),
            trend=_trend(session, wave),
            modes_before=None if before is None else _mix(answered_by_mode(session, before)),
            classes=wave_classes(session, wave),
            left_out=(broken_off(session, wave), unsettled_forms(session, wave)),
            on=cycle.as_of,
        )
    issued = issue_pack(cycle, "satisfaction", pack, cycle.as_of)
    drawn = [picture for section in pack.sections for picture in section.pictures]
    if drawn:
        png = render_pictures(
            drawn, f"{pack.property_name} · {pack.period_label}", pack.language, cycle.as_of
        )
        issue_picture(cycle, PICTURES, pack, png, cycle.as_of)
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


def _analysis(
    session: Session, wave: SurveyWave, before: SurveyWave | None, language: str, target: Decimal
) -> SurveyAnalysis | None:
    """The wave with its response as the fieldwork counts it, and each item against the wave before."""
    found = wave_analysis(session, wave, language, float(target))
    if found is None:
        return None
    counts = wave_dispositions(session, wave)
    full = quota_full(session, wave)
    eligible = counts.eligible_beside(full)
    response = Response(
        counts.complete,
        counts.partial,
        counts.invited,
        counts.counts(),
        outcome_rates(counts, eligible),
        eligible,
        full,
        rr1_with_quota_full(counts, full),
    )
    earlier = None if before is None else wave_analysis(session, before, language)
    changes: tuple[WaveChange, ...] = ()
    if before is not None and earlier is not None:
        changes = wave_changes(
            (wave.period, before.period),
            _whole(found),
            _whole(earlier),
            (found.mode_mix, earlier.mode_mix),
            found.plan.confidence,
            found.plan.wave_control,
        )
    simple = earlier is not None and {found.weights.method, earlier.weights.method} == {UNWEIGHTED}
    shifts = wave_shifts(session, wave, before, changes, language) if before is not None and simple else ()
    return replace(found, response=response, changes=changes, shifts=shifts)


def _known_people(session: Session, key: int) -> Sequence[str]:
    """Names that are taken out of remarks; those of the parties are in every report anyway."""
    return session.exec(
        select(Person.name).where(
            Person.engagement_id == key, Person.name != "", col(Person.role).not_in(("client", "custodian"))
        )
    ).all()


def _whole(analysis: SurveyAnalysis) -> dict[str, ItemFigure]:
    """Item to its figure over all answers, where it is shown."""
    return {one.item: one for one in analysis.figures if not one.column and not one.suppressed}


def _mix(modes: dict[str, int]) -> dict[str, float]:
    total = sum(modes.values())
    return {mode: count / total for mode, count in modes.items()} if total else {}


@step("Find the pictures of a wave")
def wave_pictures(cycle: CycleRef) -> IssuedPack | None:
    """The sheet of pictures that was kept with the report; None where nothing could be drawn."""
    return issued_pack(cycle.engagement_id, PICTURES, cycle.period)


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


def told_to_owners(
    session: Session, engagement: Engagement, first: date, last: date
) -> tuple[tuple[str, str], ...]:
    """What those who were asked are told of the waves that closed in the days: share, base, weakest item, what follows.

    Nothing is told of a wave whose overall figure is withheld.
    """
    zh, voice = engagement.language == "zh", voice_of(engagement)
    waves = session.exec(
        select(SurveyWave)
        .where(
            SurveyWave.engagement_id == engagement_id(engagement),
            col(SurveyWave.closed_on) >= first,
            col(SurveyWave.closed_on) <= last,
        )
        .order_by(col(SurveyWave.closed_on), SurveyWave.period)
    ).all()
    facts = []
    for wave in waves:
        figures = figures_of_wave(session, wave)
        overall = overall_figure(figures)
        if overall is None or overall.suppressed or overall.share is None:
            continue
        called = period_words(wave.period, voice.language)
        facts.append(
            (
                f"满意度调查（{called}）" if zh else f"Satisfaction survey, {called}",
                f"总体满意率{voice.share(overall.share)}（答卷{overall.n}份，95%置信区间{interval(overall, voice)}）"
                if zh
                else f"{voice.share(overall.share)} of {overall.n} answers are satisfied (95% interval {interval(overall, voice)})",
            )
        )
        extremes = extremes_sentence(figures, item_texts(wave.items, voice), voice)
        if extremes:
            facts.append(("最高与最低" if zh else "Best and weakest", extremes))
        opened = [
            action
            for action in actions_in_state(session, engagement_id(engagement), *OPEN_STATES, *JUDGED_STATES)
            if action.ref.startswith(f"survey:{wave.period}:")
        ]
        if opened:
            posts = voice.listed(sorted({voice.word(POSTS, action.post_code) for action in opened}))
            facts.append(
                (
                    "后续改进" if zh else "What is done about it",
                    f"{len(opened)}项改进措施，由{posts}负责，下次调查验证效果"
                    if zh
                    else f"{len(opened)} actions ({posts}); the next survey shows whether they worked",
                )
            )
    return tuple(facts)


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
