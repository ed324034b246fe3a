"""InfoGAN's objective (Chen et al. 2016, eq. 3 to 6) and the label-free terms on real pictures, as pure functions.

    min over G, Q and max over D of   V_I(D, G, Q) = V(D, G) - lambda L_I(G, Q)        (eq. 6)
    V(D, G) = E[log D(x)] + E[log(1 - D(G(z, c)))]                                      (eq. 1)
    L_I(G, Q) = E[log Q(c | G(z, c))] + H(c)  <=  I(c; G(z, c))                          (eq. 5)

All take logits, never probabilities, and return scalars in nats.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .latents import Bernoulli, Categorical, Code, LatentSpec
from .networks import Posterior
from .precision import exactly

_LOG_2PI = math.log(2 * math.pi)
_ALIKE = 0.02  # mean difference of pixels about which a pair counts as alike: keeps the loss finite


def discriminator_loss(real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
    """-V(D, G) from D's logits on real and on generated pictures, each (n, 1).

    With ``smoothing`` the target for real pictures is 1 - smoothing, and that for generated ones stays 0 (Salimans et
    al. 2016, section 3.4): -(1 - s) log D(x) - s log(1 - D(x)) = softplus(-logit) + s logit.
    """
    on_real = F.softplus(-real.float()) + smoothing * real.float()
    return on_real.mean() + F.softplus(fake.float()).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """The non-saturating loss -E[log D(G(z, c))] (Goodfellow et al. 2014, section 3) from D's logits (n, 1)."""
    return F.softplus(-fake.float()).mean()


def feature_matching_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Squared distance of the mean features of real and of generated pictures (Salimans et al. 2016, section 3.1).

    Args:
        real: D's features, (n, d). Their mean is a target: no gradient flows there, not even through the statistics of
            a batch that both share.
        fake: the same of generated pictures, (n, d).
    """
    return (real.detach().float().mean(0) - fake.float().mean(0)).square().sum()


def mode_seeking_loss(images: Tensor, z: Tensor) -> Tensor:
    """How little noise changes pictures: of pairs with the same codes the distance of their noise over their own.

    Mode seeking GANs (Mao et al. 2019, arXiv 1903.05628, eq. 3), both distances being mean absolute differences. Their
    code takes the inverse of the mean distance over a batch, which a G that knows a few pictures makes small: here each
    pair has its own, so that pairs which are alike weigh most.

    Args:
        images: (n, C, H, W) in [0, 1]; the second half was made from the codes of the first, and from other noise.
        z: their noise, (n, noise).
    """
    half = len(images) // 2
    apart, moved = ((x[:half] - x[half : 2 * half]).abs().flatten(1).mean(1) for x in (images, z))
    return (moved / (apart + _ALIKE)).mean()


def log_likelihood(spec: LatentSpec, posterior: Posterior, c: Tensor) -> dict[str, Tensor]:
    """log Q(c | x) of each code, (n,) in nats.

    Args:
        spec: the latent space.
        posterior: Q's answer for n pictures.
        c: the codes that G was given, (n, spec.width).
    """
    means = {code.name: i for i, code in enumerate(spec.continuous)}
    result = {}
    for code in spec.codes:
        value = c[:, spec.slices[code.name]]
        if isinstance(code, Categorical | Bernoulli):
            logits = posterior.logits[:, spec.probability_slices[code.name]]
            result[code.name] = _discrete_log_likelihood(code, logits, value)
        else:
            i = means[code.name]
            result[code.name] = _gaussian_log_density(value[:, 0], posterior.mean[:, i], posterior.log_std[:, i])
    return result


def _discrete_log_likelihood(code: Code, logits: Tensor, value: Tensor) -> Tensor:
    if isinstance(code, Categorical):
        return (value * logits.log_softmax(1)).sum(1)
    return -F.binary_cross_entropy_with_logits(logits, value, reduction="none")[:, 0]


def _gaussian_log_density(value: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """log N(value; mean, exp(log_std)^2)."""
    return -0.5 * (_LOG_2PI + ((value - mean) * (-log_std).exp()).square()) - log_std


def mutual_information(spec: LatentSpec, posterior: Posterior, c: Tensor) -> dict[str, Tensor]:
    """L_I = E[log Q(c | x)] + H(c) of each code, in nats (eq. 5): at most H(c) for discrete codes."""
    likelihood = log_likelihood(spec, posterior, c)
    return {code.name: likelihood[code.name].mean() + code.entropy for code in spec.codes}


def information_loss(
    spec: LatentSpec, information: dict[str, Tensor], lambda_discrete: float, lambda_continuous: float
) -> Tensor:
    """-lambda L_I summed over the codes, with one weight for discrete and one for continuous codes."""
    discrete = {code.name for code in spec.discrete}
    terms = [-(lambda_discrete if name in discrete else lambda_continuous) * x for name, x in information.items()]
    return torch.stack(terms).sum()


def paired_information(logits: Tensor, changed: Tensor) -> Tensor:
    """I(k; k') between the clusters of pictures and of changed copies of them, in nats; IIC's objective.

    Invariant information clustering (Ji et al. 2019, arXiv 1807.06653, eq. 3): the joint distribution is the batch
    mean of p(x) p(x')^T, made symmetric. It is high when copies fall into one cluster and all clusters are used.

    Args:
        logits: (n, k) of the pictures, or (n, heads, k).
        changed: the same of their copies, row by row.

    Returns:
        A scalar, or (heads,).
    """
    with exactly(logits.device):
        joint = torch.einsum("n...k,n...l->...kl", logits.float().softmax(-1), changed.float().softmax(-1))
    joint = ((joint + joint.mT) / (2 * len(logits))).clamp_min(1e-9)
    marginal = joint.sum(-1).log()
    return (joint * (joint.log() - marginal[..., :, None] - marginal[..., None, :])).sum((-2, -1))


def heads_information(logits: Tensor, changed: Tensor) -> Tensor:
    """The mean of :func:`paired_information` over heads; logits are (n, heads, k)."""
    return paired_information(logits, changed).mean()


def guide_loss(mean: Tensor, measured: Tensor, categories: Tensor) -> Tensor:
    """How far Q's means are from what was measured on the pictures, up to a constant of its own for each category.

    A code that should follow the slant need not say that a seven leans more than a one; within each category it has to.

    Args:
        mean: Q's means of k guided codes, (n, k).
        measured: what they should follow, (n, k), in units of the codes.
        categories: P(category | x), (n, K), rows that sum to one; no gradient flows there.
    """
    left = mean.float() - measured
    shares = categories.detach().float()[:, :, None]  # (n, K, 1)
    # Sums of products, not matrix products: autocast would round those to bf16.
    constants = (shares * left[:, None]).sum(0) / shares.sum(0).clamp_min(1e-6)  # (K, k)
    return (left - (shares * constants).sum(1)).square().sum(1).mean()
