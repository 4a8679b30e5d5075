"""What does the worker run? Prefect's own worker command, whose runs start at once: `python -m deployments.worker worker start --pool …`."""

from prefect.cli import app

from deployments.warm_starts import fork_warm_runs


def main() -> None:
    """Run the Prefect command line of our arguments in this process."""
    fork_warm_runs()
    app()


if __name__ == "__main__":
    main()
