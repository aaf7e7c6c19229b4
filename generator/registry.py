"""Finds forgery methods by name: built-ins, installed plug-ins, or `package.module:factory`.

A method is any object that is called with (target, source, rng) and returns a `Forgery`; a factory makes it.
See `catchlight.generator.testing.check_method` for the contract.

    # mine.py                                   registry.create("mine:create")
    from catchlight.generator.types import Forgery

    class Blackout:
        def __call__(self, target, source, rng):
            mask = np.zeros(target.image.shape[:2], np.float32)
            mask[: len(mask) // 2] = 1
            return Forgery((target.image * (1 - mask[..., None])).astype(np.uint8), mask)

    create = Blackout
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

from catchlight.detector.errors import ConfigError
from catchlight.detector.plugins import Plugins
from catchlight.generator.types import Method

GROUP = "catchlight.methods"

BUILT_IN = {
    "autoencoder_swap": "catchlight.generator.methods.autoencoder_swap:AutoencoderSwap",
    "cross_blend": "catchlight.generator.methods.cross_blend:CrossBlend",
    "eye_reflections": "catchlight.generator.methods.eye_reflections:EyeReflections",
    "face_light": "catchlight.generator.methods.face_light:FaceLight",
    "face_swap": "catchlight.generator.methods.face_swap:FaceSwap",
    "gan_face": "catchlight.generator.methods.gan_face:GanFace",
    "local_edit": "catchlight.generator.methods.local_edit:LocalEdit",
    "motion": "catchlight.generator.methods.motion:Motion",
    "reenact": "catchlight.generator.methods.reenact:Reenact",
    "reconstruct": "catchlight.generator.methods.reconstruct:Reconstruct",
    "reconstruct_blend": "catchlight.generator.methods.reconstruct_blend:ReconstructBlend",
    "reshape": "catchlight.generator.methods.reshape:Reshape",
    "self_blend": "catchlight.generator.methods.self_blend:SelfBlend",
    "skin": "catchlight.generator.methods.skin:Skin",
    "warp_artifact": "catchlight.generator.methods.warp_artifact:WarpArtifact",
}

_PLUGINS = Plugins("method", GROUP, BUILT_IN)


def names() -> tuple[str, ...]:
    """The names of all methods that are installed, sorted."""
    return _PLUGINS.names()


def factory(name: str) -> Callable[..., Any]:
    """What makes the method of a name; to make a method may mean to load a network, this does not.

    Raises:
        UnknownName: No such method.
        ConfigError: The plug-in can't be imported.
    """
    return _PLUGINS.factory(name)


def takes(name: str, option: str) -> bool:
    """Whether the factory of a method has an option, as ``hardness``.

    Raises:
        UnknownName: No such method.
        ConfigError: The plug-in can't be imported.

    Example:
        >>> takes("self_blend", "hardness"), takes("self_blend", "part")
        (True, False)
    """
    return accepts(factory(name), option)


def accepts(factory: Callable[..., Any], option: str) -> bool:
    """Whether a factory has a parameter of this name; False for those of C, which don't tell."""
    try:
        return option in inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return False


def create(name: str, **options: Any) -> Method:
    """Make the method of a name.

    Args:
        name: One of `names()`, or ``package.module:factory``.
        options: For the factory, as ``kind="mouth"`` for ``self_blend``.

    Raises:
        UnknownName: No such method; the message lists the valid names.
        ConfigError: The plug-in can't be imported, takes no such option, or what it makes can't be called.
        BundleError: The method's trained weights are missing or damaged.

    Example:
        >>> create("self_blend", kind="mouth").kind
        'mouth'
    """
    make = factory(name)
    try:
        method = make(**options)
    except TypeError as error:
        raise ConfigError(f"method {name!r} can't be made with the options {options}: {error}") from error
    except ImportError as error:
        raise ConfigError(
            f"method {name!r} needs a package that is not installed: {error}. Ours come with catchlight[train]."
        ) from error
    if not callable(method):
        raise ConfigError(
            f"method {name!r} makes a {type(method).__name__}, which can't be called with (target, source, rng). "
            "See catchlight.generator.types.Method."
        )
    return cast(Method, method)
