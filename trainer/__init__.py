"""Training: latent codes, data, networks, losses, the loop, checkpoints."""
