"""What goes into the owners' archive at the end, what is left out of it, and why? (C4)

Property and papers go back whole (物业管理条例, articles 29 and 39; Civil Code, article 949). Personal data go no further
than that needs (个人信息保护法, articles 6 and 23), and what respondents were promised of the survey is kept.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class LeftOut(StrEnum):
    """Why something that is on record does not go into the archive."""

    PEOPLE = "people"
    ANSWERS = "answers"
    LETTERS = "letters"
    CALLED = "called"
    MACHINE = "machine"
    LINKS = "links"
    LOST = "lost"


REASONS: dict[LeftOut, tuple[str, str]] = {
    LeftOut.PEOPLE: (
        "Names, telephone numbers and addresses: only the owners' register may be asked for (--with-people); of staff "
        "references stand in the records.",
        "姓名、电话与地址：仅业主名册可应要求附入（--with-people）；员工在记录中只以编号出现。",
    ),
    LeftOut.ANSWERS: (
        "Single answers and who was asked: respondents were promised that only figures of groups are told.",
        "单份答卷及受访人：已向受访人承诺只公布汇总结果。",
    ),
    LeftOut.LETTERS: (
        "Letters and their addresses: the documents sent with them are in the folder of packs.",
        "往来邮件及收件地址：随附文件见“文件”目录。",
    ),
    LeftOut.CALLED: (
        "Which person was called, written to or present: the counts stand in the records.",
        "通知到、送达到或出席的个人：人数见各记录。",
    ),
    LeftOut.MACHINE: (
        "Working notes of the software, of no meaning without it; what they led to is in the records.",
        "软件运行所用的内部数据，离开软件无意义；其结果见各记录。",
    ),
    LeftOut.LINKS: ("Keys of single-use links.", "一次性链接的密钥。"),
    LeftOut.LOST: (
        "The record names the file, but its bytes are gone from the store or were changed.",
        "记录中有此文件，但存储中的文件已缺失或被改动。",
    ),
}


@dataclass(frozen=True)
class Part:
    """One table of the archive: where it stands, what it is called, and which columns stay behind."""

    path: str
    """Folder and file name without its ending."""
    en: str
    zh: str
    table: str
    without: tuple[str, ...] = ()
    """Columns that are left out, and told as such."""
    masks: bool = False
    """Whether people typed texts into it, in which personal data are masked."""


def _part(
    path: str, en: str, zh: str, table: str, without: tuple[str, ...] = (), *, masks: bool = False
) -> Part:
    return Part(path, en, zh, table, without, masks)


PARTS: tuple[Part, ...] = (
    _part("01-agreed/engagement", "The engagement", "托管项目", "engagement", ("simulated_on", "special_since", "version")),
    _part("01-agreed/demands", "Core demands", "核心诉求", "demand"),
    _part("01-agreed/record-versions", "Versions of the agreed record", "约定记录各版本", "intakeversion"),
    _part("01-agreed/renewal", "The term this one follows", "所续期的上一托管期", "renewal"),
    _part("02-building/places", "Places", "场所", "place"),
    _part("02-building/asset-types", "Types of asset", "设施设备类型", "assettype"),
    _part("02-building/assets", "Asset ledger", "设施设备台账", "asset"),
    _part("02-building/asset-jobs", "Maintenance the register asks for", "台账要求的保养", "assetjob"),
    _part("02-building/spare-parts", "Spare parts of the register", "台账所列备件", "sparepart"),
    _part("02-building/register-files", "Registers taken in", "接收的台账文件", "registerimport"),
    _part("02-building/meter-readings", "Meter readings", "计量读数", "meterreading"),
    _part("03-papers/papers", "List of papers", "资料清单", "documentitem", masks=True),
    _part("03-papers/reminders", "Reminders of missing papers", "资料催交记录", "documentreminder"),
    _part("03-papers/earlier-maintenance", "Maintenance before the term", "托管前维保记录", "maintenancehistory", masks=True),
    _part("04-condition/findings", "Findings at entry and exit", "接管与移交勘查所见", "conditionfinding", masks=True),
    _part("04-condition/grades", "Grades at entry and exit", "接管与移交评分", "elementcondition"),
    _part("04-condition/inspected", "What was looked at", "勘查项目", "conditioninspection"),
    _part("04-condition/photos", "Photos of findings", "勘查照片", "conditionphoto"),
    _part("05-plan-and-contract/plans", "Versions of the service plan", "托管服务方案各版本", "serviceplan", masks=True),
    _part("05-plan-and-contract/commitments", "Commitments", "服务承诺", "commitment"),
    _part("05-plan-and-contract/commitment-targets", "Where commitments apply", "承诺适用对象", "commitmenttarget"),
    _part("05-plan-and-contract/posts", "Posts", "岗位", "planpost"),
    _part("05-plan-and-contract/budget", "Budget", "预算", "budgetline"),
    _part("05-plan-and-contract/emergency-plans", "Emergency plans", "应急预案", "emergencyplan"),
    _part("05-plan-and-contract/training", "Training modules", "培训课程", "trainingmodule"),
    _part("05-plan-and-contract/planned-parts", "Wear parts planned for", "计划更换的易损件", "plannedpart"),
    _part("05-plan-and-contract/contracts", "Contracts", "合同", "contract"),
    _part("05-plan-and-contract/clauses", "Clauses", "合同条款", "contractclause"),
    _part("05-plan-and-contract/instalments", "Instalments of the fee", "服务费分期", "instalment"),
    _part("05-plan-and-contract/amendments", "Amendments", "合同变更", "contractamendment", masks=True),
    _part("05-plan-and-contract/early-end", "Notices of an early end", "提前终止通知", "earlyend", masks=True),
    _part("06-work/occurrences", "Work as planned", "计划作业", "occurrence", masks=True),
    _part("06-work/orders", "Work orders", "工单", "workorder", masks=True),
    _part("06-work/records", "Records of work", "作业记录", "workrecord", masks=True),
    _part("06-work/check-readings", "Readings of rounds", "巡检读数", "checkreading"),
    _part("06-work/photos", "Photos of work", "作业照片", "workphoto"),
    _part("06-work/late", "Late work that was told", "逾期提醒", "workalert"),
    _part("06-work/wear-parts", "Wear parts reported and replaced", "易损件报备与更换", "partforecast", masks=True),
    _part("06-work/permits", "Work permits", "作业许可", "permit", masks=True),
    _part("06-work/quality-inspections", "Quality inspections", "品质检查", "qualityinspection", masks=True),
    _part("06-work/quality-marks", "Marks of quality inspections", "品质检查评分", "inspectionmark"),
    _part("06-work/camera-checks", "Camera checks", "监控检查", "cameracheck", masks=True),
    _part("06-work/patrol-routes", "Patrol routes", "巡逻路线", "patrolroute"),
    _part("06-work/patrol-points", "Patrol points", "巡逻点", "patrolpoint"),
    _part("06-work/patrol-windows", "Patrol times", "巡逻时段", "patrolwindow"),
    _part("06-work/patrol-scans", "Patrol scans", "巡逻打点", "patrolscan", masks=True),
    _part("06-work/patrol-alerts", "Patrols missed", "漏巡提醒", "patrolalert"),
    _part("06-work/weather", "Weather", "天气", "weatherday"),
    _part("06-work/weather-exceptions", "Work moved by the weather", "因天气调整的作业", "weatherexception", masks=True),
    _part("06-work/stock-parts", "Stock of spare parts", "备件库存品目", "stockpart"),
    _part("06-work/stock-movements", "Movements of stock", "备件出入库", "stockmovement", masks=True),
    _part("07-team/staff", "People on posts, by reference", "在岗人员（编号）", "staffmember"),
    _part("07-team/qualifications", "Certificates, by reference", "持证情况（编号）", "qualification", ("number_hash",)),
    _part("07-team/training", "Training, by reference", "培训记录（编号）", "trainingrecord"),
    _part("07-team/shifts-planned", "Shifts as planned", "排班", "rostershift"),
    _part("07-team/shifts-worked", "Shifts as worked", "实际出勤", "shiftrecord", masks=True),
    _part("08-requests/requests", "Repairs, enquiries, complaints, suggestions", "报修、咨询、投诉、建议", "servicerequest", ("requester_ref", "source_id"), masks=True),
    _part("08-requests/events", "What became of requests", "服务请求处理过程", "requestevent", masks=True),
    _part("09-owners/meetings", "Owners' meetings", "业主沟通会", "ownermeeting", masks=True),
    _part("09-owners/resolutions", "Resolutions", "会议决议", "meetingresolution", masks=True),
    _part("09-owners/bulletins", "Bulletins", "信息通报", "bulletin", masks=True),
    _part("09-owners/notice-boards", "Notice boards", "公告栏", "noticeboard"),
    _part("10-emergencies/incidents", "Emergencies and drills", "突发事件与演练", "incident", masks=True),
    _part("10-emergencies/steps", "Steps of the plan", "预案步骤", "incidentstep"),
    _part("10-emergencies/log", "Log", "事件日志", "incidententry", masks=True),
    _part("10-emergencies/losses", "Losses", "损失", "incidentloss", masks=True),
    _part("11-accounts/ledger", "Ledger", "收支明细账", "ledgerentry", masks=True),
    _part("11-accounts/statements", "Statements", "财务报表", "statement"),
    _part("11-accounts/statement-lines", "Lines of statements", "财务报表分项", "statementline"),
    _part("11-accounts/funds", "Balances of each fund", "各项资金余额", "statementfund"),
    _part("11-accounts/former-versions", "Versions that were sent back", "退回的报表版本", "formerstatement", masks=True),
    _part("11-accounts/reasons", "Why an item is far from its budget", "预算差异原因", "variancereason", masks=True),
    _part("11-accounts/terms", "What was agreed on the accounts", "财务约定", "accountsterms"),
    _part("11-accounts/bank", "Movements on the bank account", "银行流水", "bankline", ("text",)),
    _part("12-surveys/waves", "Surveys", "满意度调查", "surveywave", ("cells",)),
    _part("12-surveys/samples", "Samples", "抽样", "surveysample"),
    _part("12-surveys/figures", "Results by group", "分组结果", "surveyfigure"),
    _part("12-surveys/marked-items", "Items looked at more closely", "重点题项", "surveyitemmark"),
    _part("13-reviews/indicators", "Indicators", "服务指标", "indicatorfigure"),
    _part("13-reviews/reviews", "Reviews", "工作复盘与评估", "review", masks=True),
    _part("13-reviews/own-words", "The custodian's own words", "托管方自述", "reviewwords", masks=True),
    _part("13-reviews/problems", "Problems found, and what was answered", "发现的问题及答复", "reviewproblem", masks=True),
    _part("13-reviews/differences", "Where the marks differed", "评分分歧", "evaluationdifference", masks=True),
    _part("13-reviews/what-follows", "Tasks that follow the evaluation", "后续事项", "followuptask", masks=True),
    _part("13-reviews/joint-marks", "Marks of the joint evaluation", "共同评估评分", "jointscore", masks=True),
    _part("13-reviews/actions", "Improvement actions", "改进措施", "improvementaction", masks=True),
    _part("13-reviews/action-moves", "Actions given another day or post", "改进措施调整", "actionmove", masks=True),
    _part("14-decisions/questions", "Questions put to the parties", "提请各方决定的事项", "decisionrequest"),
    _part("14-decisions/decisions", "Decisions", "各方决定", "decision", masks=True),
    _part("15-audit/trail", "Audit trail", "操作审计", "auditevent"),
    _part("16-handover/items", "Handover list", "交接清单", "handoveritem", masks=True),
    _part("16-handover/receiver", "Who takes over", "接收方", "handoverreceiver"),
    _part("17-packs/packs", "Documents that were issued", "已签发文件", "pack"),
)  # fmt: skip
"""In the order of the folders."""

NOT_ARCHIVED: dict[str, LeftOut] = {
    "person": LeftOut.PEOPLE,
    **dict.fromkeys(
        (
            "invitation", "surveyresponse", "surveyanswer", "surveyresponselink", "surveycall", "surveypaperentry",
            "surveyframeunit", "surveysampleunit", "surveydigest", "surveyintake", "surveycodemiss",
        ),
        LeftOut.ANSWERS,
    ),
    **dict.fromkeys(("outboxmail", "deliveryattempt", "textmessage", "requestmessage"), LeftOut.LETTERS),
    **dict.fromkeys(
        ("incidentnotice", "meetingattendance", "bulletindelivery", "staffleave", "formershift"), LeftOut.CALLED
    ),
    **dict.fromkeys(
        (
            "cycle", "audithead", "mailboxrefusal", "mailboxbookmark", "storedfile", "specialsurveysetting",
            "importrowdoubt", "quarantinedrow", "conditionimport", "conditionrejection", "requestrowdoubt",
            "handoverarchive",
        ),
        LeftOut.MACHINE,
    ),
    "incidenttoken": LeftOut.LINKS,
}  # fmt: skip
"""Tables that stay behind; each table is here or in `PARTS`, and a test says which is in neither."""

WITHOUT: dict[tuple[str, str], LeftOut] = {
    ("servicerequest", "requester_ref"): LeftOut.PEOPLE,
    ("servicerequest", "source_id"): LeftOut.MACHINE,
    ("qualification", "number_hash"): LeftOut.PEOPLE,
    ("surveywave", "cells"): LeftOut.ANSWERS,
    ("bankline", "text"): LeftOut.PEOPLE,
    ("engagement", "simulated_on"): LeftOut.MACHINE,
    ("engagement", "special_since"): LeftOut.MACHINE,
    ("engagement", "version"): LeftOut.MACHINE,
}
"""Why a column of a table that is archived stays behind."""

FOLDERS: dict[str, tuple[str, str]] = {
    "01-agreed": ("What was agreed at first contact", "初步接洽约定"),
    "02-building": ("The building and its equipment", "房屋与设施设备"),
    "03-papers": ("Papers, with their files", "图纸资料及文件"),
    "04-condition": ("Condition at entry and at exit, with photos", "接管与移交时状况及照片"),
    "05-plan-and-contract": ("Service plan and contract", "服务方案与合同"),
    "06-work": ("Maintenance, rounds and work, with photos", "维保、巡检与作业及照片"),
    "07-team": ("The team, by reference", "服务团队（编号）"),
    "08-requests": ("Requests and complaints", "服务请求与投诉"),
    "09-owners": ("Meetings and bulletins", "业主沟通与通报"),
    "10-emergencies": ("Emergencies and drills", "突发事件与演练"),
    "11-accounts": ("Accounts", "财务账目"),
    "12-surveys": ("Surveys, in figures of groups", "满意度调查（汇总）"),
    "13-reviews": ("Reviews and improvements", "评估与改进"),
    "14-decisions": ("Decisions of both sides", "各方决定"),
    "15-audit": ("Audit trail", "操作审计"),
    "16-handover": ("Handover list", "交接清单"),
    "17-packs": ("Every document that was issued, as PDF and workbook", "全部已签发文件（PDF与表格）"),
}

_NOT_IN_NAMES = re.compile(r"[^\w.()\- ]+")
_NAME_BYTES = 120


def safe_name(text: str) -> str:
    """A text as one part of a path on any system: no separator, no leading dot, at most 120 bytes, never empty."""
    clean = re.sub(r"\s+", " ", _NOT_IN_NAMES.sub("_", text)).strip(" ._") or "file"
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > 8:
        stem, ending = clean, ""
    room = _NAME_BYTES - len(ending.encode()) - 1
    while len(stem.encode()) > room:
        stem = stem[:-1]
    name = f"{stem}.{ending}" if ending else stem
    return f"_{name}" if _RESERVED.fullmatch(name.split(".")[0]) else name


_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
"""Names a Windows disk does not take."""
