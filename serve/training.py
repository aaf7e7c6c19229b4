"""The whole way from a store of faces to a bundle: what `catchlight train` runs.

store -> tiers -> batches -> `detector.train.fit` -> `detector.export` -> scores of held-out people ->
calibration -> bundle. Each step leaves its result in the run's folder; running it again goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from catchlight.datasets.batches import training_batches
from catchlight.datasets.faces import Store
from catchlight.detector import config as settings
from catchlight.detector.bundle import Bundle, save
from catchlight.detector.calibrate import fit as fit_calibration
from catchlight.detector.errors import ConfigError
from catchlight.detector.export import to_tflite
from catchlight.detector.runtime import Network
from catchlight.detector.train import Progress, TrainConfig, fit
from catchlight.generator.tiers import TierConfig, training_tiers, validation_set
from catchlight.serve.cards import Card
from catchlight.serve.held_out import held_out_tracks, score_held_out

SECTIONS = ("network", "tiers")


@dataclass(frozen=True, slots=True)
class RunConfig:
    """A training run: the network and how it is trained, and what its batches are made of."""

    network: TrainConfig
    tiers: TierConfig


def read_config(path: Path, backbone: Path | None = None) -> RunConfig:
    """Read a training configuration (TOML with the tables ``network`` and ``tiers``).

    Args:
        path: The file.
        backbone: ImageNet weights, in place of the file's setting.

    Raises:
        ConfigError: If the file can't be read or a setting is wrong.
    """
    table = settings.read_toml(path)
    unknown = sorted(set(table) - set(SECTIONS))
    if unknown:
        raise ConfigError(f"{path}: unknown table [{unknown[0]}]; valid tables: {', '.join(SECTIONS)}")
    network = settings.build(TrainConfig, table.get("network", {}), f"{path} [network]")
    tiers = settings.build(TierConfig, table.get("tiers", {}), f"{path} [tiers]")
    if backbone is not None:
        network = replace(network, backbone_weights=str(backbone))
    return RunConfig(network, tiers)


def train_network(
    config: RunConfig, store: Store, out: Path, report: Callable[[Progress], None] | None = None
) -> Any:
    """Train, or go on training, the network of a run; returns the `keras.Model` with the best weights."""
    network = config.network
    tiers = training_tiers(store, config.tiers)
    batches = training_batches(tiers, network.side, network.steps, network.seed, config.tiers.histories)
    validation = validation_set(store, config.tiers, network.side, network.seed)
    return fit(network, batches, validation, out, report)


def make_bundle(config: RunConfig, store: Store, model: Any, out: Path, name: str, card: Card) -> Bundle:
    """Compile a trained network, calibrate it on held-out people and write its bundle to ``out``/bundle.

    The compiled float network gives the scores that the calibration is fitted on, as it will in use; what int8
    loses is measured on the same people and told in the card.
    """
    side = config.network.side
    validation = validation_set(store, config.tiers, side, config.network.seed)
    networks = to_tflite(model, validation.images)
    tracks = list(held_out_tracks(store, side, config.network.seed, config.tiers.held_out_kinds))
    scored = {form: score_held_out(tracks, lambda x, n=Network(data): n.run(x)[0]) for form, data in networks.items()}
    calibration = fit_calibration(scored["float"], seed=config.network.seed)
    shapes = {output: tuple(model.get_layer(output).output.shape[1:]) for output in model.output_names}
    return save(
        out / "bundle",
        name=name,
        version=metadata.version("catchlight"),
        side=side,
        backbone=config.network.network,
        networks=networks,
        default="float",
        outputs=shapes,
        calibration=calibration,
        card=card.text(scored, calibration),
    )
