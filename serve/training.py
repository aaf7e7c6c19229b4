"""The whole way from a store of faces to a bundle: what `catchlight train` runs.

store -> tiers -> batches -> `detector.train.fit` -> `detector.export` -> scores of held-out people ->
calibration -> bundle. Each step leaves its result in the run's folder; running it again goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.datasets.batches import training_batches
from catchlight.datasets.faces import Store
from catchlight.detector import config as settings
from catchlight.detector.bundle import Bundle, load, save
from catchlight.detector.calibrate import fit as fit_calibration
from catchlight.detector.calibration import CalibrationSample
from catchlight.detector.errors import ConfigError
from catchlight.detector.export import to_tflite
from catchlight.detector.models import last_layer, zoo
from catchlight.detector.models.chroma import chromatic
from catchlight.detector.models.jury import jury
from catchlight.detector.models.last_layer import LastLayerConfig
from catchlight.detector.models.mixed import mix
from catchlight.detector.models.surroundings import discounted
from catchlight.detector.models.texture import textured
from catchlight.detector.models.views import two_views
from catchlight.detector.runtime import Network
from catchlight.detector.train import Progress, TrainConfig, build, fit
from catchlight.detector.types import Pixels, Scores
from catchlight.generator.balanced import examples, real_faces
from catchlight.generator.indifferent import varied
from catchlight.generator.tiers import TierConfig, training_tiers, validation_set
from catchlight.serve import cards, false_alarms, skin_tones
from catchlight.serve.held_out import HeldOut, cleared_kinds, held_out_tracks, merge_small, score_held_out

REFITTED, MIXED = "refitted.weights.h5", "mixed.weights.h5"
TABLES = {"network": TrainConfig, "tiers": TierConfig, "last_layer": LastLayerConfig}


@dataclass(frozen=True, slots=True)
class RunConfig:
    """A training run: the network and how it is trained, what its batches are made of, and its last layer."""

    network: TrainConfig
    tiers: TierConfig
    last_layer: LastLayerConfig = field(default_factory=LastLayerConfig)


def read_config(path: Path, backbone: Path | None = None) -> RunConfig:
    """Read a training configuration (TOML with the tables ``network``, ``tiers`` and ``last_layer``).

    Args:
        path: The file.
        backbone: ImageNet weights, in place of the file's setting.

    Raises:
        ConfigError: If the file can't be read or a setting is wrong.
    """
    run = RunConfig(**settings.read_tables(path, TABLES))
    if backbone is None:
        return run
    return replace(run, network=replace(run.network, backbone_weights=str(backbone)))


def train_network(
    config: RunConfig, store: Store, out: Path, report: Callable[[Progress], None] | None = None
) -> Any:
    """Train, or go on training, the network of a run; returns the `keras.Model` with the best weights.

    Where the configuration says so, it is mixed with the weights that it was trained on from, which leaves
    ``mixed.weights.h5``, another network is put beside it, and then the last layer, which reads both, is
    fitted anew; the weights with it are written beside the best as ``refitted.weights.h5``. With no epochs the initial
    weights are taken as they are.
    """
    network, layer = config.network, config.last_layer
    out.mkdir(parents=True, exist_ok=True)
    # Asked for before the training, so that a store which lacks something says so now.
    shown = examples(store, config.tiers, layer, network.side, network.seed) if layer.strength > 0 else None
    alike = varied(store, layer.indifferent, network.side, network.seed)
    model = _trained(config, store, out, report) if network.epochs else build(network)
    if network.mix_with:
        mix(model, Path(network.mix_with), network.mix_share)
        model.save_weights(out / MIXED)
    model = textured(model) if layer.texture else model
    model = beside(network, chromatic(model) if layer.chroma else model)
    if shown is not None:
        last_layer.refit(model, shown, layer.strength, network.seed, alike)
        model.save_weights(out / REFITTED)
    return model


def _trained(config: RunConfig, store: Store, out: Path, report: Callable[[Progress], None] | None) -> Any:
    network, tiers = config.network, config.tiers
    shown = training_tiers(store, tiers)
    batches = training_batches(
        shown,
        network.side,
        network.steps,
        network.seed,
        tiers.histories,
        tiers.websites,
        tiers.grain,
        teacher=_teacher(network),
    )
    return fit(network, batches, validation_set(store, tiers, network.side, network.seed), out, report)


def _teacher(config: TrainConfig) -> Callable[[Pixels], Scores] | None:
    """What labels the batches in place of the truth, where a configuration says so (Hinton, Vinyals & Dean,
    "Distilling the Knowledge in a Neural Network", 2015)."""
    if not config.teacher:
        return None
    runner = Network(load(config.teacher).network_file(), threads=1)
    if runner.side != config.side:
        raise ConfigError(
            f"teacher {config.teacher} reads crops of {runner.side} px, the network {config.side}"
        )
    return lambda crops: runner.run(crops)[0]


def make_bundle(config: RunConfig, store: Store, model: Any, out: Path, name: str, command: str) -> Bundle:
    """Compile a trained network, calibrate it on held-out people and write its bundle to ``out``/bundle.

    The form of the compiled network that judges, float unless the configuration says int8, gives the scores that the
    calibration is fitted on, as it will in use. What int8 loses is measured on the same people and told in the card. A
    bundle that would call many real people fake after harmless handling, or many of one skin tone, is not written, and
    the one there stays.

    Args:
        config: Of the run.
        store: The store that it was trained on.
        model: The trained `keras.Model`.
        out: Folder of the run.
        name: The detector's name.
        command: The command that trained it, for the card.

    Raises:
        TrainingError: If it tells fake from real no better than chance, or accuses too many real people
            (`false_alarms.refuse`, `skin_tones.refuse`).
    """
    if config.network.near_view:
        model = two_views(model, config.network.near_view)
    side, seed = int(model.input_shape[1]), config.network.seed
    if config.last_layer.surroundings:
        model = discounted(model, real_faces(store, config.last_layer.surroundings, side, seed))
    tiers = config.tiers
    held_out = held_out_tracks(store, side, seed, tiers.held_out_kinds, tiers.video_collections)
    tracks = merge_small(list(held_out))
    form = config.network.form
    ranges = None if form == "float" else np.concatenate([track.crops[:1] for track in tracks])
    networks = to_tflite(model, ranges)
    scored = {each: _scores(data, tracks) for each, data in networks.items()}
    judging = "int8" if form == "int8" else "float"
    calibration = fit_calibration(scored[judging], seed=seed, clears=cleared_kinds(store))
    alarms = false_alarms.measure(tracks, _score(networks[judging]), calibration)
    false_alarms.refuse(alarms)
    tones = skin_tones.measure(tracks, scored[judging], calibration, seed)
    skin_tones.refuse(tones)
    card = cards.write(
        name, command, config.network, config.tiers, store, scored, calibration, judging, alarms, tones
    )
    return save(
        out / "bundle",
        name=name,
        version=metadata.version("catchlight"),
        side=side,
        backbone=config.network.network,
        networks=networks if form == "both" else {form: networks[form]},
        default=judging,
        outputs={o: tuple(model.get_layer(o).output.shape[1:]) for o in model.output_names},
        calibration=calibration,
        card=card,
    )


def beside(config: TrainConfig, model: Any) -> Any:
    """Put another trained network beside one, where a configuration says so.

    Args:
        config: Of the run.
        model: The trained `keras.Model`.

    Returns:
        A `keras.Model` with the same outputs, the mean of both (`detector.models.jury`); or ``model`` itself.
    """
    if not config.beside:
        return model
    other = zoo.builder(config.beside_network or config.network)(config.side, None)
    other.load_weights(config.beside)
    return jury([model, other])


def with_card(bundle: Bundle, card: str) -> Bundle:
    """The same bundle with another card, written in its place."""
    files = {form: bundle.folder / name for form, name in bundle.network.files.items()}
    return save(
        bundle.folder,
        name=bundle.name,
        version=bundle.version,
        side=bundle.network.side,
        backbone=bundle.network.backbone,
        networks={form: path.read_bytes() for form, path in files.items()},
        default=bundle.network.default,
        outputs=bundle.network.outputs,
        calibration=bundle.calibration,
        card=card,
    )


def _scores(network: bytes, tracks: Sequence[HeldOut]) -> list[CalibrationSample]:
    return score_held_out(tracks, _score(network))


def _score(network: bytes) -> Callable[[Pixels], Scores]:
    runner = Network(network)
    return lambda crops: runner.run(crops)[0]
