"""THE SWAP OF A CLIP: a video and a person in, the video with that person's face out.

    survey -> choose the person -> steady landmarks -> for each frame: cut, draw, paste -> film, mask film, report

A frame that can't be swapped well is left as it was, and the report says which and why. Frames stream: what is held is
the landmarks.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from catchlight.detector import media
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.prefetch import prefetched
from catchlight.detector.threads import opencv_on_one_thread
from catchlight.detector.types import Pixels
from catchlight.generator.swap import frame, reference, scene
from catchlight.generator.swap.conditions import face_mask
from catchlight.generator.swap.drawer import Drawer
from catchlight.generator.swap.film import Film
from catchlight.generator.swap.flicker import Flicker
from catchlight.generator.swap.judge import FrameNote, hopeless, judged, strengths
from catchlight.generator.swap.paste import Finish, paste
from catchlight.generator.swap.provenance import described, save_still
from catchlight.generator.swap.reference import Reference
from catchlight.generator.swap.steady import Placed, at_side, steady
from catchlight.generator.types import Forgery, Mask

METHOD = "autoencoder_swap"
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class SwapOptions:
    """How a medium is swapped."""

    person: int | None = None  # number of the person to replace, 1 the most prominent
    near: tuple[float, float] | None = None  # or whoever is nearest to this point, pixels
    least: float = 0.1  # quality of a frame, 0 to 1, under which it is left as it was
    finish: Finish = field(default_factory=Finish)  # how the face is joined to its surroundings
    mask: bool = True  # write the mask too, beside the output


@dataclass(frozen=True, slots=True)
class Swapped:
    """What was made.

    Attributes:
        target: The medium.
        out: What was written.
        mask: Its mask; None where that was not asked for.
        origin: Where the face that was put in comes from; empty for a pair's network.
        people: Who was in the medium, in words.
        frames: What became of each frame.
        flicker: Of the swapped face, and of the same frames as they were; grey levels.
        seconds: CPU time in all.
    """

    target: Path
    out: Path
    mask: Path | None
    origin: str
    people: str
    frames: tuple[FrameNote, ...]
    flicker: tuple[float, float]
    seconds: float

    @property
    def swapped(self) -> int:
        """Number of frames with the new face."""
        return sum(not note.kept for note in self.frames)


def swap(
    target: Path,
    out: Path,
    drawer: Drawer,
    source: Sequence[Reference] = (),
    options: SwapOptions = SwapOptions(),
    progress: Progress | None = None,
) -> Swapped:
    """Replace one person's face in a clip or still.

    Args:
        target: A video or picture.
        out: To write; .mp4, .mov or .mkv for a video, .png or .jpg for a picture.
        drawer: The network.
        source: The person to put in, as `reference.references` finds them; a pair's network needs none.
        options: How.
        progress: Called with the stage, the frames done and their number, None where it is not known.

    Raises:
        MediaError: The target can't be read.
        DataError: It shows nobody, no frame of it can be swapped, or the output can't be written.
        ConfigError: The output is the target, its suffix does not fit, there is no such person, or no source.
    """
    started = clock.process_time()
    _check(target, out, drawer, source)
    about = media.probe(target, scene.LIMITS)
    seen = scene.survey(target, progress and (lambda done: progress("looking", done, about.frames or None)))
    crops = seen.crops(scene.choose(seen, target, options.person, options.near))
    cuts = scene.cuts(crops)
    placed = steady([crops[i].face.landmarks if i in crops else None for i in range(seen.frames)], cuts)
    chosen = _source(source, placed)
    notes = judged(seen.times, placed, crops, chosen, (about.width, about.height), options.least)
    if all(note.kept for note in notes):
        raise DataError(f"{target}: {hopeless(notes)}")
    hand = _Hand(drawer, chosen, options.finish, placed, strengths(notes, cuts))
    mask = out.with_name(f"{out.stem}.mask{out.suffix}") if options.mask else None
    with opencv_on_one_thread():
        write = _still if about.kind == "image" else _film
        write(target, out, mask, hand, progress)
    origin = chosen.origin if chosen else ""
    seconds = round(clock.process_time() - started, 2)
    return Swapped(target, out, mask, origin, scene.described(seen), tuple(notes), hand.flicker(), seconds)


def _still(target: Path, out: Path, mask: Path | None, hand: _Hand, progress: Progress | None) -> None:
    picture = next(media.frames(target, scene.EVERY, scene.LIMITS))
    forgery = hand.forge(0, picture.image)
    save_still(out, forgery.image, described(METHOD))
    if mask:
        save_still(mask, _grey(forgery.mask), described(METHOD))


def _film(target: Path, out: Path, mask: Path | None, hand: _Hand, progress: Progress | None) -> None:
    with ExitStack() as stack:
        film = stack.enter_context(Film(out, described(METHOD), target))
        matte = stack.enter_context(Film(mask, described(METHOD))) if mask else None
        frames = media.frames(target, scene.EVERY, scene.LIMITS)
        for number, picture in enumerate(stack.enter_context(closing(prefetched(frames)))):
            forgery = hand.forge(number, picture.image)
            film.add(forgery.image, picture.time)
            if matte:
                matte.add(forgery.mask, picture.time)
            if progress:
                progress("swapping", number + 1, len(hand.placed))


class _Hand:
    """What is done to each frame of a clip, and how steady the result is."""

    def __init__(
        self,
        drawer: Drawer,
        source: Reference | None,
        finish: Finish,
        placed: Sequence[Placed | None],
        strengths: Sequence[float],
    ) -> None:
        self.drawer, self.finish, self.placed, self.strengths = drawer, finish, placed, strengths
        self.person = frame.cut(source.face.image, source.face.landmarks, drawer.side) if source else None
        self.before, self.after = Flicker(), Flicker()

    def forge(self, number: int, image: Pixels) -> Forgery:
        """One frame, swapped or as it was."""
        place, strength = self.placed[number], self.strengths[number]
        if place is None or strength <= 0:
            self.before.pause()
            self.after.pause()
            return Forgery(image, np.zeros(image.shape[:2], np.float32))
        side = self.drawer.side
        by = at_side(place.by, side)
        shown = frame.cut_by(image, place.landmarks, by, side)
        finish = replace(self.finish, strength=self.finish.strength * strength)
        forgery = paste(image, self.drawer.draw(shown, self.person), shown, by, finish)
        inside = face_mask(shown.landmarks, side)
        self.before.add(shown.image, inside)
        self.after.add(frame.cut_by(forgery.image, place.landmarks, by, side).image, inside)
        return forgery

    def flicker(self) -> tuple[float, float]:
        """Of the swapped face, and of the same frames as they were."""
        return self.after.mean, self.before.mean


def _check(target: Path, out: Path, drawer: Drawer, source: Sequence[Reference]) -> None:
    if out.exists() and out.samefile(target):
        raise ConfigError(f"{out} is the target itself; give another name to what is made")
    if drawer.one_shot and not source:
        raise ConfigError(
            "the one-shot network needs a source: a photograph, folder or video of the person to put in"
        )


def _source(source: Sequence[Reference], placed: Sequence[Placed | None]) -> Reference | None:
    """The person's face that fits the target best; one for the whole clip, so that it doesn't change."""
    if not source:
        return None
    known = [place.landmarks for place in placed if place]
    return reference.best(source, known[:: max(1, len(known) // 24)])


def _grey(mask: Mask) -> Pixels:
    return np.repeat(np.clip(mask * 255 + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
