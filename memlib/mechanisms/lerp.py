"""torch.lerp for numbers of several sizes, as autocast makes them.

Under autocast a product comes out in half precision while a memory that is carried along may not be. torch's own
function refuses to mix them, and is not among those that autocast casts.
"""

import torch
from torch import Tensor


def lerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """start + share (end - start), in the largest of the three sizes; of one size, this is torch's own function.

    Args:
        start: what share 0 gives; shapes broadcast.
        end: what share 1 gives.
        share: how much of the end.
    """
    if start.dtype == end.dtype == share.dtype:
        return torch.lerp(start, end, share)
    size = torch.promote_types(torch.promote_types(start.dtype, end.dtype), share.dtype)
    return torch.lerp(start.to(size), end.to(size), share.to(size))
