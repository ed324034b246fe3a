"""The training loop."""

import math
import shlex
import time
from pathlib import Path

import torch

from . import checkpoint, memory, replicas
from .clustering import Clustering
from .config import TrainConfig
from .cores import cores
from .data import described, load
from .encoding import Encoding
from .errors import UserError
from .game import update
from .interrupts import Interrupts
from .labels import draw_labelled
from .precision import resolve_device, resolve_precision
from .recording import recording
from .run_folder import changes, locked, settings_of, write_settings
from .saves import Saves, diverged
from .state import TrainingState
from .teachers import taught

_ENCODER_SAVES = 500  # steps from one to the next while the encoder learns
MOST_WEIGHTS = 60_000_000  # of G, and of Q with its trunk: less than the gate of a bundle lets through


def train(config: TrainConfig, run: Path, resumed: checkpoint.State | None = None) -> int:
    """Train until ``config.total_steps``, writing the run folder as it goes; a full disk is waited for.

    Args:
        config: the settings.
        run: the run folder, made where it is missing.
        resumed: the state to go on from.

    Returns:
        0 when the last step was done; 128 + the signal's number when a signal stopped the run, which was then saved.

    Raises:
        UserError: bad data or settings, networks that diverged, a folder that another process trains in, a last
            checkpoint that could not be written.
    """
    # Set up: data, networks, optimisers, and where an earlier session of this run left them.
    replicas.check_batch(config.batch_size, config.packing, least=4 if config.mode_seeking else 2)
    replicas.check_same(resumed["step"] if resumed is not None else 0)
    torch.set_num_threads(config.threads or max(1, cores() // replicas.on_this_machine()))
    device = resolve_device(config.device)
    precision = resolve_precision(config.precision, device)
    pictures = load(config.dataset, config.data_dir, "train", preparation=config.preparation)
    with replicas.first_alone():
        known = taught(run, pictures, config, device, precision) if config.teachers else draw_labelled(pictures, config)
    state = TrainingState(config, pictures.images, device, known)
    _check_exportable(state)
    if resumed is not None:
        state.restore(resumed)
    game_ends, total_steps = config.game_ends(len(state.batches)), config.total_steps(len(state.batches))
    if game_ends - config.steps_before_game < config.d_steps:
        raise UserError(
            f"{game_ends - config.steps_before_game} steps of the game never update G with --d-steps "
            f"{config.d_steps}; give more --epochs, or fewer --d-steps"
        )
    if state.encoding is None and state.step > game_ends:
        raise UserError(
            f"{run} is at step {state.step}, but its game shall end at {game_ends}; give a larger --steps or --epochs"
        )
    if state.step >= total_steps:
        more = "--steps or --epochs" if state.encoding is None else "--encoder-steps"
        raise UserError(f"{run} is at step {state.step} of {total_steps}; give a larger {more} to go on")
    replicas.wait()  # until all have read the checkpoint that they go on from
    if replicas.rank() != 0:
        return _train(state, run, precision, [])
    settings = settings_of(config, pictures, device, precision)
    with locked(run):
        notes = [
            f"{config.network} on {len(pictures.images):,} pictures of {config.dataset}, from step {state.step} to "
            f"{total_steps}, {_counted(torch.get_num_threads(), 'thread')}, {precision}, in {run}"
        ]
        if replicas.size() > 1:
            notes[0] += f", by {replicas.size()} processes that share each batch of {config.batch_size}"
        if not described(config.dataset).shareable and config.dataset != "folder":
            notes.append(
                f"{config.dataset} may be used as follows: {described(config.dataset).licence}; what is trained on it "
                "is not yours to give away"
            )
        notes += pictures.notes
        notes += [f"not bit for bit what it would have been: {change}" for change in changes(run, settings)]
        if resumed is not None and state.step < resumed["step"]:  # before what is newer is set aside
            checkpoint.save(run, state.to_checkpoint(), best=False)
        later = checkpoint.set_aside_later(run, state.step)
        if later:
            notes.append(f"set aside as .superseded, for the run goes on from step {state.step}: {', '.join(later)}")
        write_settings(run, settings)
        return _train(state, run, precision, notes)


def _train(state: TrainingState, run: Path, precision: str, notes: list[str]) -> int:
    """The loop; ``notes`` are said first."""
    memory.keep()
    config, epoch_length = state.config, len(state.batches)
    game_ends, total_steps = config.game_ends(epoch_length), config.total_steps(epoch_length)
    with recording(run, state.history, state.step, total_steps) as recorder, Interrupts() as interrupts:
        for note in notes:
            recorder.say(note)
        if state.step == 0:
            recorder.graph(state.model)
        started, saves = time.perf_counter() - state.seconds, Saves(run, state, recorder.say)
        epochs_together = -(-config.save_every // epoch_length)
        clustering = Clustering(state, precision) if state.step < config.cluster_steps else None
        encoding: Encoding | None = None
        stopped_by = replicas.largest(interrupts.received or 0)
        while state.step < total_steps and not stopped_by:
            # Train: first the trunk clusters, then D goes ahead, both if asked for; then the game of D, Q and G; when
            # that is over, the encoder.
            epoch = state.batches.epoch
            state.begin_step()
            if state.step < game_ends:
                state.set_learning_rates(game_ends)
                if clustering is not None and state.step < config.cluster_steps:
                    terms = clustering.update()
                else:
                    terms = update(state, state.next_batch(), precision)
                replicas.mean_statistics(state.model)
                state.step += 1
                state.average_weights()
            else:
                encoding = encoding or Encoding(state, precision, total_steps)
                terms = encoding.update()
                state.step += 1
            state.seconds = time.perf_counter() - started
            state.add(terms)

            # Log: the mean of each term since the last row.
            if state.step % config.log_every == 0 or state.step in (game_ends, total_steps):
                row = state.end_row(epoch)
                if not all(map(math.isfinite, row.values())):
                    raise diverged(state, run)
                recorder.row(row)
                saves.retry()

            # What clustering has cost is not lost by a run that ends within its first epoch.
            if state.step == config.cluster_steps:
                clustering = None
                saves.save(best=True)

            # At the end of an epoch, or of several short ones: look at the codes, save, and remember the best. An
            # encoder has no epochs.
            if state.batches.epoch > epoch and state.batches.epoch % epochs_together == 0:
                saves.save(best=state.end_epoch())
                recorder.traversals(state.average, state.step)
            elif state.step in range(game_ends, total_steps, _ENCODER_SAVES):
                saves.save(best=state.best is None)
            stopped_by = replicas.largest(interrupts.received or 0)

        if saves.step < state.step:
            saves.save(best=state.best is None)  # until an epoch is complete, the newest is the best
            recorder.traversals(state.average, state.step)
        if encoding is not None:
            recorder.reconstructions(encoding.reconstructions(), state.step)
        saves.finish()
        if stopped_by and state.step < total_steps:
            recorder.say(
                f"stopped at step {state.step} of {total_steps} and saved; "
                f"go on with: {replicas.command()} --resume {shlex.quote(str(run))}"
            )
            return 128 + stopped_by
        recorder.say(f"done: step {state.step}, {state.seconds:.0f} s of training, in {run}")
    return 0


def _check_exportable(state: TrainingState) -> None:
    """Refuse networks that no bundle could hold, before hours are spent on them."""
    networks = (state.model.generator,), (state.model.trunk, state.model.q_head)
    largest = max(sum(p.numel() for network in pair for p in network.parameters()) for pair in networks)
    if largest > MOST_WEIGHTS:
        raise UserError(
            f"--channels and --hidden make a network of {largest:,} weights, a bundle holds {MOST_WEIGHTS:,} at most; "
            "use smaller ones"
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number > 1)}"
