"""Which columns hold the reference of a person? What is held of somebody is found by them, and by nothing else (A3)."""

from enum import StrEnum


class Why(StrEnum):
    """Why a row stays when its person is erased, under the reference alone."""

    CONTRACT = "evidence of what both sides decided and were told"
    SERVICE = "evidence that the service was asked for and given, masked, on which fees and reviews rest"
    SAFETY = "evidence of safety: who was qualified, on watch, called or permitted"
    COUNTED = "counts of the survey; it never pointed to an answer"


REFERENCES: dict[str, tuple[tuple[str, ...], Why]] = {
    "bulletindelivery": (("posted_by", "taken_down_by"), Why.SERVICE),
    "cameracheck": (("staff_ref",), Why.SAFETY),
    "decision": (("declared_by",), Why.CONTRACT),
    "documentitem": (("received_from", "received_by", "signature_ref"), Why.CONTRACT),
    "earlyend": (("recorded_by",), Why.CONTRACT),
    "evaluationdifference": (("settled_by",), Why.CONTRACT),
    "followuptask": (("done_by",), Why.CONTRACT),
    "formershift": (("staff_ref",), Why.SAFETY),
    "handoverreceiver": (("contact_ref",), Why.CONTRACT),
    "incidententry": (("staff_ref",), Why.SAFETY),
    "incidentnotice": (("person_ref",), Why.SAFETY),
    "incidentstep": (("staff_ref",), Why.SAFETY),
    "incidenttoken": (("person_ref",), Why.SAFETY),
    "invitation": (("person_ref",), Why.COUNTED),
    "meetingattendance": (("person_ref",), Why.CONTRACT),
    "outboxmail": (("person_ref",), Why.CONTRACT),
    "patrolscan": (("staff_ref",), Why.SAFETY),
    "permit": (("holder", "issued_by", "closed_by"), Why.SAFETY),
    "qualification": (("staff_ref",), Why.SAFETY),
    "qualityinspection": (("staff_ref",), Why.SERVICE),
    "requestevent": (("staff_ref",), Why.SERVICE),
    "requestmessage": (("sender_ref",), Why.SERVICE),
    "reviewproblem": (("answered_by",), Why.SERVICE),
    "reviewwords": (("written_by",), Why.SERVICE),
    "rostershift": (("staff_ref",), Why.SAFETY),
    "servicerequest": (("requester_ref",), Why.SERVICE),
    "shiftrecord": (("staff_ref",), Why.SAFETY),
    "staffleave": (("staff_ref",), Why.SERVICE),
    "staffmember": (("ref",), Why.SAFETY),
    "statement": (("prepared_by", "reviewed_by"), Why.CONTRACT),
    "stockmovement": (("staff_ref",), Why.SERVICE),
    "textmessage": (("person_ref",), Why.SAFETY),
    "trainingrecord": (("staff_ref",), Why.SAFETY),
    "variancereason": (("given_by",), Why.CONTRACT),
    "workrecord": (("staff_ref",), Why.SERVICE),
}
"""Columns by table; `Person` itself is the only table that says who a reference is."""

NO_PERSON = {
    *(("conditionfinding", "ref"), ("conditioninspection", "ref"), ("conditionphoto", "finding_ref")),
    *(
        ("demand", "ref"),
        ("documentitem", "ref"),
        ("documentreminder", "document_ref"),
        ("handoveritem", "ref"),
    ),
    *(
        ("improvementaction", "ref"),
        ("incident", "ref"),
        ("incidentloss", "ref"),
        ("meetingresolution", "ref"),
    ),
    *(("reviewproblem", "ref"), ("reviewproblem", "action_ref"), ("evaluationdifference", "settle_by")),
    *(("surveyframeunit", "ref"), ("surveysampleunit", "ref"), ("person", "ref"), ("auditevent", "who")),
    *(("formershift", "replaced_by"), ("partforecast", "replace_by"), ("partforecast", "report_by")),
    *(("decision", "authenticated_by"), ("incidenttoken", "used_by"), ("occurrence", "absorbed_by")),
    ("workorder", "respond_by"),
}
"""Columns named like one of the above that hold the reference of a thing, a day, or a way; the audit trail is never changed."""
