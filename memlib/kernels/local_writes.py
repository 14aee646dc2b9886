"""The Metalearned Neural Memory along a window, with a backward pass that keeps no copy of the memory.

The plain form leaves one copy of every layer's weights behind at each step, for the backward pass. But a write is a
sum that can be undone: W_l before it is W_l after it plus the very product that was taken off. So the backward pass
walks from the last weights to the first and needs of each step only vectors. The gradients of what is shared by all
steps become one matrix product over the window each.

Source: munkhdalai2019
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from memlib.kernels.precision import single_under_autocast


class Shared(NamedTuple):
    """What is the same at every step, [rows, columns] as in torch.

    Attributes:
        gates: from (value read, h) to the LSTM's gates, [4H, D + H].
        interact: from h to the rate's vector and, for each head, key, value and query, [(3 heads + 1) D, H].
        interact_bias: of that.
        rate: from the rate's vector to one number, [1, D].
        rate_bias: of that, [1].
        targets: from a value to what each layer ought to answer, [L D, D].
        targets_bias: of that.
    """

    gates: Tensor
    interact: Tensor
    interact_bias: Tensor
    rate: Tensor
    rate_bias: Tensor
    targets: Tensor
    targets_bias: Tensor


class Window(NamedTuple):
    """What a window gives.

    Attributes:
        outputs: h after each step, [time, batch, H].
        values: what was read at each step, [time, batch, D].
        errors: of each step's writes, [time, batch].
        memory: the LSTM's c after the window, [batch, H].
        weights: of the memory after the window, [batch, L, D, D].
    """

    outputs: Tensor
    values: Tensor
    errors: Tensor
    memory: Tensor
    weights: Tensor


@single_under_autocast
def local_writes(
    gates: Tensor,
    memory: Tensor,
    output: Tensor,
    value: Tensor,
    weights: Tensor,
    shared: Shared,
    heads: int,
    scale: float,
) -> Window:
    """Run LSTM and memory along a window.

    Args:
        gates: what the tokens and the biases give to the LSTM's gates, [batch, time, 4H].
        memory: c before the window, [batch, H].
        output: h, [batch, H].
        value: what was read last, [batch, D].
        weights: of the memory's layers, [batch, L, D (in), D (out)].
        shared: see `Shared`.
        heads: number of keys written, and of keys read.
        scale: c, by which each write is multiplied beside its rate.
    """
    return Window(*_LocalWrites.apply(gates, memory, output, value, weights, *shared, heads, scale))


def _steep(answer: Tensor) -> Tensor:
    """The slope of tanh where it gave this answer."""
    return 1 - answer.square()


class _LocalWrites(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, gates: Tensor, memory: Tensor, output: Tensor, value: Tensor, start: Tensor, *rest: Any
    ) -> tuple[Tensor, ...]:
        shared, (heads, scale) = Shared(*rest[:7]), rest[7:]
        time, batch, size, layers = gates.shape[1], gates.shape[0], value.shape[1], start.shape[1]
        new = gates.new_empty
        before = new(time + 1, batch, size + output.shape[1])
        before[0] = torch.cat([value, output], 1)
        cells, opened = new(time + 1, *memory.shape), new(time, batch, gates.shape[2])
        cells[0] = memory
        said, strengths = new(time, batch, (3 * heads + 1) * size), new(time, batch, 1)
        seen, off = new(time, layers, batch, heads, size), new(time, layers, batch, heads, size)
        asked, errors = new(time, layers, batch, 2 * heads, size), new(time, batch)
        missed = new(time, batch, heads, size)
        weights = [w.clone(memory_format=torch.contiguous_format) for w in start.unbind(1)]
        for t in range(time):
            raw = torch.addmm(gates[:, t], before[t], shared.gates.T)
            write, keep, content, show = opened[t].copy_(raw).chunk(4, 1)
            for part, f in ((write, torch.sigmoid_), (keep, torch.sigmoid_), (content, torch.tanh_)):
                f(part)
            show.sigmoid_()
            torch.addcmul(write * content, keep, cells[t], out=cells[t + 1])
            hidden = show * cells[t + 1].tanh()
            said[t] = torch.addmm(shared.interact_bias, hidden, shared.interact.T).tanh_()
            strengths[t] = scale * torch.addmm(shared.rate_bias, said[t, :, :size], shared.rate.T).sigmoid_()
            keys, written, queries = said[t, :, size:].unflatten(1, (heads, 3, size)).unbind(2)
            wanted = torch.addmm(shared.targets_bias, written.flatten(0, 1), shared.targets.T)
            wanted = wanted.view(batch, heads, layers, size)
            seen[t, 0] = keys
            for number, weight in enumerate(weights):
                answer = torch.bmm(seen[t, number], weight)
                if number < layers - 1:
                    answer.tanh_()
                    seen[t, number + 1] = answer
                torch.sub(answer, wanted[:, :, number], out=off[t, number])
            for number, weight in enumerate(weights):
                weight.baddbmm_(seen[t, number].mT, off[t, number] * strengths[t].unsqueeze(1), alpha=-1)
            asked[t, 0, :, :heads], asked[t, 0, :, heads:] = queries, keys
            for number, weight in enumerate(weights[:-1]):
                asked[t, number + 1] = torch.bmm(asked[t, number], weight).tanh_()
            found = torch.bmm(asked[t, -1], weights[-1])
            torch.sub(found[:, heads:], written, out=missed[t])
            errors[t] = missed[t].square().mean((1, 2))
            before[t + 1, :, :size], before[t + 1, :, size:] = found[:, :heads].mean(1), hidden
        last = torch.stack(weights, 1)
        ctx.save_for_backward(before, cells, opened, said, strengths, seen, off, asked, missed, last, *shared)
        ctx.settings = heads, scale
        ctx.set_materialize_grads(False)
        # Copies, because what is saved must not be what the caller holds.
        return before[1:, :, size:].clone(), before[1:, :, :size].clone(), errors, cells[time].clone(), last.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        before, cells, opened, said, strengths, seen, off, asked, missed, last, *rest = ctx.saved_tensors
        shared, (heads, scale) = Shared(*rest), ctx.settings
        time, layers, batch, _, size = seen.shape
        by_outputs, by_values, by_errors, by_memory, by_last = grads
        weights = [w.clone(memory_format=torch.contiguous_format) for w in last.unbind(1)]
        if by_last is None:
            change = [torch.zeros_like(w) for w in weights]
        else:
            change = [w.clone(memory_format=torch.contiguous_format) for w in by_last.unbind(1)]
        by_raw, by_said, by_rate = torch.empty_like(opened), torch.empty_like(said), torch.empty_like(strengths)
        by_wanted = said.new_empty(time, batch, heads, layers, size)
        carried = torch.zeros_like(before[0])
        cell = torch.zeros_like(cells[0]) if by_memory is None else by_memory
        for t in range(time - 1, -1, -1):
            value, hidden = carried[:, :size], carried[:, size:]
            value = value if by_values is None else value + by_values[t]
            hidden = hidden if by_outputs is None else hidden + by_outputs[t]
            # The read, under the weights after the write.
            grad = said.new_zeros(batch, 2 * heads, size)
            grad[:, :heads] = value.unsqueeze(1) / heads
            if by_errors is not None:
                grad[:, heads:] = missed[t] * (by_errors[t] * (2 / (heads * size))).view(-1, 1, 1)
            parts = said.new_empty(batch, heads, 3, size)
            parts[:, :, 1] = -grad[:, heads:]
            for n in range(layers - 1, -1, -1):
                change[n].baddbmm_(asked[t, n].mT, grad)
                grad = torch.bmm(grad, weights[n].mT)
                grad = grad * _steep(asked[t, n]) if n else grad
            parts[:, :, 2] = grad[:, :heads]
            # The write: what each layer saw, and how far it was off; then the weights are taken back.
            strength = strengths[t].unsqueeze(1)
            by_off, by_seen, by_strength = [], [], torch.zeros_like(strengths[t])
            for n in range(layers):
                pull = torch.bmm(seen[t, n], change[n])
                by_strength -= (off[t, n] * pull).sum((1, 2)).unsqueeze(1)
                step = strength * off[t, n]
                by_off.append(-strength * pull)
                by_seen.append(torch.bmm(step, change[n].mT).neg_())
                weights[n].baddbmm_(seen[t, n].mT, step)
                by_wanted[t, :, :, n] = -by_off[n]
            answer = by_off[-1]
            for n in range(layers - 1, -1, -1):
                change[n].baddbmm_(seen[t, n].mT, answer)
                below = torch.baddbmm(by_seen[n], answer, weights[n].mT)
                answer = (below + by_off[n - 1]) * _steep(seen[t, n]) if n else below
            parts[:, :, 0] = answer + grad[:, heads:]
            parts[:, :, 1] += (by_wanted[t].flatten(2).flatten(0, 1) @ shared.targets).view(batch, heads, size)
            by_rate[t] = by_strength * strengths[t] * (1 - strengths[t] / scale)
            by_said[t, :, size:], by_said[t, :, :size] = parts.flatten(1), by_rate[t] * shared.rate
            by_said[t] *= _steep(said[t])
            hidden = torch.addmm(hidden, by_said[t], shared.interact)
            # The LSTM.
            write, keep, content, show = opened[t].chunk(4, 1)
            bent = cells[t + 1].tanh()
            cell = cell + hidden * show * _steep(bent)
            by_raw[t] = torch.cat(
                [
                    cell * content * write * (1 - write),
                    cell * cells[t] * keep * (1 - keep),
                    cell * write * _steep(content),
                    hidden * bent * show * (1 - show),
                ],
                1,
            )
            cell = cell * keep
            carried = by_raw[t] @ shared.gates
        written = said[:, :, size:].unflatten(2, (heads, 3, size))[:, :, :, 1]
        flat, wanted = by_said.flatten(0, 1), by_wanted.flatten(3).flatten(0, 2)
        by_shared = (
            by_raw.flatten(0, 1).T @ before[:-1].flatten(0, 1),
            flat.T @ before[1:, :, size:].flatten(0, 1),
            flat.sum(0),
            by_rate.flatten(0, 1).T @ said[:, :, :size].flatten(0, 1),
            by_rate.sum((0, 1)),
            wanted.T @ written.flatten(0, 2),
            wanted.sum(0),
        )
        start = torch.stack(change, 1) if ctx.needs_input_grad[4] else None
        return by_raw.transpose(0, 1), cell, carried[:, size:], carried[:, :size], start, *by_shared, None, None
