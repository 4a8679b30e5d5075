"""What do the fault tests share? Children that die on command, a Prefect server of their own, and the checker."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import email
import email.policy
import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest
import xlsxwriter
from aiosmtpd.smtp import SMTP, Envelope
from pypdf import PdfReader
from sqlalchemy import Engine, Table, create_engine, inspect
from sqlmodel import Session, SQLModel

import models  # noqa: F401 - registers every table
from deployments.mail_sink import FolderHandler
from deployments.prefect_environment import one_certificate
from deployments.sample.workbook import REGISTER_FOLDER, SHEETS
from models.audit import verify_chain
from models.settings import settings

ROOT = Path(__file__).resolve().parents[2]
RESULT = "STEWARD_TEST_RESULT"
GUN = "STEWARD_TEST_GUN"
COUNTED = ("db.after_commit", "db.before_commit")
AUDIT_KEY = "0123456789abcdef" * 4
PATIENCE_SECONDS = 120.0
ASSETS = 15
EMPTY = "n/a"
TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False}

SIGKILLED = -signal.SIGKILL


# --- the small register ---------------------------------------------------------------------------------


def build_small_register(target: Path) -> Path:
    """A COBie workbook of fifteen assets of fifteen types, with what belongs to them, out of the sample."""
    sheets = {sheet: _rows_of(sheet) for sheet in SHEETS}
    every = len(sheets["Type"]) // ASSETS
    types = {row["Name"] for row in sheets["Type"][::every][:ASSETS]}
    components: dict[str, dict[str, str]] = {}
    for row in sheets["Component"]:
        if row["TypeName"] in types:
            components.setdefault(row["TypeName"], row)
    names = {row["Name"] for row in components.values()}
    spaces = {space.strip() for row in components.values() for space in row["Space"].split(",")}
    sheets["Type"] = [row for row in sheets["Type"] if row["Name"] in types]
    sheets["Component"] = list(components.values())
    sheets["Space"] = [row for row in sheets["Space"] if row["Name"] in spaces]
    sheets["Job"] = [row for row in sheets["Job"] if row["TypeName"] in types]
    sheets["Spare"] = [row for row in sheets["Spare"] if row["TypeName"] in types]
    sheets["Document"] = [
        row
        for row in sheets["Document"]
        if row["SheetName"] == "Facility" or row["RowName"] in types | spaces
    ]
    for sheet, column, kept in (("System", "ComponentNames", names), ("Zone", "SpaceNames", spaces)):
        for row in sheets[sheet]:
            row[column] = ", ".join(name for name in row[column].split(", ") if name in kept)
        sheets[sheet] = [row for row in sheets[sheet] if row[column]]
    with xlsxwriter.Workbook(target, TEXT_ONLY) as workbook:
        for sheet, rows in sheets.items():
            worksheet = workbook.add_worksheet(sheet)
            for place, texts in enumerate([list(rows[0]), *(row.values() for row in rows)]):
                worksheet.write_row(place, 0, [text or EMPTY for text in texts])
    return target


def _rows_of(sheet: str) -> list[dict[str, str]]:
    with (REGISTER_FOLDER / f"{sheet}.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        row.update({"CreatedBy": "handover@jincheng.example.com", "CreatedOn": "2024-05-01T08:00:00"})
    return rows


# --- processes ------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without anybody's Prefect or product settings, and with `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "STEWARD_", "PYTEST_"))
    }
    return {**kept, "PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1", **more}


def prefect_environment(home: Path, port: int) -> dict[str, str]:
    """The Prefect settings of a server on this port and of everybody who talks to it."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_API_SSL_CERT_FILE": str(one_certificate(home)),
        "PREFECT_CLI_PROMPT": "false",
    }


@dataclass
class PrefectServer:
    """A real Prefect server in a process of its own, that a test may kill and start again."""

    home: Path
    port: int = field(default_factory=free_port)
    _child: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to talk to it."""
        return prefect_environment(self.home, self.port)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "deployments.prefect_server",
            "server",
            "start",
            "--host",
            "127.0.0.1",
        ]
        with (self.home / "server.log").open("ab") as log:
            self._child = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env=clean_environment(**self.environment),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._answers, "the Prefect server answers")

    def kill(self) -> None:
        """Let it die without a word, with everything it started."""
        if self._child is not None:
            kill_tree(self._child)
            self._child = None

    def _answers(self) -> bool:
        if self._child is not None and self._child.poll() is not None:
            raise AssertionError(f"the server ended: {(self.home / 'server.log').read_text()[-2000:]}")
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/api/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


class Forge:
    """Starts processes in a moment: forks of one that has everything imported (see `forge.py`)."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.fault.forge"],
            env=clean_environment(**environment),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._one_at_a_time = threading.Lock()

    def start(self, program: str, arguments: Sequence[str], environment: dict[str, str], log: Path) -> Forked:
        """Start a program of the forge."""
        pid = self._order(program=program, arguments=list(arguments), environment=environment, log=str(log))
        return Forked(pid, f"{program} {' '.join(arguments)}", self)

    def exit_code(self, pid: int) -> int | None:
        """How a process ended, None while it lives."""
        return cast("int | None", self._order(of=pid))

    def stop(self) -> None:
        """End the parent; its processes must have ended before."""
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(timeout=20)

    def _order(self, **order: Any) -> Any:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        with self._one_at_a_time:
            self._parent.stdin.write(f"{json.dumps(order)}\n")
            self._parent.stdin.flush()
            return json.loads(self._parent.stdout.readline())


@dataclass
class Forked:
    """A process the forge made; used as one of `subprocess`."""

    pid: int
    args: str
    forge: Forge
    _code: int | None = None

    def poll(self) -> int | None:
        """How it ended, None while it lives."""
        if self._code is None:
            self._code = self.forge.exit_code(self.pid)
        return self._code

    def wait(self, timeout: float) -> int:
        """Wait for its end."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(0.02)
        return code


@dataclass
class Running:
    """An act in a process, and where its result will be."""

    act: str
    child: Forked
    result: Path


@dataclass
class Installation:
    """A data folder with its database, and the processes that work in it."""

    home: Path
    forge: Forge
    smtp_port: int = 1
    database_url: str = ""
    children: list[Forked] = field(default_factory=list)
    _acts: int = 0

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'steward.db'}"

    @property
    def result(self) -> Path:
        return self.home / "result.json"

    @property
    def mail(self) -> Path:
        return self.home / "mail"

    def stored_files(self) -> Iterator[Path]:
        """The files of the content store that were written to the end."""
        return (path for path in (self.home / "files").rglob("*") if path.is_file() and not path.suffix)

    def variables(self, fault: str = "", **more: str) -> dict[str, str]:
        """The settings of a process in this installation, with one fault switched on if asked."""
        marker = self.home / "faults.on"
        marker.touch()
        variables = {
            "STEWARD_HOME": str(self.home),
            "STEWARD_DATABASE_URL": self.database_url,
            "STEWARD_SMTP_PORT": str(self.smtp_port),
            "STEWARD_AUDIT_KEY": AUDIT_KEY,
            "STEWARD_CYCLE_LEASE_SECONDS": "1",
            "STEWARD_MAIL_LEASE_SECONDS": "1",
            RESULT: str(self.result),
            **more,
        }
        if fault:
            variables.update(STEWARD_FAULT=fault, STEWARD_FAULT_MARKER=str(marker))
        return variables

    def start(self, program: str, *arguments: str, fault: str = "", **environment: str) -> Forked:
        """Start a program of the forge in this installation."""
        variables = self.variables(fault, **environment)
        child = self.forge.start(program, arguments, variables, self.home / "child.log")
        self.children.append(child)
        return child

    def play(self, workbook: Path, how: str, *more: str, fault: str = "") -> int:
        """Play the short story of `story_child.py`; returns the process's exit code."""
        return finish(self.start("story", str(workbook), str(self.mail), how, *more, fault=fault))

    def act(self, act: str, *arguments: str, fault: str = "", **environment: str) -> Any:
        """Let a process do one act of `acts.py` to its end; returns what the act returned."""
        return self.outcome(self.begin(act, *arguments, fault=fault, **environment))

    def begin(self, act: str, *arguments: str, fault: str = "", **environment: str) -> Running:
        """Let a process begin an act."""
        self._acts += 1
        result = self.home / f"result-{self._acts}.json"
        child = self.start("acts", act, *arguments, fault=fault, **{RESULT: str(result), **environment})
        return Running(act, child, result)

    def outcome(self, running: Running) -> Any:
        """Wait for an act that was begun; returns what it returned."""
        code = finish(running.child)
        assert code == 0, f"{running.act} ended with {code}: {self.log_tail()}"
        return json.loads(running.result.read_text())

    def killed(self, act: str, *arguments: str, fault: str, **environment: str) -> None:
        """Let a process die in the middle of an act."""
        code = finish(self.begin(act, *arguments, fault=fault, **environment).child)
        assert code == SIGKILLED, (
            f"{act} was to be killed at {fault}, but ended with {code}: {self.log_tail()}"
        )

    def at_once(self, *acts: tuple[str, ...], **environment: str) -> list[Any]:
        """Let several processes begin their acts at the same moment; returns what each returned."""
        self._acts += 1
        gun = self.home / f"gun-{self._acts}"
        begun = [self.begin(*act, **{GUN: str(gun), **environment}) for act in acts]
        wait_until(lambda: len(list(self.home.glob(f"{gun.name}.*"))) == len(acts), "all are ready")
        gun.touch()
        return [self.outcome(running) for running in begun]

    def log_tail(self) -> str:
        """The last lines the children wrote."""
        return (self.home / "child.log").read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        """End every process that is still there."""
        for child in self.children:
            if child.poll() is None:
                kill_tree(child)


def copy_installation(source: Path, target: Path) -> None:
    """Bring a data folder to where another one stands: its database and its stored files."""
    target.mkdir(parents=True, exist_ok=True)
    with (
        contextlib.closing(sqlite3.connect(source / "steward.db")) as original,
        contextlib.closing(sqlite3.connect(target / "steward.db")) as copy,
    ):
        original.backup(copy)
    if (source / "files").exists():
        shutil.copytree(source / "files", target / "files", dirs_exist_ok=True)


Process = Forked | subprocess.Popen[bytes]


def finish(child: Process, patience: float = PATIENCE_SECONDS) -> int:
    """Wait for a process; one that hangs is killed and fails the test."""
    try:
        return child.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        kill_tree(child)
        raise AssertionError(f"{child.args!r} did not end within {patience:.0f} s") from None


def wait_until_stopped(child: Process) -> None:
    """Wait until a process has stopped itself at a fault point."""
    process = psutil.Process(child.pid)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED, "the process has stopped")


def kill_tree(child: Process) -> None:
    """SIGKILL a process of ours and everything it started."""
    with contextlib.suppress(psutil.Error):
        family = [*psutil.Process(child.pid).children(recursive=True), psutil.Process(child.pid)]
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
    child.wait(timeout=20)


def wait_until(true: Callable[[], bool], what: str, patience: float = PATIENCE_SECONDS) -> None:
    """Look again and again, for a generous while."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain until {what}"
        time.sleep(0.1)


# --- what is in the mailboxes ---------------------------------------------------------------------------


def mails_in(folder: Path) -> list[tuple[str, bytes]]:
    """Message-ID and bytes of every mail that arrived."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        content = path.read_bytes()
        header = email.message_from_bytes(content, policy=email.policy.default)
        found.append((str(header["Message-ID"]), content))
    return found


def message_ids(folder: Path) -> set[str]:
    """The Message-IDs that arrived."""
    return {message_id for message_id, _content in mails_in(folder)}


def mail_contents(installation: Installation) -> dict[str, list[str]]:
    """What arrived under each Message-ID: a digest of headers, texts and attachments of every copy."""
    contents: dict[str, list[str]] = {}
    for message_id, content in mails_in(installation.mail):
        message = email.message_from_bytes(content, policy=email.policy.default)
        parts = [(name, value) for name, value in message.items() if name.lower() != "content-type"]
        for part in message.walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                parts.append((str(part.get_filename()), _digest_of_file(payload)))
        contents.setdefault(message_id, []).append(hashlib.sha256(repr(parts).encode()).hexdigest())
    return contents


def wrong_mails(expected: dict[str, list[str]], installation: Installation) -> list[str]:
    """What is missing, too much or different in the mailboxes, compared with an undisturbed installation."""
    found = mail_contents(installation)
    may_repeat = {
        mail["message_id"] for mail in read_rows(installation.database, "outboxmail") if mail["may_repeat"]
    }
    wrong = [f"mail {message_id} never arrived" for message_id in expected.keys() - found.keys()]
    wrong += [f"mail {message_id} should not be" for message_id in found.keys() - expected.keys()]
    for message_id in expected.keys() & found.keys():
        copies = found[message_id]
        if set(copies) != set(expected[message_id]):
            wrong.append(f"mail {message_id} says something else")
        if len(copies) > 1 + (message_id in may_repeat):
            wrong.append(f"mail {message_id} arrived {len(copies)} times")
    return wrong


AUDIT_HEAD = re.compile(r"\d+:[0-9a-f]{64}")
"""A monthly report names the end of the audit trail, which holds times of the machine."""


@lru_cache(maxsize=4096)
def _digest_of_file(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(content)).pages
        text, found = AUDIT_HEAD.subn("", "".join("".join(page.extract_text().split()) for page in pages))
        if found:
            return f"text {hashlib.sha256(text.encode()).hexdigest()}"
    return hashlib.sha256(content).hexdigest()


class MoodyMailbox(FolderHandler):
    """Keeps mail in a folder, unless it is told to refuse, to be slow, or to cut the line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.refuse_recipient: dict[str, str] = {}
        self.refuse_next: list[str] = []
        """Answers to the next messages, instead of keeping them."""
        self.cut_after_keeping = False
        self.silent_seconds = 0.0

    async def handle_RCPT(
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept the address unless told otherwise."""
        if address in self.refuse_recipient:
            return self.refuse_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        """Keep the message, or behave as told."""
        if self.refuse_next:
            return self.refuse_next.pop(0)
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.silent_seconds)
        if self.cut_after_keeping and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer


# --- what is in the database ----------------------------------------------------------------------------

WALL_CLOCK = {
    *("created_at", "recorded_at", "imported_at", "started_at", "finished_at", "sent_at"),
    *("lease_until", "not_before", "missed_at"),
}
"""Columns that hold the time of the machine; business dates and times are compared."""
OF_THE_RUN = {
    "cycle": {"attempt", "flow_run_id", "last_error"},
    "incidenttoken": {"expires_at"},
    "outboxmail": {"attempt", "last_code"},
    "statement": {"last_entry"},
    "storedfile": {"size"},
    "surveyresponse": {"serial"},
}
"""Columns that tell how often something was tried, are drawn at random, or hold the number of a row."""
TRACES = {"auditevent", "audithead", "deliveryattempt"}
"""Tables that record the attempts themselves; the audit trail is compared by its business entries."""
SHA256 = re.compile(r"[0-9a-f]{64}")
TRACES_OF_RETRIES = ("cycle.given_up", "mail.requeued", "mail.uncertain", "mail.resolved", "mail.sent")


@contextlib.contextmanager
def opened(database: str) -> Iterator[Engine]:
    """An engine of the test's own, closed afterwards."""
    engine = create_engine(database)
    try:
        yield engine
    finally:
        engine.dispose()


def read_rows(database: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    with opened(database) as engine, engine.connect() as connection:
        return [dict(row) for row in connection.execute(SQLModel.metadata.tables[table].select()).mappings()]


def business_state(installation: Installation) -> dict[str, Counter[str]]:
    """Every table as a multiset of rows, a reference to another row replaced by what that row says."""
    with opened(installation.database) as engine, engine.connect() as connection:
        present = set(inspect(connection).get_table_names())
        content = {
            name: {
                row.get("id", place): dict(row)
                for place, row in enumerate(connection.execute(table.select()).mappings())
            }
            for name, table in SQLModel.metadata.tables.items()
            if name in present
        }
    described: dict[tuple[str, Any], str] = {}
    state: dict[str, Counter[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name in content and table.name not in TRACES:
            for key, row in content[table.name].items():
                described[table.name, key] = _describe(table, row, described)
            state[table.name] = Counter(described[table.name, key] for key in content[table.name])
    told = {_audited(row) for row in content["auditevent"].values() if row["tag"] not in TRACES_OF_RETRIES}
    state["auditevent"] = Counter(told - {""})
    alias = {path.name: _digest_of_file(path.read_bytes()) for path in installation.stored_files()}
    return {
        table: Counter(
            {SHA256.sub(lambda found: alias.get(found[0], found[0]), row): n for row, n in rows.items()}
        )
        for table, rows in state.items()
    }


def _describe(table: Table, row: dict[str, Any], described: dict[tuple[str, Any], str]) -> str:
    left_out = WALL_CLOCK | OF_THE_RUN.get(table.name, set()) | {"id"}
    told = []
    for column in table.columns:
        if column.name in left_out:
            continue
        value = row[column.name]
        for reference in column.foreign_keys:
            target = described.get((reference.column.table.name, value), "")
            value = hashlib.sha256(target.encode()).hexdigest()[:12]
        told.append(f"{column.name}={value!r}")
    return ", ".join(told)


def _audited(row: dict[str, Any]) -> str:
    """An entry of the audit trail, empty if it says that nothing was to do, as the repetition of a step may.

    A repeated step may also say the same again; so the trail is compared as a set. What really happened
    twice would show in the table it happened to.
    """
    detail = {name: value for name, value in row["detail"].items() if name != "attempt"}
    counts = [value for value in detail.values() if isinstance(value, int)]
    if counts and not any(counts):
        return ""
    return f"{row['tag']} {row['subject']} by {row['who']}: {json.dumps(detail, sort_keys=True)}"


def differences(expected: dict[str, Counter[str]], found: dict[str, Counter[str]]) -> list[str]:
    """What is missing and what is too much, in words a person can follow."""
    told = []
    for table in sorted(expected.keys() | found.keys()):
        lost, gained = expected[table] - found[table], found[table] - expected[table]
        told += [f"{table}: lost {count} x {row[:600]}" for row, count in list(lost.items())[:4]]
        told += [f"{table}: extra {count} x {row[:600]}" for row, count in list(gained.items())[:4]]
    return told


def broken_invariants(installation: Installation) -> list[str]:
    """What must hold after every fault once the story was brought to its end."""
    database, broken = installation.database, []
    for cycle in read_rows(database, "cycle"):
        if cycle["state"] != "done":
            broken.append(f"cycle {cycle['kind']} {cycle['period']} is {cycle['state']}")
    done = Counter(
        (event["engagement_id"], event["subject"])
        for event in read_rows(database, "auditevent")
        if event["tag"] == "cycle.done"
    )
    broken += [
        f"cycle {subject} was done {count} times" for (_key, subject), count in done.items() if count != 1
    ]
    broken += [
        f"mail {mail['dedup_key']} is {mail['state']}"
        for mail in read_rows(database, "outboxmail")
        if mail["state"] in ("queued", "claimed", "uncertain")
    ]
    broken += broken_chains(database)
    broken += [f"left behind: {path.name}" for path in installation.home.rglob("*.part")]
    kept = {path.name: path for path in installation.stored_files()}
    for stored in read_rows(database, "storedfile"):
        path = kept.get(stored["sha256"])
        if path is None or hashlib.sha256(path.read_bytes()).hexdigest() != stored["sha256"]:
            broken.append(f"stored file {stored['name']} is missing or damaged")
    return broken


_ONE_KEY_AT_A_TIME = threading.Lock()
"""The environment, and the key in it, belongs to the whole process; a sweep compares in several threads."""


def broken_chains(database: str) -> list[str]:
    """The audit trails that do not verify."""
    with (
        _ONE_KEY_AT_A_TIME,
        pytest.MonkeyPatch.context() as patch,
        opened(database) as engine,
        Session(engine) as session,
    ):
        patch.setenv("STEWARD_AUDIT_KEY", AUDIT_KEY)
        settings.cache_clear()
        faults = [verify_chain(session, engagement["id"]) for engagement in read_rows(database, "engagement")]
        settings.cache_clear()
    return [f"the audit trail breaks at {fault.sequence}: {fault.reason}" for fault in faults if fault]
