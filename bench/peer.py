"""Starting the Node peer, where there is a Node: its packages are installed into `var/bench-node`, once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench.crew import ROOT
from bench.service import Service, free_port

HERE = Path(__file__).parent / "node"
PLACE = ROOT / "var" / "bench-node"
INSTALL_SECONDS = 60


class Skipped(Exception):
    """Why the peer is not measured."""


def start_node(service: Service) -> int:
    """Start the peer; its port. Raises Skipped."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Skipped("no node and npm on PATH")
    _install(npm)
    port = service.ports["node"] = free_port()
    service.start("node", [node, "server.js"], cwd=PLACE, PORT=str(port), NODE_ENV="production")
    try:
        service.wait("node", "/ready")
    except SystemExit as error:
        raise Skipped(str(error).replace("\n", " ")[:200]) from None
    return port


def _install(npm: str) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text()
    shutil.copy(HERE / "server.js", PLACE)
    done = PLACE / "installed"
    if done.exists() and done.read_text() == wanted:
        return
    shutil.copy(HERE / "package.json", PLACE)
    try:
        command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--omit=dev"]
        subprocess.run(command, cwd=PLACE, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Skipped(f"npm install took more than {INSTALL_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise Skipped("npm install failed: " + " ".join(error.stderr.split())[-160:]) from None
    done.write_text(wanted)
