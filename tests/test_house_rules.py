"""Does the code keep the rules that no linter checks? Read from its syntax trees."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("models", "reports", "tasks", "flows", "deployments")


def trees(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the dotted text of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_database_module_commits_and_opens_engines() -> None:
    found = {
        (file, name)
        for file, tree in trees(*ROOMS)
        for name, _call in calls(tree)
        if name.endswith((".commit", "create_engine", "sessionmaker", "create_async_engine"))
    }
    assert found == {("models/db.py", "session.commit"), ("models/db.py", "create_engine")}


def test_only_the_clock_module_reads_the_clock() -> None:
    readers = (
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
        *("time.time", "pd.Timestamp.now", "pandas.Timestamp.now"),
    )
    found = {
        file
        for file, tree in trees("models", "reports", "tasks", "flows")
        for name, _call in calls(tree)
        if name.endswith(readers)
    }
    assert found == {"models/clock.py"}


def test_pure_rules_ask_nobody_for_the_time() -> None:
    found = {file for file, tree in trees("models/rules") if "models.clock" in " ".join(imported(tree))}
    assert found == set()


def test_mail_leaves_by_aiosmtplib_alone() -> None:
    importers = {
        module.partition(".")[0]: file
        for file, tree in trees(*ROOMS, "tests")
        for module in imported(tree)
        if module.partition(".")[0] in ("smtplib", "aiosmtplib")
    }
    assert "smtplib" not in importers
    assert "aiosmtplib" in importers


def test_no_module_of_a_flow_or_task_hides_one_of_the_standard_library() -> None:
    named = {file.stem for room in ("flows", "tasks") for file in (ROOT / room).glob("*.py")} - {"__init__"}
    assert named & set(sys.stdlib_module_names) == set()
    assert not set(ROOMS) & set(sys.stdlib_module_names)


def test_every_task_is_a_step_that_decides_what_is_tried_again() -> None:
    """`@step` retries transient errors only; a bare `@task` would retry nothing or everything, and cache."""
    bare = {
        (file, node.name)
        for file, tree in trees(*ROOMS)
        if file != "tasks/steps.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
        if ast.unparse(decorator).startswith(("task", "prefect.task"))
    }
    assert bare == set()


def test_every_step_retries_what_is_transient_and_caches_nothing() -> None:
    import importlib

    from prefect import Task
    from prefect.cache_policies import NO_CACHE

    found = {}
    for file in (ROOT / "tasks").glob("*.py"):
        for value in vars(importlib.import_module(f"tasks.{file.stem}")).values():
            if isinstance(value, Task):
                found[value.name] = value
    assert len(found) > 30
    for step in found.values():
        assert step.retries > 0, step.name
        assert step.retry_condition_fn is not None, step.name
        assert step.cache_policy == NO_CACHE, step.name


def test_a_command_finds_the_running_server_before_it_imports_what_brings_prefect() -> None:
    """Prefect reads where its server is once, on import: too late, and it starts a temporary one of its own."""
    late = set()
    for file, tree in trees("deployments"):
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        finders = {f.name for f in functions if _first_call(f, {"find_server"})} | {"find_server"}
        for function in functions:
            found = _first_call(function, finders - {function.name})
            late |= {
                (file, function.name)
                for node in ast.walk(function)
                if isinstance(node, ast.ImportFrom)
                and str(node.module).partition(".")[0] in ("tasks", "flows", "prefect")
                and node.lineno < found
            }
    assert late == set()


def _first_call(function: ast.FunctionDef, names: set[str]) -> int:
    """The line of the first call of one of the functions; 0 where there is none."""
    return min((call.lineno for name, call in calls(function) if name in names), default=0)


def test_flows_are_never_run_again_as_a_whole() -> None:
    """Tasks are tried again, each one transaction; a flow that is run again starts by claiming its cycle."""
    found = {
        (file, keyword.arg)
        for file, tree in trees("flows")
        for name, call in calls(tree)
        if name == "flow"
        for keyword in call.keywords
        if keyword.arg in ("retries", "persist_result")
    }
    assert found == set()


def test_every_module_opens_with_the_question_it_answers() -> None:
    silent = []
    for file, tree in trees(*ROOMS, "tests"):
        text = ast.get_docstring(tree) or ""
        if file.endswith("__init__.py") or "migrations/" in file:
            continue
        if "?" not in text and not text.endswith((".", ")")):
            silent.append(file)
    assert silent == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    needles = tuple("/" + folder + "/" for folder in ("work", "home", "root", "Users"))
    found = [
        (path.relative_to(ROOT).as_posix(), needle)
        for room in (*ROOMS, "tests", "docs", ".ci")
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".csv", ".typ", ".j2", ""} and path.is_file()
        for needle in needles
        if needle in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_the_wheel_holds_every_room_and_works_in_another_folder(tmp_path: Path) -> None:
    try:
        import editables  # noqa: F401
        import hatchling  # noqa: F401
    except ImportError:
        pytest.skip("hatchling is not installed")
    built = _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist"))
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    shipped = {name.partition("/")[0] for name in names}
    assert set(ROOMS) <= shipped
    assert "tests" not in shipped
    not_code = {".yaml", ".typ", ".j2", ".csv", ".mako"}
    wanted = {
        file.relative_to(ROOT).as_posix()
        for room in ROOMS
        for file in (ROOT / room).rglob("*")
        if file.suffix in not_code | {".py"}
    }
    assert wanted <= set(names), "catalogues, templates and migrations belong to the product"
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r})\n"
        "import models, reports, tasks, flows, deployments\n"
        "from models.catalogue_files import load_catalogue; load_catalogue()\n"
        "from models.migrate import upgrade_database; print(upgrade_database())\n"
        "import deployments.catalogue\n"
        "rooms = (models, reports, tasks, flows, deployments)\n"
        "print(all(room.__file__.startswith(sys.path[0]) for room in rooms))\n"
    )
    ran = _run(sys.executable, "-c", script, cwd=tmp_path, home=tmp_path / "home")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[-1] == "True"


def _run(*command: str, cwd: Path = ROOT, home: Path | None = None) -> "subprocess.CompletedProcess[str]":
    import os

    env = {**os.environ, **({"STEWARD_HOME": str(home)} if home else {})}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)
