"""What starts at once after a command, if a server runs here? The gates of a question, and whatever is due now."""

from deployments.prefect_environment import quiet_prefect, use_configured_server
from models.errors import StewardError

NEXT_ROUND = "What follows starts with the dispatcher's next round"


def find_server() -> bool:
    """Point this process at the server that runs here, before anything imports Prefect; whether there is one."""
    quiet_prefect()
    return use_configured_server()


def start_what_follows(code: str, server_known: bool) -> str:
    """End the gates of settled questions, open those of new ones, and let the dispatcher look; says what started.

    Without a server, or if it does not answer, the next round of its clockwork does the same.
    """
    if not server_known:
        return f"{NEXT_ROUND}: no server runs here now."
    import httpx

    from tasks.dispatching import dispatch_due_cycles
    from tasks.gates import refresh_gates

    try:
        opened = refresh_gates(code)
        started = dispatch_due_cycles.fn(code, None).started
    except (httpx.HTTPError, StewardError):
        return f"{NEXT_ROUND}: the server does not answer now."
    told = [f"Forms that now wait in the Prefect UI: {opened}."] if opened else []
    if started:
        told.append(f"Started: {', '.join(kind for _code, kind, _period, _run in started)}.")
    return " ".join(told)
