"""The gate: one question to one party, answered in the Prefect UI by a typed form."""

from datetime import timedelta
from typing import Literal

from prefect import flow
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput

from tasks.gates import load_gate, record_gate_decision

GATE_TIMEOUT = timedelta(days=60)


class DecisionForm(RunInput):
    """What the deciding person fills in. The UI knows no identities: the name is recorded as declared."""

    verdict: Literal["accepted", "rejected", "renew", "change", "end"]
    your_name_or_reference: str
    remark: str = ""


@flow(name="decide", flow_run_name="{engagement}/{subject}-{reference}/{party}")
def decide(
    engagement: str,
    subject: Literal["plan", "contract", "accounts", "evaluation", "renewal", "handover"],
    reference: str,
    party: Literal["client", "custodian"],
) -> str:
    """Wait for a party's decision on one document, and record it on the hash of exactly those bytes.

    Resume the run in the UI and fill in the form. Nothing happens before the answer; silence is never a yes.

    Args:
        engagement: code of the engagement.
        subject: what is decided.
        reference: which one, for example 1 for plan version 1.
        party: who is asked.
    """
    gate = load_gate(engagement, subject, reference, party)
    if gate is None:
        return "This question is not open: it was decided, withdrawn or never asked."
    form = suspend_flow_run(
        wait_for_input=DecisionForm.with_initial_data(
            description=(
                f"**{gate.question}**\n\nDocument: [{gate.document_sha256[:12]}]({gate.link}) · "
                f"please answer by {gate.due_on}. Verdicts: {', '.join(gate.verdicts)}."
            )
        ),
        key=f"decision-{gate.id}",
        timeout=int(GATE_TIMEOUT.total_seconds()),
    )
    return record_gate_decision(gate, form.verdict, form.your_name_or_reference, form.remark)
