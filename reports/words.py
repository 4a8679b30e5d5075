"""With which words, in Chinese or English, does a report name a code, an amount, a share or a day?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from models.engagement import Engagement
from models.rules.evaluation import DIMENSION_LABELS
from models.rules.periods import Period, PeriodKind
from models.rules.rhythm import MONTHS
from reports.labels import words_for
from reports.pack import Language

Vocabulary = Mapping[str, tuple[str, str]]
"""Code -> (English, Chinese). A code that is not listed is printed as it stands, never dropped."""

SYMBOLS: Mapping[str, str] = {"CNY": "¥", "USD": "$", "GBP": "£", "EUR": "€"}
NOTHING = "—"
"""Stands in a cell that does not apply; what was not measured is said in words instead."""

CLAUSES: Vocabulary = {
    "A1": ("Intake", "需求确认"),
    "A2": ("Condition survey", "现场勘查"),
    "A3": ("Document handover", "资料移交"),
    "A4": ("Service plan", "服务方案"),
    "A5": ("Contract", "合同"),
    "B1": ("Staffing and training", "人员配置与岗前培训"),
    "B2": ("Rounds, preventive maintenance, repairs", "巡检、预防性维护与维修"),
    "B3": ("Cleaning", "清洁卫生"),
    "B4": ("Greening", "绿化养护"),
    "B5": ("Security around the clock", "24小时安保服务"),
    "B6": ("Service desk", "客户服务"),
    "B7": ("Owner meetings and bulletins", "业主沟通与信息通报"),
    "B8": ("Emergency plans and drills", "应急预案与演练"),
    "C1": ("Periodic reviews", "定期服务评估"),
    "C2": ("Financial reports", "财务报告"),
    "C3": ("Joint evaluation", "联合评估"),
    "C4": ("Handover", "交接与移交"),
    "D1": ("Purpose of surveys", "满意度调查目的"),
    "D2": ("Respondents", "调查对象"),
    "D3": ("Survey cycle", "调查周期"),
    "D4": ("Survey modes", "调查方式"),
    "D5": ("Survey method", "调查方法"),
    "D6": ("Improvement after surveys", "调查后改进"),
}
SUBJECTS: Vocabulary = {
    "preventive_maintenance": ("Preventive maintenance", "预防性维护"),
    "round": ("Inspection round", "日常巡检"),
    "cleaning": ("Cleaning", "清洁"),
    "greening": ("Greening", "绿化"),
    "security_post": ("Security post", "门岗值守"),
    "security_patrol": ("Security patrol", "巡逻检查"),
    "cctv_check": ("CCTV check", "监控系统检查"),
    "fire_check": ("Fire-facility check", "消防设施检查"),
    "service_desk": ("Service desk", "客户服务"),
    "training": ("Training", "培训"),
    "drill": ("Drill", "应急演练"),
    "emergency": ("Emergency", "应急处置"),
    "meeting": ("Owner meeting", "业主沟通会"),
    "bulletin": ("Bulletin", "信息通报"),
    "survey": ("Satisfaction survey", "满意度调查"),
    "review": ("Review", "服务评估"),
    "report": ("Report", "报告"),
    "corrective": ("Corrective work", "维修"),
}
MAINTENANCE_PARTS: Vocabulary = {
    "1-daily": ("daily (at least once a week)", "日常维护（每周及以上）"),
    "2-periodic": ("periodic", "定期保养"),
    "3-special": ("special (once, or when needed)", "专项维修（一次性或按需）"),
}
COST_ITEMS: Vocabulary = {
    "staff": ("Staff pay, insurance, welfare", "人员工资、社会保险和福利"),
    "operation": (
        "Operation and upkeep of common parts and equipment",
        "共用部位、共用设施设备日常运行维护",
    ),
    "cleaning": ("Cleaning", "清洁卫生"),
    "greening": ("Greening", "绿化养护"),
    "order": ("Order keeping", "秩序维护"),
    "office": ("Office", "办公费用"),
    "depreciation": ("Depreciation of the custodian's fixed assets", "固定资产折旧"),
    "insurance": ("Insurance of common parts and public liability", "共用部位及公众责任保险"),
    "other": ("Others agreed by the owners (contingency)", "业主同意的其他费用（预备费）"),
    "remuneration": ("Custodian's remuneration or profit", "托管酬金（利润）"),
    "tax": ("Tax", "税费"),
    "fee": ("Custody fee", "托管服务费"),
    "fee_arrears": ("Custody fee: arrears of earlier periods", "托管服务费（收回以前欠费）"),
    "fee_advance": ("Custody fee: paid in advance", "托管服务费（预收）"),
    "parking": ("Parking service", "停车服务收入"),
    "other_income": ("Other income", "其他收入"),
    "service_credit": ("Service credit", "服务扣款"),
}
FUNDS: Vocabulary = {
    "service": ("Service money", "服务费资金"),
    "common_income": ("Income from common parts (the owners')", "公共收益（归业主所有）"),
    "deposit": ("Deposits held", "代管押金、保证金"),
    "utilities": ("Utilities collected for others", "代收代付水电等费用"),
    "maintenance_fund": ("Special maintenance fund", "专项维修资金"),
}
LEDGER_ITEMS: Vocabulary = {
    **COST_ITEMS,
    **{fund: words for fund, words in FUNDS.items() if fund != "service"},
}
"""Every item a voucher may be booked to."""
POSTS: Vocabulary = {
    "manager": ("Property manager", "项目经理"),
    "service_agent": ("Service agent", "客服专员"),
    "technician": ("Maintenance technician", "综合维修技工"),
    "electrician": ("Electrician", "电工"),
    "fire_operator": ("Fire control room operator", "消防控制室值班员"),
    "gate_guard": ("Gate guard", "门岗秩序员"),
    "patrol_guard": ("Patrol guard", "巡逻秩序员"),
    "cleaner": ("Cleaner", "保洁员"),
    "gardener": ("Gardener", "绿化工"),
    "accountant": ("Accountant", "会计"),
    "monitoring_centre": ("Shared monitoring centre", "共享监控中心"),
    "lift_technician": ("Lift technician (licensed firm)", "电梯维保人员（持证单位）"),
    "fire_technician": ("Fire technician (licensed firm)", "消防维保人员（持证单位）"),
    "specialist": ("Specialist or test body", "专业检测与专项作业单位"),
}
EMERGENCIES: Vocabulary = {
    "fire": ("Fire", "火灾"),
    "burst_pipe": ("Burst pipe", "水管爆裂"),
    "power_cut": ("Power cut", "停电"),
    "severe_weather": ("Severe weather", "恶劣天气"),
    "lift_entrapment": ("Lift entrapment", "电梯困人"),
    "gas_leak": ("Gas leak", "燃气泄漏"),
    "flood": ("Flood and backflow", "水浸与倒灌"),
    "public_health": ("Public-health event", "公共卫生事件"),
}
REQUEST_KINDS: Vocabulary = {
    "repair": ("Repair", "报修"),
    "enquiry": ("Enquiry", "咨询"),
    "complaint": ("Complaint", "投诉"),
    "suggestion": ("Suggestion", "建议"),
}
PRIORITIES: Vocabulary = {
    "emergency": ("Emergency", "紧急"),
    "urgent": ("Urgent", "急"),
    "normal": ("Normal", "一般"),
    "low": ("Low", "不急"),
}
STAGES: Vocabulary = {
    "intake": ("Intake", "需求确认"),
    "due_diligence": ("Due diligence", "前期筹备与深入调研"),
    "plan_confirmation": ("Plan confirmation", "方案确认"),
    "contracting": ("Contracting", "合同签订"),
    "mobilisation": ("Mobilisation", "进场准备"),
    "in_service": ("In service", "服务执行"),
    "evaluation": ("Evaluation", "联合评估"),
    "handover": ("Handover", "交接"),
    "closed": ("Closed", "已结束"),
    "withdrawn": ("Withdrawn", "已终止"),
}
STATES: Vocabulary = {
    "met": ("met", "达标"),
    "missed": ("missed", "未达标"),
    "undetermined": ("undetermined", "无法判定"),
    "no_data": ("no data", "无数据"),
    "not_applicable": ("not assessed", "不考核"),
    "submitted": ("submitted", "已提交，待确认"),
    "confirmed": ("confirmed by both sides", "双方已确认"),
    "returned": ("returned for correction", "退回修改"),
    "superseded": ("superseded", "已被新版本取代"),
    "offered": ("offered, not signed", "待签署"),
    "signed": ("signed", "已签署"),
    "ended": ("ended", "已终止"),
    "compiled": ("compiled, not yet audited", "已编制，待审核"),
    "reviewed": ("reviewed, with the client for audit", "已复核，待委托方审核"),
    "audited": ("audited", "已审核"),
    "reported": ("reported ahead", "已提前报备"),
    "approved": ("approved", "已批准"),
    "refused": ("refused by the client", "委托方未同意"),
    "replaced": ("replaced", "已更换"),
    "called": ("called", "已通知"),
    "held": ("held", "已召开"),
}
ACTION_STATES: Vocabulary = {
    "open": ("open", "整改中"),
    "done": ("done, effect not yet tested", "已完成，待验证"),
    "verified": ("shown to have worked", "已验证有效"),
    "not_demonstrated": ("no effect demonstrated", "未能证明有效"),
    "worsened": ("got worse", "情况变差"),
    "insufficient_n": ("too few answers to tell", "样本不足，无法判断"),
    "not_comparable": ("waves not comparable", "前后调查不可比"),
}
DOCUMENT_STATES: Vocabulary = {
    "missing": ("missing", "缺失"),
    "partial": ("received in part", "部分收到"),
    "received": ("received", "已收到"),
    "waived": ("waived by both sides", "双方同意免交"),
}
DOCUMENT_KINDS: Vocabulary = {
    "drawings": ("Drawings", "图纸资料"),
    "permits": ("Permits and acceptance", "许可与验收"),
    "equipment": ("Equipment", "设备台账"),
    "history": ("Maintenance history", "历史维保记录"),
    "owners": ("Owners and users", "业主信息"),
    "money": ("Money and contracts", "财务与合同"),
    "property": ("Property", "实物"),
    "register": ("Named in the register", "台账所列资料"),
}
HANDOVER_KINDS: Vocabulary = {
    "asset": ("Assets", "设施设备"),
    "document": ("Papers", "资料"),
    "account": ("Accounts", "账目"),
    "money": ("Money", "资金"),
    "meter": ("Meters", "计量读数"),
    "belonging": ("Rooms, keys and tools", "用房、钥匙与工具"),
    "action": ("Improvement actions", "改进措施"),
    "order": ("Work orders", "工单"),
    "request": ("Service requests", "服务请求"),
    "emergency": ("Emergencies not closed", "未结突发事件"),
    "permit": ("Work permits in force", "有效作业许可"),
    "part": ("Wear parts reported", "已报备易损件"),
    "staff": ("People on posts", "在岗人员"),
    "instalment": ("Fees not paid", "未付服务费"),
    "statement": ("Accounts not audited", "待审核财务报表"),
}
HANDOVER_STATES: Vocabulary = {
    "listed": ("not yet returned", "待移交"),
    "returned": ("returned", "已移交"),
    "disputed": ("disputed", "有争议"),
}
MATTER_STATES: Vocabulary = {
    "listed": ("open", "未了结"),
    "returned": ("open, taken over", "未了结，接收方已知悉"),
    "disputed": ("disputed", "有争议"),
    "settled": ("settled", "已了结"),
}
"""Of what is open at the handover; the list of things to give back has its own."""
SEVERITIES: Vocabulary = {
    "minor": ("minor", "轻微"),
    "serious": ("serious", "较重"),
    "critical": ("critical", "严重"),
}
DIMENSIONS: Vocabulary = DIMENSION_LABELS
DIFFERENCES: Vocabulary = {**DIMENSION_LABELS, "judgement": ("The evaluation as a whole", "整体评估结论")}
FOLLOW_UPS: Vocabulary = {
    "changes_agreed": ("Agree on what changes in scope, standard or fee", "商定服务范围、标准或费用的调整"),
    "new_plan": ("Draw up the service plan of the new term", "编制新一期服务方案"),
    "plan_confirmed": ("Confirm the new plan, both sides", "双方确认新方案"),
    "new_contract": ("Sign the contract of the new term", "签订新一期合同"),
    "open_actions_carried": ("Carry open improvement actions into the new term", "未完成改进措施转入新一期"),
    "handover_list": ("Draw up the handover list", "编制移交清单"),
    "people_told": ("Tell owners, users, staff and suppliers", "告知业主、使用人、员工与供应商"),
    "exit_survey": ("Hold the exit survey", "完成移交前勘查"),
    "list_counted": ("Count the handover list item by item", "逐项清点移交清单"),
    "final_accounts": ("Put the final accounts to audit", "完成最终财务报表审核"),
    "protocol_accepted": ("Accept the handover protocol, both sides", "双方确认物业交接书"),
}
GROUNDS: Vocabulary = {
    "agreement": ("by agreement", "协商一致"),
    "breach": ("for breach of the contract", "因违约"),
    "notice": ("by notice in the agreed time", "按约定期限通知"),
}
PROPERTY_TYPES: Vocabulary = {
    "residential": ("Residential", "住宅"),
    "commercial": ("Commercial", "商业"),
    "office": ("Office", "写字楼"),
    "mixed": ("Mixed use", "综合体"),
    "all": ("All respondents", "全部受访者"),
}
SURVEY_PURPOSES: Vocabulary = {
    "overall": ("the overall level of service", "全面评估服务水平"),
    "special": ("one special service", "专项了解某项服务"),
    "risk": ("risks and room for improvement", "发现潜在风险与改进机会"),
}
SURVEY_MODES: Vocabulary = {
    "online": ("Online", "线上问卷"),
    "paper": ("Paper", "纸质问卷"),
    "telephone": ("Telephone", "电话"),
}
FEE_MODELS: Vocabulary = {
    "lump_sum": ("lump sum", "包干制"),
    "cost_plus_fee": ("cost plus fee", "酬金制"),
}
LANGUAGES: Vocabulary = {"zh": ("Chinese", "中文"), "en": ("English", "英文")}
VERDICTS: Vocabulary = {
    "accepted": ("accepted", "同意"),
    "rejected": ("not accepted", "不同意"),
    "renew": ("renew", "续约"),
    "change": ("renew with changes", "调整后续约"),
    "end": ("end", "到期终止"),
}
PATHS: Vocabulary = {
    "renew": ("both sides renew", "双方续约"),
    "change": ("both sides renew with changes", "双方调整后续约"),
    "end": ("the custody ends", "托管终止"),
}
RECEIVER_KINDS: Vocabulary = {
    "custodian": ("the next custodian", "新托管方"),
    "committee": ("the owners' committee", "业主委员会"),
}
PARTIES: Vocabulary = {"client": ("Client", "委托方"), "custodian": ("Custodian", "托管方")}
SIGNATORIES: Vocabulary = {**PARTIES, "receiver": ("Receiving party", "接收方")}
"""Of the handover protocol: both sides, and who takes over."""


_MARK = re.compile(r" \[(verified|secondary|memory)\]")
_BASES_ZH = {
    "change of manager, list of papers": "物业服务人更换时的移交资料清单",
    "trade practice": "行业惯例",
    "local rules on secondary water supply (e.g. Sichuan)": "地方二次供水规定（如四川）",
    "local rules on secondary water supply": "地方二次供水规定",
    "local rules on facades (5 years)": "地方外墙安全规定（5年）",
    "local rules (6 to 12 months)": "地方规定（6至12个月）",
    "lift rescue drill at least yearly (TSG T5002 family)": "电梯救援演练每年至少一次（TSG T5002系列）",
    "MPS Order 61": "公安部令第61号",
    "CMA Orders 20/24": "中国气象局令第20号、第24号",
    "(key fire-safety units: half-yearly)": "（消防安全重点单位每半年）",
    "(others: yearly)": "（其他单位每年）",
    "(public gathering places half-yearly, others yearly)": "（公众聚集场所每半年，其他每年）",
    "(control-room duty 24 h, two persons)": "（消防控制室24小时双人值班）",
    "(boilers, external inspection yearly)": "（锅炉每年外部检验）",
    "(1 to 3 years by item)": "（按项目1至3年）",
    ", daily check by the safety officer": "，安全员每日检查",
    "monthly functional check": "月度功能检查",
    "half-yearly list": "半年维保项目",
    "quarterly list": "季度维保项目",
    "yearly list": "年度维保项目",
    "method GB/T": "方法GB/T",
    "; ": "；",
}
"""How the catalogue words the sources of its duties and papers, to Chinese; the longer before what it holds."""


def basis_zh(basis: str) -> str:
    """The source of a duty or a paper in Chinese; numbers of standards stay as they are."""
    for english, chinese in _BASES_ZH.items():
        basis = basis.replace(english, chinese)
    return re.sub(r" ?Art\. ([\d.]+)", r"第\1条", basis)


@dataclass(frozen=True, slots=True)
class Voice:
    """The language, currency and time zone one report is written in."""

    language: Language
    currency: str
    zone: str

    def __call__(self, en: str, zh: str) -> str:
        """The one of two texts that is in the report's language."""
        return zh if self.language == "zh" else en

    def word(self, vocabulary: Vocabulary, code: str) -> str:
        """A code in words; an unknown one as it stands."""
        en, zh = vocabulary.get(code, (code, code))
        return self(en, zh)

    @property
    def no_data(self) -> str:
        """What stands where nothing was measured."""
        return words_for(self.language).no_data

    @property
    def money_unit(self) -> str:
        """The unit behind an amount in a chart or a heading."""
        return "元" if self.language == "zh" and self.currency == "CNY" else self.currency

    def share(self, value: Decimal | None) -> str:
        """A share in percent, or "no data" in words."""
        return share(value, self.language)

    def cell(self, amount: Decimal | None) -> str:
        """An amount for a table whose heading names the currency."""
        return self.no_data if amount is None else f"{amount:,.2f}"

    def money(self, amount: Decimal) -> str:
        """An amount with its currency, for a sentence."""
        return money(amount, self.currency)

    def day(self, day: date) -> str:
        """A day for a sentence."""
        return day_words(day, self.language)

    def instant(self, at: datetime) -> str:
        """An instant for a table, on the property's own clock to the minute."""
        return at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")

    def basis(self, text: str) -> str:
        """The basis of a duty without the catalogue's marks of how sure its sources are, but never surer than it is.

        Several may follow one another, each with its mark; the catalogue words them in English.
        """
        unsure = self(" (to be confirmed)", "（待核实）")
        basis = _MARK.sub(lambda found: "" if found[1] == "verified" else unsure, text)
        return basis_zh(basis) if self.language == "zh" else basis

    def counted(self, count: int, one: str, many: str, zh: str) -> str:
        """A count with its noun: "1 defect", "2 defects", "2项缺陷" (`zh` holds the measure word too)."""
        return f"{count:,}{zh}" if self.language == "zh" else f"{count:,} {one if count == 1 else many}"

    def listed(self, names: list[str]) -> str:
        """Names one after the other."""
        if self.language == "zh":
            return "、".join(names)
        return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + "".join(names[-1:])

    def sentences(self, *parts: str) -> str:
        """Sentences put together to a paragraph; empty ones are left out."""
        return self(" ", "").join(part for part in parts if part)


_OWN_SHARE: Vocabulary = {
    "lump_sum": ("Custodian's profit", "托管利润"),
    "cost_plus_fee": ("Custodian's remuneration", "托管酬金"),
}


def cost_item_name(code: str, fee_model: str, voice: Voice) -> str:
    """A cost item in words; what the custodian earns is profit in a lump sum, a remuneration in cost plus fee."""
    if code == "remuneration" and fee_model in _OWN_SHARE:
        return voice.word(_OWN_SHARE, fee_model)
    return voice.word(COST_ITEMS, code)


def voice_of(engagement: Engagement) -> Voice:
    """The voice of an engagement's documents: Chinese for `zh`, `zh-CN`, ...; else English."""
    language: Language = "zh" if engagement.language.lower().startswith("zh") else "en"
    return Voice(language, engagement.currency, engagement.timezone)


def money(amount: Decimal, currency: str) -> str:
    """An amount as "¥1,234.50" or "-$3.00"; a currency without a sign of its own as "CHF 1,234.50"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{abs(amount):,.2f}"


def share(value: Decimal | None, language: Language) -> str:
    """A share (1 is the whole) as "97.3%", or "no data" in words.

    Written like the charts of the same document, without a blank, so that the workbook can read a number.
    """
    return words_for(language).no_data if value is None else f"{percent(value)}%"


def percent(value: Decimal, limit: Decimal | None = None) -> Decimal:
    """A share in percent with one decimal place, and more where one would tell an untruth.

    999 of 1,000 is never "100.0", and a value beside a `limit` it does not equal is not written like it:
    94.96 against 95 stays on its side of it.
    """
    for places in range(1, 5):
        shown = (value * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        marks = (Decimal(0), Decimal(1)) if limit is None else (Decimal(0), Decimal(1), limit)
        if all(shown != mark * 100 or value == mark for mark in marks):
            break
    return shown


def day_words(day: date, language: Language) -> str:
    """A day as "5 March 2027" or "2027年3月5日"."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def period_words(label: str, language: Language) -> str:
    """A period's label in words: "March 2027", "2027年第1季度"; any other label as it stands."""
    if label.startswith("special:"):
        return ("专项调查：" if language == "zh" else "special survey: ") + label.removeprefix("special:")
    try:
        period = Period.parse(label)
    except ValueError:
        return label
    year, month = period.first.year, period.first.month
    quarter = (month + 2) // 3
    if language == "zh":
        return {
            PeriodKind.MONTH: f"{year}年{month}月",
            PeriodKind.QUARTER: f"{year}年第{quarter}季度",
            PeriodKind.YEAR: f"{year}年",
        }[period.kind]
    return {
        PeriodKind.MONTH: f"{MONTHS[month - 1]} {year}",
        PeriodKind.QUARTER: f"quarter {quarter} of {year}",
        PeriodKind.YEAR: f"{year}",
    }[period.kind]
