"""The gate: one question to one party, answered in the Prefect UI by a typed form."""

from datetime import timedelta
from typing import Literal

from prefect import flow
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput

from tasks.dispatching import dispatch_due_cycles
from tasks.gates import close_settled_gates, load_gate, record_gate_decision

GATE_TIMEOUT = timedelta(days=60)


class ConfirmationForm(RunInput):
    """What the deciding person fills in. The UI knows no identities: the name is recorded as declared."""

    verdict: Literal["accepted", "rejected"]
    your_name_or_reference: str
    remark: str = ""


class RenewalForm(RunInput):
    """The same for the question of how to go on."""

    verdict: Literal["renew", "change", "end"]
    your_name_or_reference: str
    remark: str = ""


@flow(name="decide", flow_run_name="{engagement}/{subject}-{reference}/{party}")
def decide(
    engagement: str,
    subject: Literal[
        "intake", "plan", "contract", "accounts", "evaluation", "renewal", "early_end", "handover", "parts"
    ],
    reference: str,
    party: Literal["client", "custodian", "receiver"],
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
    asked = RenewalForm if subject == "renewal" else ConfirmationForm
    form = suspend_flow_run(
        wait_for_input=asked.with_initial_data(description=gate.description),
        key=f"decision-{gate.id}",
        timeout=int(GATE_TIMEOUT.total_seconds()),
    )
    recorded = record_gate_decision(gate, form.verdict, form.your_name_or_reference, form.remark)
    close_settled_gates(engagement)  # one side's no settles the question for both
    dispatch_due_cycles(engagement, None)  # what the decision sets in motion starts now, not at the next tick
    return recorded
