"""Where it runs: command line, deployments, local server, demonstration."""
