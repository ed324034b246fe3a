"""Adam without torch's compiler."""

import inspect

import torch


class Adam(torch.optim.Adam):
    """torch's Adam (Kingma and Ba 2015, arXiv 1412.6980), less what its methods are wrapped in.

    The wrappers tell torch's compiler not to look inside, and import it to say so, in every run, though nothing is
    compiled. No gradient goes through a step.
    """

    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))
    zero_grad = inspect.unwrap(torch.optim.Adam.zero_grad)
    add_param_group = inspect.unwrap(torch.optim.Adam.add_param_group)
    state_dict = inspect.unwrap(torch.optim.Adam.state_dict)
    load_state_dict = inspect.unwrap(torch.optim.Adam.load_state_dict)
