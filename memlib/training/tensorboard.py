"""A run's curves for TensorBoard, where somebody asks for them."""

from collections.abc import Callable
from pathlib import Path


def tensorboard(folder: Path) -> Callable[[int, dict[str, float]], None]:
    """What `memlib.training.Trainer` takes as ``log``: each figure of a row becomes a point of its own curve.

    Args:
        folder: of this run; TensorBoard shows the runs of one parent folder side by side.

    Raises:
        ValueError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ValueError("TensorBoard is not installed: pip install tensorboard, or leave its option out.") from error
    writer = SummaryWriter(str(folder))

    def log(update: int, row: dict[str, float]) -> None:
        for name, figure in row.items():
            if name != "update":
                writer.add_scalar(name, figure, update)
        writer.flush()

    return log
