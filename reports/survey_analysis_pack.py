"""How does the analysis of any survey file read as a document and a workbook? (D5)"""

from collections.abc import Sequence
from datetime import date

from models.rules.survey_analysis import SurveyAnalysis, overall_figure
from models.rules.survey_design import Remark
from models.rules.survey_outcomes import DISPOSITION_WORDS
from models.rules.survey_plan import ScaleKind
from reports.pack import Column, Pack, Section, Table
from reports.pictures import Picture
from reports.survey_comments import comments_section
from reports.survey_comparisons import groups_section, waves_section
from reports.survey_drivers import drivers_section, reliability_section
from reports.survey_items import index_sentence, item_tables
from reports.survey_numbers import between, item_names, level_of, percent
from reports.survey_pictures import spread_chart
from reports.words import NOTHING, Voice


def survey_analysis_pack(
    analysis: SurveyAnalysis, source: str, counts: tuple[int, int, int], on: date
) -> Pack:
    """The analysis as a pack.

    Args:
        analysis: what was found.
        source: name of the file of answers.
        counts: rows received, accepted, rejected.
        on: the day on the cover.
    """
    plan = analysis.plan
    voice = Voice(plan.language, "", "UTC")
    sections = (
        _short(analysis, counts, voice),
        _items(analysis, voice),
        groups_section(analysis, voice),
        waves_section(analysis, voice),
        drivers_section(analysis, voice),
        reliability_section(analysis, voice),
        comments_section(analysis.comments, plan.minimum, voice),
        _method(analysis, counts, voice),
    )
    return Pack(
        title=plan.title,
        subtitle=voice(f"Analysis of a satisfaction survey: {source}", f"满意度调查分析：{source}"),
        engagement_code="",
        property_name="",
        client="",
        custodian="",
        period_label=analysis.wave,
        issued_on=on,
        sections=tuple(section for section in sections if section is not None),
        language=plan.language,
        footer_note=voice("No figure without its base and interval.", "凡数据均附样本量与置信区间。"),
    )


def _short(analysis: SurveyAnalysis, counts: tuple[int, int, int], voice: Voice) -> Section:
    overall, level = overall_figure(analysis), level_of(analysis)
    said = []
    if overall.share is not None:
        said.append(
            voice(
                f"{percent(overall.share)} of {overall.n:,} valid answers are satisfied overall "
                f"({level} interval {between(overall.low, overall.high)}, design effect {overall.deff or 0:.2f}).",
                f"总体满意率{percent(overall.share)}（有效答卷{overall.n:,}份，{level}置信区间"
                f"{between(overall.low, overall.high)}，设计效应{overall.deff or 0:.2f}）。",
            )
        )
    else:
        said.append(voice("There are too few answers to show a figure.", "有效答卷过少，不予显示。"))
    if analysis.response.invited is not None:
        both, full, likely = (percent(analysis.response.rates.get(name)) for name in ("RR2", "RR1", "RR3"))
        said.append(
            voice(
                f"{analysis.response.invited:,} invited; response rate RR2 {both} (complete and partial answers), RR1 {full}, "
                f"RR3 {likely}.",
                f"邀请{analysis.response.invited:,}份；应答率RR2为{both}（完整及部分作答），RR1为{full}，RR3为{likely}。",
            )
        )
    if analysis.mode_mix:
        mix = voice.listed([f"{mode} {percent(part)}" for mode, part in analysis.mode_mix.items()])
        said.append(voice(f"Mode mix: {mix}.", f"各方式占比：{mix}。"))
    said.append(
        voice(
            f"Rows received {counts[0]:,}: accepted {counts[1]:,}, rejected {counts[2]:,}.",
            f"收到{counts[0]:,}行：采纳{counts[1]:,}行，剔除{counts[2]:,}行。",
        )
    )
    return Section(voice("In short", "摘要"), tuple(said))


def _items(analysis: SurveyAnalysis, voice: Voice) -> Section:
    names = item_names(analysis, voice)
    whole = [figure for figure in analysis.figures if not figure.column]
    pictures: list[Picture] = []
    scales = {item.code: item.scale for item in analysis.plan.items}
    for scale in dict.fromkeys(scales[f.item].name for f in whole):
        of_scale = [f for f in whole if scales[f.item].name == scale]
        chart = spread_chart(of_scale, names, scales[of_scale[0].item].values, voice)
        if chart is not None:
            pictures.append(chart)
    return Section(
        voice("Items", "各题项"),
        index_sentence(analysis, voice),
        item_tables(analysis, voice),
        pictures=tuple(pictures),
    )


_WEIGHTED_BY = {
    "none": ("none", "未加权"),
    "given": ("given", "文件自带权数"),
    "strata": ("strata", "按层加权"),
    "post-stratification": ("post-stratification", "事后分层"),
    "raking": ("raking", "迭代加权（raking）"),
    "linear calibration": ("linear calibration", "线性校准"),
    "logit calibration": ("logit calibration", "logit校准"),
    "truncated_linear calibration": ("truncated linear calibration", "截断线性校准"),
}


def _weighted_by(method: str, voice: Voice) -> str:
    """How the answers were weighted, in words; what has none stands as it is."""
    return " + ".join(voice(*_WEIGHTED_BY.get(one, (one, one))) for one in method.split(" + "))


def _method(analysis: SurveyAnalysis, counts: tuple[int, int, int], voice: Voice) -> Section:
    plan, weights = analysis.plan, analysis.weights
    rows: list[tuple[str, str]] = [
        (voice("Answers", "答卷"), f"{analysis.n:,}"),
        (voice("Households", "户数"), NOTHING if analysis.households is None else f"{analysis.households:,}"),
        (voice("Rows rejected", "剔除行数"), f"{counts[2]:,}"),
        (voice("Weights", "加权"), _weighted_by(weights.method, voice)),
        (voice("Weights: least, most", "权数范围"), f"{weights.least:.3f}–{weights.most:.3f}"),
        (voice("Design effect of weights", "权数设计效应"), f"{weights.deff:.3f}"),
        (voice("Weights trimmed", "截尾权数"), f"{weights.trimmed:,}"),
        (voice("Confidence", "置信水平"), f"{100 * plan.confidence:g}%"),
        (voice("Not shown below", "最低显示样本"), str(plan.minimum)),
        *((f"{code}: {voice(*DISPOSITION_WORDS[code])}", f"{count:,}")
          for code, count in analysis.response.dispositions.items()),
        *((name, percent(rate)) for name, rate in analysis.response.rates.items()),
        *((voice("Satisfied on scale ", "满意定义 ") + scale.name, ", ".join(map(str, sorted(scale.satisfied))))
          for scale in {i.scale.name: i.scale for i in plan.items if i.scale.kind is ScaleKind.RATING}.values()),
    ]  # fmt: skip
    return Section(
        voice("Method", "方法说明"),
        _said(analysis.notes, voice),
        (
            Table(
                voice("How the figures came about", "数据来源与口径"),
                (Column(voice("What", "项目"), width=2), Column(voice("Value", "数值"), "right")),
                tuple(rows),
            ),
        ),
    )


def _said(notes: Sequence[Remark], voice: Voice) -> tuple[str, ...]:
    return tuple(voice(note.en[:1].upper() + note.en[1:] + ".", note.zh + "。") for note in notes)
