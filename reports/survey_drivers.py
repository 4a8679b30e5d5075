"""What goes with overall satisfaction, and do sets of items measure one thing? (D5)"""

from collections.abc import Mapping

from models.rules.survey_analysis import SurveyAnalysis
from models.rules.survey_plan import ScaleKind
from models.rules.survey_reliability import FEWEST_ANSWERS, FEWEST_ITEMS, UNRELATED
from reports.pack import Column, Section, Table
from reports.survey_numbers import between, item_names, percent
from reports.survey_pictures import DRIVER_FLAGS, QUADRANTS, driver_map
from reports.words import NOTHING, Vocabulary, Voice

RELIABILITY_WARNINGS: Vocabulary = {
    f"fewer than {FEWEST_ITEMS} items": (f"fewer than {FEWEST_ITEMS} items", f"题项不足{FEWEST_ITEMS}个"),
    f"fewer than {FEWEST_ANSWERS} complete answers": (
        f"fewer than {FEWEST_ANSWERS} complete answers",
        f"完整答卷不足{FEWEST_ANSWERS}份",
    ),
    UNRELATED: (UNRELATED, "区间含零：各题项未必测量同一概念"),
}


def drivers_section(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    """What goes with overall satisfaction, as a map and a table; None where the plan names no drivers."""
    found = analysis.drivers
    if found is None:
        return None
    heading = voice("What moves overall satisfaction", "关键驱动因素")
    if found.refused:
        return Section(
            heading,
            (voice(f"Not analysed: {found.refused}.", f"未作分析：{found.refused_zh or found.refused}。"),),
        )
    names = item_names(analysis, voice)
    chart = driver_map(found, voice)
    table = Table(
        voice("Drivers", "驱动因素"),
        (
            Column(voice("Item", "题项"), width=2.4),
            Column(voice("Importance", "重要性"), "right"),
            Column(voice("Interval", "区间"), "center", 1.4),
            Column(voice("Rank", "位次"), "center", 0.7),
            Column(voice("Performance", "满意度"), "right", 1.1),
            Column(voice("Odds a step", "每级优势比"), "center", 1.8),
            Column(voice("Field", "区域"), width=1.3),
            Column(voice("Note", "备注"), width=1.4),
        ),
        tuple(
            (
                f"{names[d.item]} ({d.item})",
                percent(d.importance),
                between(d.importance_low, d.importance_high),
                f"{d.rank_low}–{d.rank_high}",
                f"{d.performance:.1f}",
                NOTHING if d.odds is None else f"{d.odds:.2f} ({d.odds_low:.2f}–{d.odds_high:.2f})",
                voice.word(QUADRANTS, d.quadrant),
                "; ".join(voice.word(DRIVER_FLAGS, flag) for flag in d.flags) or NOTHING,
            )
            for d in sorted(found.drivers, key=lambda d: -d.importance)
        ),
    )
    return Section(
        heading,
        (
            voice(
                f"{found.n:,} answers hold all items; they explain {percent(found.r2)} of the spread of overall satisfaction. "
                "Associations do not prove a cause.",
                f"{found.n:,}份答卷各题齐全；可解释总体满意度变异的{percent(found.r2)}。相关不等于因果。",
            ),
            *_not_compared(analysis, names, voice),
        ),
        (table,),
        pictures=() if chart is None else (chart,),
    )


def _not_compared(analysis: SurveyAnalysis, names: Mapping[str, str], voice: Voice) -> tuple[str, ...]:
    """The ratings that are no drivers here: only answers that hold all items can be compared."""
    plan = analysis.plan
    left = [
        names[item.code]
        for item in plan.items
        if item.scale.kind is ScaleKind.RATING and item.code not in (plan.overall, *plan.drivers)
    ]
    if not left:
        return ()
    return (
        voice(
            f"Not compared, for only some were asked or too few answered everything: {'; '.join(left)}",
            f"以下题项仅向部分客户提问或各题齐全的答卷不足，未列入比较：{'；'.join(left)}",
        ),
    )


def reliability_section(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    """Whether sets of items measure one thing; None where the plan names no set."""
    if not analysis.reliability:
        return None
    rows = []
    for entry in analysis.reliability:
        f = entry.figure
        if f is None:
            rows.append((entry.name, ", ".join(entry.items), *[NOTHING] * 4))
            continue
        rows.append(
            (
                entry.name,
                ", ".join(entry.items),
                f"{f.n:,}",
                f"{f.alpha:.3f} ({f.low:.3f}–{f.high:.3f})",
                NOTHING if f.omega is None else f"{f.omega:.3f}",
                "; ".join(voice.word(RELIABILITY_WARNINGS, said) for said in f.warning.split("; ") if said)
                or NOTHING,
            )
        )
    return Section(
        voice("Reliability", "信度"),
        (),
        (
            Table(
                voice("Do the items measure one thing?", "内部一致性"),
                (
                    Column(voice("Set", "量表")),
                    Column(voice("Items", "题项"), width=1.6),
                    Column("n", "right", 0.7),
                    Column("alpha", "center", 1.7),
                    Column("omega", "right", 0.8),
                    Column(voice("Note", "备注"), width=1.4),
                ),
                tuple(rows),
            ),
        ),
    )
