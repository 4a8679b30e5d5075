"""What was agreed at first contact, as both sides read and confirm it? (A1)"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from models.engagement import Engagement
from models.intake import IntakeForm
from models.rules.intake_changes import FieldChange
from models.rules.service_levels import WEEKDAYS
from reports.intake_words import field_label, field_value
from reports.pack import Column, Pack, Section, Table
from reports.sections import both_sides, pack_of, signature_table
from reports.words import NOTHING, Voice, voice_of


def intake_pack(
    engagement: Engagement,
    *,
    form: IntakeForm,
    version: int,
    changes: Sequence[FieldChange],
    usual_remuneration: Decimal,
    on: date,
) -> Pack:
    """The record with its demands and working calendar; in a later version with what changed.

    Args:
        engagement: the engagement.
        form: the version's content.
        version: its number.
        changes: against the version before; empty for the first.
        usual_remuneration: share of cost that is taken where cost plus fee names none.
        on: the day the version was recorded.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Intake record", "托管意向书"),
        subtitle=voice("For both sides to confirm", "请双方确认"),
        period=voice(f"version {version}", f"第{version}版"),  # part of the file's name: one file a version
        period_name=voice("Version", "版本"),
        on=on,
        sections=(
            _changed(changes, voice) if changes else None,
            _agreed(form, usual_remuneration, voice),
            _demands(form, voice),
            _calendar(form, voice),
            Section(
                voice("Confirmation", "确认"),
                (voice("Each side confirms this very text.", "双方确认的即为本文本。"),),
                tables=(signature_table(both_sides(engagement, voice), voice),),
            ),
        ),
    )


def _changed(changes: Sequence[FieldChange], voice: Voice) -> Section:
    return Section(
        voice("Changes against the version before", "与上一版的差异"),
        tables=(
            Table(
                voice("Changes", "差异"),
                (
                    Column(voice("Field", "项目")),
                    Column(voice("Before", "原内容"), width=2),
                    Column(voice("Now", "现内容"), width=2),
                ),
                tuple(
                    (
                        field_label(change.field, voice),
                        *(
                            field_value(change.field, value, voice) or NOTHING
                            for value in (change.old, change.new)
                        ),
                    )
                    for change in changes
                ),
            ),
        ),
    )


def _agreed(form: IntakeForm, usual_remuneration: Decimal, voice: Voice) -> Section:
    values = {name: field_value(name, str(value), voice) for name, value in form if value is not None}
    if form.fee_model == "cost_plus_fee" and form.remuneration_share is None:
        usual = field_value("remuneration_share", str(usual_remuneration), voice)
        values["remuneration_share"] = voice(
            f"{usual}: none was named, the catalogue's applies", f"{usual}：未另行约定，按目录取值"
        )
    return Section(
        voice("What was agreed", "约定内容"),
        tables=(
            Table(
                voice("Record", "记录"),
                (Column(voice("Field", "项目")), Column(voice("Agreed", "约定"), width=3)),
                tuple(
                    (field_label(name, voice), values.get(name, NOTHING))
                    for name in IntakeForm.model_fields
                    if name not in ("demands", "working_calendar")
                ),
            ),
        ),
    )


def _demands(form: IntakeForm, voice: Voice) -> Section:
    return Section(
        voice("Core demands", "核心诉求"),
        () if form.demands else (voice("None were named.", "未提出。"),),
        tables=(
            Table(
                voice("Demands by reference", "诉求清单"),
                (
                    Column(voice("Ref.", "编号"), width=0.6),
                    Column(voice("Demand", "诉求"), width=3),
                    Column(voice("Priority", "优先级"), "center", 0.8),
                    Column(voice("How it is measured", "衡量方式"), width=2),
                ),
                tuple((d.ref, d.text, str(d.priority), d.measure) for d in form.demands),
            ),
        )
        if form.demands
        else (),
    )


def _calendar(form: IntakeForm, voice: Voice) -> Section:
    calendar = form.working_calendar
    rest = voice("day of rest", "休息")
    rows = [
        (field_label(f"working_calendar.{day}", voice), str(getattr(calendar, day)) or rest)
        for day in WEEKDAYS
    ]
    for name in ("holidays", "makeup_workdays"):
        days = ", ".join(day.isoformat() for day in getattr(calendar, name))
        rows.append((field_label(f"working_calendar.{name}", voice), days or NOTHING))
    return Section(
        voice("Working calendar", "工作日历"),
        tables=(
            Table(
                voice(f"Hours ({form.timezone})", f"工作时间（{form.timezone}）"),
                (Column(voice("Day", "日期")), Column(voice("Hours", "时间"), width=3)),
                tuple(rows),
            ),
        ),
    )
