"""Let kernels be talked to through files rather than ports, where the system can.

A client that calls a port of its own machine before anybody listens there may, now and then, be given that very port
to call from, and is then connected to itself: the kernel finds its port taken, and the client waits for ever. Files
have no such accident. nbclient has no setting for it.

Sphinx loads this as an extension, pytest as a `conftest.py`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from nbclient import NotebookClient


def use_files() -> None:
    """Give each kernel of nbclient's a folder of its own for its sockets; where there are only ports, do nothing."""
    with_ports = NotebookClient.create_kernel_manager
    if os.name == "nt" or with_ports.__name__ == "with_files":
        return

    def with_files(self: NotebookClient) -> Any:
        manager = with_ports(self)
        folder = tempfile.mkdtemp(prefix="kernel-")
        weakref.finalize(manager, shutil.rmtree, folder, ignore_errors=True)
        manager.transport = "ipc"
        manager.connection_file = str(Path(folder) / "kernel.json")
        return manager

    NotebookClient.create_kernel_manager = with_files


def pytest_configure() -> None:
    """As pytest calls it."""
    use_files()


def setup(app: Any) -> dict[str, bool]:
    """As Sphinx calls it."""
    use_files()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
