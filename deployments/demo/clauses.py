"""What was done for each clause? Counts read back from the database, for the table at the end."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from tasks.engagements import engagement_id, find_engagement


@dataclass(frozen=True)
class ClauseEvidence:
    """One clause, and what the database holds as its evidence."""

    clause: str
    subject: str
    evidence: str


_MINE = "engagement_id = :key"
_PLAN = "plan_id in (select id from serviceplan where engagement_id = :key and state = 'confirmed')"
_WAVE = "wave_id in (select id from surveywave where engagement_id = :key)"
_WORK = "select count(*) from workorder where engagement_id = :key and subject in"


def _done(subjects: str) -> tuple[tuple[str, str], ...]:
    return (
        ("work orders done", f"{_WORK} ({subjects}) and state = 'done'"),
        ("missed", f"{_WORK} ({subjects}) and state = 'missed'"),
    )


def _count(table: str, where: str = _MINE) -> str:
    return f"select count(*) from {table} where {where}"


_EVIDENCE: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "A1",
        "Intake",
        (
            ("demands agreed", _count("demand")),
            ("records mailed", _count("outboxmail", f"{_MINE} and kind = 'intake' and state = 'sent'")),
        ),
    ),
    (
        "A2",
        "Condition survey",
        (
            ("findings", _count("conditionfinding", f"{_MINE} and visit = 'entry'")),
            ("element classes graded", _count("elementcondition", f"{_MINE} and visit = 'entry'")),
        ),
    ),
    (
        "A3",
        "Document handover",
        (
            ("assets", _count("asset")),
            ("documents received", _count("documentitem", f"{_MINE} and state = 'received'")),
            ("missing", _count("documentitem", f"{_MINE} and state = 'missing'")),
            ("past jobs", _count("maintenancehistory")),
        ),
    ),
    (
        "A4",
        "Service plan",
        (
            ("commitments", _count("commitment", _PLAN)),
            ("posts", _count("planpost", _PLAN)),
            ("budget lines", _count("budgetline", _PLAN)),
            ("emergency plans", _count("emergencyplan", _PLAN)),
            (
                "confirmations",
                _count(
                    "decision",
                    f"verdict = 'accepted' and request_id in (select id from decisionrequest where {_MINE} and subject = 'plan')",
                ),
            ),
        ),
    ),
    (
        "A5",
        "Contract",
        (
            (
                "clauses",
                _count(
                    "contractclause",
                    f"contract_id in (select id from contract where {_MINE} and state = 'signed')",
                ),
            ),
            (
                "signatures",
                _count(
                    "decision",
                    f"request_id in (select id from decisionrequest where {_MINE} and subject = 'contract')",
                ),
            ),
            (
                "instalments paid",
                _count(
                    "instalment",
                    f"paid_on is not null and contract_id in (select id from contract where {_MINE})",
                ),
            ),
        ),
    ),
    (
        "B1",
        "Staff and training",
        (
            ("people on posts", _count("staffmember")),
            ("released for duty", _count("staffmember", f"{_MINE} and released_on is not null")),
            ("training results", _count("trainingrecord")),
        ),
    ),
    (
        "B2",
        "Rounds and maintenance",
        (
            *_done("'round','preventive_maintenance'"),
            ("repairs done", f"{_WORK} ('corrective') and state = 'done'"),
            ("parts reported ahead", _count("partforecast")),
            ("occurrences", _count("occurrence")),
        ),
    ),
    ("B3", "Cleaning", _done("'cleaning'")),
    ("B4", "Greening", _done("'greening'")),
    (
        "B5",
        "Security",
        (("shifts on post", _count("shiftrecord")), *_done("'security_patrol','cctv_check','fire_check'")),
    ),
    (
        "B6",
        "Service desk",
        (
            ("requests", _count("servicerequest")),
            ("closed", _count("servicerequest", f"{_MINE} and state = 'closed'")),
            ("rated", _count("servicerequest", f"{_MINE} and rating is not null")),
        ),
    ),
    (
        "B7",
        "Owners informed",
        (
            ("meetings held", _count("ownermeeting", f"{_MINE} and state = 'held'")),
            ("bulletins", _count("bulletin")),
            (
                "bulletin mails sent",
                _count("outboxmail", f"{_MINE} and kind = 'bulletin' and state = 'sent'"),
            ),
        ),
    ),
    (
        "B8",
        "Emergencies and drills",
        (
            ("emergencies", _count("incident", f"{_MINE} and not is_drill")),
            ("drills", _count("incident", f"{_MINE} and is_drill")),
            (
                "steps timed",
                _count(
                    "incidentstep",
                    f"done_at is not null and incident_id in (select id from incident where {_MINE})",
                ),
            ),
        ),
    ),
    (
        "C1",
        "Self-review",
        (
            ("monthly", _count("review", f"{_MINE} and kind = 'month'")),
            ("quarterly", _count("review", f"{_MINE} and kind = 'quarter'")),
            ("annual", _count("review", f"{_MINE} and kind = 'year'")),
            ("figures", _count("indicatorfigure")),
            ("workbooks of records", _count("pack", f"{_MINE} and kind = 'records'")),
            ("problems answered", _count("reviewproblem", f"{_MINE} and (action_ref <> '' or reason <> '')")),
        ),
    ),
    (
        "C2",
        "Accounts",
        (
            ("ledger entries", _count("ledgerentry")),
            ("statements", _count("statement")),
            ("reviewed by a second person", _count("statement", f"{_MINE} and reviewed_by <> ''")),
            ("audited", _count("statement", f"{_MINE} and state = 'audited'")),
            ("movements of the bank", _count("bankline")),
        ),
    ),
    (
        "C3",
        "Joint evaluation",
        (
            (
                "marks of both sides",
                _count("jointscore", f"review_id in (select id from review where {_MINE})"),
            ),
            (
                "differences settled",
                _count(
                    "evaluationdifference",
                    f"settled_on is not null and review_id in (select id from review where {_MINE})",
                ),
            ),
            ("tasks that follow", _count("followuptask")),
            (
                "decisions",
                _count(
                    "decision",
                    f"request_id in (select id from decisionrequest where {_MINE} and subject in ('evaluation','renewal'))",
                ),
            ),
        ),
    ),
    (
        "C4",
        "Handover",
        (
            ("items listed", _count("handoveritem")),
            ("returned", _count("handoveritem", f"{_MINE} and state = 'returned'")),
            ("in dispute", _count("handoveritem", f"{_MINE} and state = 'disputed'")),
            ("open matters", _count("handoveritem", f"{_MINE} and state = 'listed'")),
        ),
    ),
    (
        "D1",
        "Survey purpose",
        (("waves with a declared purpose", _count("surveywave", f"{_MINE} and purpose <> ''")),),
    ),
    (
        "D2",
        "Respondents",
        (
            ("owners and users in the frame", _count("person", f"{_MINE} and role in ('owner','tenant')")),
            ("strata", f"select count(distinct stratum) from invitation where {_WAVE}"),
        ),
    ),
    (
        "D3",
        "Survey cycle",
        (("quarterly waves", _count("surveywave", f"{_MINE} and closed_on is not null")),),
    ),
    (
        "D4",
        "Survey modes",
        (
            ("invited", _count("invitation", _WAVE)),
            ("answered", _count("surveyresponse", _WAVE)),
            ("modes used", f"select count(distinct mode) from surveyresponse where {_WAVE}"),
        ),
    ),
    (
        "D5",
        "Survey analysis",
        (
            ("figures with intervals", _count("surveyfigure", f"{_WAVE} and not suppressed")),
            ("withheld for small n", _count("surveyfigure", f"{_WAVE} and suppressed")),
        ),
    ),
    (
        "D6",
        "Loop closed",
        (
            ("actions opened by surveys", _count("improvementaction", f"{_MINE} and ref like 'survey:%'")),
            (
                "shown to have worked",
                _count("improvementaction", f"{_MINE} and ref like 'survey:%' and state = 'verified'"),
            ),
            (
                "judged otherwise",
                _count(
                    "improvementaction",
                    f"{_MINE} and ref like 'survey:%' and state in ('not_demonstrated','worsened','insufficient_n','not_comparable')",
                ),
            ),
        ),
    ),
    (
        "E4",
        "Mail",
        (
            ("sent", _count("outboxmail", f"{_MINE} and state = 'sent'")),
            ("failed", _count("outboxmail", f"{_MINE} and state = 'failed'")),
            ("uncertain", _count("outboxmail", f"{_MINE} and state = 'uncertain'")),
            ("packs", _count("pack")),
        ),
    ),
)
"""Clause, its subject, and what to count; every query names the engagement by `:key`."""


def clause_evidence(session: Session, code: str) -> list[ClauseEvidence]:
    """What the database holds for each clause of an engagement, in the order of the clauses."""
    key = engagement_id(find_engagement(session, code))
    connection = session.connection()
    return [
        ClauseEvidence(
            clause,
            subject,
            ", ".join(
                f"{connection.execute(text(query), {'key': key}).scalar_one()} {label}"
                for label, query in counts
            ),
        )
        for clause, subject, counts in _EVIDENCE
    ]
