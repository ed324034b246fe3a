"""Adam is torch's own."""

import copy

import torch

from infogan.trainer.adam import Adam


def test_its_steps_are_those_of_torch() -> None:
    """And so is what it remembers, from one to the other."""
    first, second = (torch.nn.Parameter(torch.linspace(-1, 1, 12)) for _ in range(2))
    ours = Adam([first], lr=0.1, betas=(0.5, 0.9), fused=True)
    theirs = torch.optim.Adam([second], lr=0.1, betas=(0.5, 0.9), fused=True)
    for step in range(6):
        for parameter, optimizer in ((first, ours), (second, theirs)):
            (parameter - step).pow(4).sum().backward()
            optimizer.step()
            optimizer.zero_grad()
            assert parameter.grad is None
        if step == 3:
            ours.load_state_dict(copy.deepcopy(theirs.state_dict()))
            theirs.load_state_dict(copy.deepcopy(ours.state_dict()))
    assert torch.equal(first, second)
    assert not torch.equal(first, torch.linspace(-1, 1, 12))
