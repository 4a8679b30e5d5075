"""Can a request be carried from its receipt to its rating at the command line, and files be read? (B6)"""

from datetime import date
from email.message import EmailMessage
from pathlib import Path

from tasks.engagements import set_simulated_date
from tests.deployments.conftest import Steward


def test_a_request_is_taken_answered_held_settled_opened_again_and_rated(
    sqlite_in_service: str, steward: Steward
) -> None:
    code = sqlite_in_service
    words = (
        "request",
        "new",
        code,
        "--kind",
        "repair",
        "--text",
        "Tap drips, call 13812345678",
        "--place",
        "1F-LOBBY",
    )
    taken = steward(*words, "--at", "2027-01-05T09:00", "--json")
    assert taken.code == 0, taken.err
    number = taken.json["number"]
    assert taken.json["text"] == "Tap drips, call [telephone]"
    assert (taken.json["response"]["due"], taken.json["resolution"]["due"]) == (
        "2027-01-05 13:00",
        "2027-01-07 09:00",
    )
    assert [order["state"] for order in taken.json["work_orders"]] == ["released"]
    twin = steward(
        *words[:-3], "Tap drips again", "--place", "1F-LOBBY", "--at", "2027-01-05T10:00", "--json"
    )
    assert [hint["number"] for hint in twin.json["likely_duplicates"]] == [number]
    for act, at in (
        (("assign", "--to", "staff-technician-1"), "2027-01-05T09:10"),
        (("respond", "--by", "staff-technician-1"), "2027-01-05T09:30"),
        (("pause", "--reason", "material"), "2027-01-05T10:00"),
    ):
        done = steward("request", act[0], code, number, *act[1:], "--at", at, "--json")
        assert done.code == 0, done.err
    held = steward("request", "list", code, "--at", "2027-01-09T09:00", "--json").json
    shown = {row["number"]: row for row in held}[number]
    assert (shown["state"], shown["answer"], shown["settling"], shown["due"]) == (
        "waiting",
        "met",
        "open",
        "held",
    )
    assert shown["assigned_to"] == "staff-technician-1"
    refused = steward("request", "reopen", code, number, "--at", "2027-01-09T09:00")
    assert refused.code == 1
    assert "that is waiting cannot be reopened; legal is assigned, resumed" in refused.err.replace("\n", " ")
    steward("request", "resume", code, number, "--at", "2027-01-09T10:00")
    settled = steward("request", "resolve", code, number, "--at", "2027-01-09T12:00")
    assert "it is resolved" in settled.out
    assert "Settling: met, 3.0 of 48.0 h" in settled.out
    assert steward("request", "rate", code, number, "4", "--json").json["rating"] == 4
    assert steward("request", "call-back", code, number, "--at", "2027-01-09T13:00", "--json").json[
        "called_back"
    ]
    again = steward("request", "reopen", code, number, "--at", "2027-01-10T12:00", "--json").json
    assert (again["state"], again["reopened"], again["hours_settled_before_reopening"]) == (
        "responded",
        1,
        24.0,
    )
    assert again["resolution"]["used_hours"] == 3.0
    assert "settled" in steward("request", "rate", code, number, "4").err
    assert "recorded so before" in steward("request", "reopen", code, number, "--at", "2027-01-10T12:00").out


def test_a_request_about_a_machine_is_work_on_it_and_keeps_its_place(
    sqlite_in_service: str, steward: Steward
) -> None:
    code = sqlite_in_service
    new = ("request", "new", code, "--kind", "repair", "--text", "Noise from the pump at night")
    taken = steward(*new, "--asset", "PUMP-1", "--at", "2027-01-05T09:00", "--json").json
    assert (taken["asset"], taken["place"]) == ("PUMP-1", "B1-PUMP")
    order = steward("work", "show", code, str(taken["work_orders"][0]["id"]), "--json").json
    assert order["target"] == "PUMP-1"
    twin = steward(*new[:-1], "Pump: at night again noise", "--at", "2027-01-05T10:00", "--json").json
    assert [hint["number"] for hint in twin["likely_duplicates"]] == [taken["number"]], "told in other order"
    for wrong in (("--place", "MOON"), ("--asset", "PUMP-99")):
        refused = steward(*new, *wrong)
        assert (refused.code, f"{wrong[1]!r} in the register" in refused.err.replace("\n", " ")) == (1, True)
    assert len(steward("request", "list", code, "--json").json) == 2


def test_an_order_made_of_a_mail_shows_its_thread_and_its_files(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = "unit-001@residents.example.com", "<lamp@x>"
    mail["Subject"], mail["Date"] = "Lobby", "Thu, 05 Nov 2026 06:45:00 +0000"
    mail.set_content("The lamp flickers")
    mail.add_attachment(b"picture", maintype="image", subtype="jpeg", filename="lamp.jpg")
    (tmp_path / "lamp.eml").write_bytes(mail.as_bytes())
    (taken,) = steward("request", "mail", code, str(tmp_path / "lamp.eml"), "--json").json
    thread = steward("request", "convert", code, taken["number"], "--json").json
    order = str(thread["work_orders"][0]["id"])
    found = steward("work", "show", code, order, "--json").json
    assert found["title"] == "Lobby The lamp flickers"
    assert found["request"]["number"] == taken["number"]
    assert [line.rpartition(" ")[0] for line in found["request"]["files"]] == ["lamp.jpg"]
    said = steward("work", "show", code, order).out
    assert "converted" in said
    assert "lamp.jpg" in said


def test_who_records_the_work_is_told_that_its_request_is_open_and_may_settle_it(
    sqlite_in_service: str, steward: Steward
) -> None:
    code = sqlite_in_service

    def taken(at: str) -> tuple[str, str]:
        new = ("request", "new", code, "--kind", "repair", "--text", "The tap drips", "--at", at, "--json")
        found = steward(*new).json
        return found["number"], str(found["work_orders"][0]["id"])

    def listed() -> dict[str, str]:
        return {row["number"]: row["work"] for row in steward("request", "list", code, "--json").json}

    (first, order), (second, other) = taken("2027-01-05T09:00"), taken("2027-01-05T09:05")
    set_simulated_date(code, date(2027, 1, 6))
    by = ("--by", "custodian-1")
    said = steward("work", "complete", code, order, *by, "--at", "2027-01-05 11:00")
    assert f'steward request resolve {code} {first} --by custodian-1 --at "2027-01-05 11:00"' in said.out
    assert listed() == {first: "done", second: "open"}
    refused = steward("work", "complete", code, other, *by, "--at", "2027-01-05", "--settle")
    assert (refused.code, "with a time" in refused.err.replace("\n", " ")) == (1, True)
    for _twice in range(2):
        done = steward("work", "complete", code, other, *by, "--at", "2027-01-05 12:00", "--settle")
        assert done.code == 0, done.err
    assert listed() == {first: "done"}
    settled = steward("request", "show", code, second, "--json").json
    assert (settled["state"], settled["resolution"]["finished"]) == ("resolved", "2027-01-05 12:00")


def test_what_the_desk_promises_is_shown_agreed_anew_and_judges_everything(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code, form = sqlite_in_service, tmp_path / "levels.yaml"
    new = ("request", "new", code, "--kind", "enquiry", "--text", "When is the pool open?")
    taken = steward(*new, "--at", "2027-01-05T09:00", "--json").json  # 4 h and 8 h of the desk's clock
    assert (taken["response"]["due"], taken["resolution"]["due"]) == ("2027-01-05 13:00", "2027-01-05 17:00")
    shown = steward("request", "levels", code, "--out", str(form), "--json").json
    assert (shown["desk"]["monday"], len(shown["targets"])) == ("08:00-20:00", 16)
    assert "nothing" not in steward("request", "levels", code, "--agree", str(form)).out
    agreed = form.read_text(encoding="utf-8").replace(
        'tuesday: "08:00-20:00"', 'tuesday: "08:00-12:00, 14:00-22:00"'
    )
    form.write_text(agreed.replace("answer: 4 h, settle: 8 h", "answer: 5 h, settle: 6 h"), encoding="utf-8")
    said = steward("request", "levels", code, "--agree", str(form))
    assert "due times of 1 requests moved" in said.out, said.err
    assert "agreed already" in steward("request", "levels", code, "--agree", str(form)).out
    found = steward("request", "show", code, taken["number"], "--at", "2027-01-05T10:00", "--json").json
    assert (found["response"]["due"], found["resolution"]["due"]) == ("2027-01-05 16:00", "2027-01-05 17:00")
    form.write_text("desk: {monday: never}", encoding="utf-8")
    refused = steward("request", "levels", code, "--agree", str(form))
    assert (refused.code, "levels.yaml, desk, monday: 'never'" in refused.err.replace("\n", " ")) == (1, True)


def test_what_a_mail_was_taken_for_is_put_right(sqlite_in_service: str, steward: Steward) -> None:
    code = sqlite_in_service
    new = (
        "request",
        "new",
        code,
        "--kind",
        "enquiry",
        "--text",
        "Noise at night",
        "--at",
        "2027-01-05T09:00",
    )
    number = steward(*new, "--json").json["number"]
    change = ("request", "reclassify", code, number, "--at", "2027-01-05T09:10")
    found = steward(*change, "--kind", "complaint", "--place", "1F-LOBBY", "--json").json
    assert (found["kind"], found["place"], found["resolution"]["target_hours"]) == (
        "complaint",
        "1F-LOBBY",
        168.0,
    )
    assert "is so already" in steward(*change, "--kind", "complaint").out
    assert "expected --kind" in steward(*change).err.replace("\n", " ")


def test_a_complaint_becomes_a_work_order_once(sqlite_in_service: str, steward: Steward) -> None:
    code = sqlite_in_service
    new = (
        "request",
        "new",
        code,
        "--kind",
        "complaint",
        "--text",
        "Noise",
        "--at",
        "2027-01-05T09:00",
        "--json",
    )
    number = steward(*new).json["number"]
    convert = ("request", "convert", code, number, "--at", "2027-01-05T11:00")
    assert "a work order was made" in steward(*convert).out
    assert "already" in steward(*convert[:-1], "2027-01-06T11:00").out
    thread = steward("request", "show", code, number, "--json").json
    assert [order["title"] for order in thread["work_orders"]] == ["Noise"]
    assert [event["event"] for event in thread["events"]] == ["received", "converted"]
    missing = steward("request", "show", code, "R-99")
    assert (missing.code, "no request R-99" in missing.err) == (1, True)


def test_a_file_of_requests_is_analysed_without_a_database_and_recorded_with_one(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    file = tmp_path / "r.csv"
    file.write_text(
        "case_enquiry_id,open_dt,closed_dt,case_status\n"
        "1,2022-01-03 08:00:00,2022-01-03 20:00:00,Closed\n2,2022-01-03 08:00:00,2022-01-02 08:00:00,Closed\n",
        encoding="utf-8",
    )
    words = ("requests", "import", str(file), "--preset", "boston311")
    said = steward(*words, "--report", str(tmp_path / "r.xlsx"))
    assert said.code == 0, said.err
    assert "2 rows, 1 taken, 0 duplicates, 0 later states, 1 not taken" in said.out
    assert "median 12.00" in said.out
    assert "On time: no data" in said.out
    assert (tmp_path / "r.xlsx").is_file()
    recorded = steward(*words, "--engagement", sqlite_in_service, "--json").json["import"]
    assert (recorded["recorded"], recorded["known_before"]) == (1, 0)
    unknown = steward(*words[:-1], "moon311")
    assert (unknown.code, "expected one of boston311, desk, nyc311" in unknown.err) == (1, True)
    assert {row["name"] for row in steward("requests", "presets", "--json").json} == {
        "boston311",
        "desk",
        "nyc311",
    }
