"""The rules of the house (docs/architecture.md), read off the source; test_loading.py has those of a process.

Each rule is a function from a module's syntax tree to its breaches, and each is shown a planted breach first.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("detector", "datasets", "generator", "serve")  # each may import what stands left of it
HEAVY = ("tensorflow", "keras", "mediapipe")
MODULES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
MODULE_STRING = re.compile(rf"catchlight\.({'|'.join(PARTS)})(\.\w+)*(:\w+)?")
MAX_LINES = 300

# Raised although not of catchlight's tree, because a protocol of Python or of a library asks for them.
FOREIGN_ERRORS = {
    "AttributeError": "module __getattr__",
    "IndexError": "__getitem__ of a sequence",
    "KeyError": "__getitem__ of a mapping",
    "click.UsageError": "click prints it with the usage and exits with status 2",
    "click.BadParameter": "as UsageError, and names the option",
    "click.ClickException": "click prints it in one line and exits with status 1",
    "click.exceptions.Exit": "click's own way to set an exit status",
    "SystemExit": "the command's exit status; rule `quiet` keeps it inside serve/cli",
}

# Modules without a mirrored test file, and where they are tested instead.
TESTED_ELSEWHERE = {
    "detector/types.py": "frozen values without behaviour; every other test builds them",
    "detector/media_image.py": "behind its door, media.py: test_media.py and test_media_*.py",
    "detector/media_limits.py": "as media_image.py",
    "detector/media_packets.py": "as media_image.py",
    "detector/media_video.py": "as media_image.py",
    "generator/networks/critics.py": "with the training that uses it: networks/test_train_autoencoder.py",
    "detector/errors.py": "its example runs in test_docs.py; messages are tested where they are raised",
}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(node: ast.AST) -> list[str]:
    """Absolute names that an import statement or a "package.module:factory" string refers to."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if MODULE_STRING.fullmatch(node.value) else []
    return []


def at_module_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: not the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from at_module_level(node)


def rule_imports_go_left(tree: ast.Module, part: str) -> Iterator[str]:
    allowed = PARTS[: PARTS.index(part) + 1]
    for node in ast.walk(tree):
        for name in imported(node):
            head, _, rest = name.partition(".")
            if head == "catchlight" and re.split(r"[.:]", rest)[0] not in allowed:
                yield f"{name} (allowed: {', '.join(allowed)})"


def rule_no_bare_names(tree: ast.Module, part: str) -> Iterator[str]:
    for node in ast.walk(tree):
        for name in imported(node):
            if name.startswith(".") or name.split(".")[0] in PARTS:
                yield f"{name} (say catchlight.…)"


def rule_flask_only_in_serve(tree: ast.Module, part: str) -> Iterator[str]:
    names = [name for node in ast.walk(tree) for name in imported(node)]
    yield from (n for n in names if part != "serve" and n.split(".")[0] in ("flask", "werkzeug"))


def rule_heavy_inside_functions(tree: ast.Module, part: str) -> Iterator[str]:
    for node in at_module_level(tree):
        yield from (name for name in imported(node) if name.split(".")[0] in HEAVY)


def rule_quiet(tree: ast.Module, part: str) -> Iterator[str]:
    """Libraries return and raise; only the command (serve/cli) prints and exits."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "print",
            "exit",
            "quit",
            "sys.exit",
            "os._exit",
        ):
            yield ast.unparse(node.func)
        if isinstance(node, ast.Raise) and node.exc and "SystemExit" in ast.unparse(node.exc):
            yield "SystemExit"


@cache
def error_names() -> set[str]:
    tree = tree_of(ROOT / "detector/errors.py")
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


@cache
def error_makers() -> set[str]:
    """Functions anywhere that are annotated to return one of our errors."""
    functions = (
        node for path in MODULES for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef)
    )
    return {
        function.name
        for function in functions
        if function.returns and ast.unparse(function.returns) in error_names()
    }


def names_called(nodes: Iterable[ast.AST]) -> set[str]:
    calls = (call for node in nodes for call in ast.walk(node) if isinstance(call, ast.Call))
    return {ast.unparse(call.func).removeprefix("self.") for call in calls}


def translated(tree: ast.Module, error: str) -> set[ast.Raise]:
    """Raises of `error` that never leave the module: inside a `try` that catches it, or called from one."""
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    catching = [t for t in tries if any(h.type and error in ast.unparse(h.type) for h in t.handlers)]
    inside = [statement for t in catching for statement in t.body]
    private = {f.name: f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name.startswith("_")}
    called: set[str] = set()
    while fresh := names_called(inside) & set(private) - called:
        called |= fresh
        inside += [private[name] for name in fresh]
    return {node for statement in inside for node in ast.walk(statement) if isinstance(node, ast.Raise)}


def rule_errors_are_ours(tree: ast.Module, part: str) -> Iterator[str]:
    """`raise` names an error of errors.py, a variable with one, or a function annotated to return one."""
    ours = error_names() | error_makers()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        raised = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        is_variable = isinstance(node.exc, ast.Name) and raised.islower()
        if is_variable or raised.split(".")[-1] in ours or raised in FOREIGN_ERRORS:
            continue
        if node not in translated(tree, raised):
            yield f"line {node.lineno}: raise {raised}"


def rule_no_errors_elsewhere(tree: ast.Module, part: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            if any(base.endswith(("Error", "Exception")) or base in error_names() for base in bases):
                yield f"class {node.name}({', '.join(bases)}) belongs in detector/errors.py"


def rule_public_is_documented(tree: ast.Module, part: str) -> Iterator[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in at_definition_level(tree) if isinstance(node, kinds) and node.name[0] != "_"]
    yield from (node.name for node in public if not ast.get_docstring(node))
    if not ast.get_docstring(tree):
        yield "the module itself"


def at_definition_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Definitions of the module and of its public classes."""
    for node in tree.body:
        yield node
        if isinstance(node, ast.ClassDef) and node.name[0] != "_":
            yield from node.body


def rule_version_from_metadata(tree: ast.Module, part: str) -> Iterator[str]:
    for node in ast.walk(tree):
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        if any(ast.unparse(target) == "__version__" for target in targets):
            yield "__version__ is assigned; read importlib.metadata.version('catchlight')"


# rule -> a source, as if of the detector, that breaks it
RULES = {
    rule_imports_go_left: "def f():\n    from catchlight.serve.app import create_app",
    rule_no_bare_names: "from datasets import load_dataset",
    rule_flask_only_in_serve: "from flask import Flask",
    rule_heavy_inside_functions: "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None",
    rule_quiet: "import sys\ndef f():\n    sys.exit(1)",
    rule_errors_are_ours: "def f():\n    raise ValueError('no')",
    rule_no_errors_elsewhere: "class Odd(RuntimeError):\n    pass",
    rule_public_is_documented: '"""Module."""\nclass A:\n    """A."""\n    def f(self):\n        return 1',
    rule_version_from_metadata: "__version__: str = '1'",
}

EXEMPT = {rule_quiet: "serve/cli", rule_no_errors_elsewhere: "detector/errors.py"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_sees_a_planted_breach(rule):
    assert list(rule(ast.parse(RULES[rule]), "detector"))


def test_rule_of_imports_sees_relative_ones_and_registry_strings():
    assert list(rule_no_bare_names(ast.parse("from . import media"), "detector"))
    assert list(rule_imports_go_left(ast.parse("X = {'a': 'catchlight.generator.run:make'}"), "datasets"))
    assert not list(rule_imports_go_left(ast.parse("from catchlight.detector import types"), "datasets"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_source_keeps_rule(rule):
    breaches = []
    for path in MODULES:
        relative = path.relative_to(ROOT)
        if relative.is_relative_to(EXEMPT.get(rule, "no such folder")):
            continue
        breaches += [f"{relative}: {breach}" for breach in rule(tree_of(path), relative.parts[0])]
    assert breaches == []


def test_rule_of_errors_lets_pass_what_is_translated_before_it_leaves():
    helper = "def _f():\n    raise ValueError('no')\n"
    caught = (
        helper
        + "def g():\n    try:\n        _f()\n    except ValueError as e:\n        raise DataError from e"
    )
    assert list(rule_errors_are_ours(ast.parse(helper + "def g():\n    _f()"), "detector"))
    assert not list(rule_errors_are_ours(ast.parse(caught), "detector"))


def test_every_part_has_modules():
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(PARTS)


def test_modules_are_short():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_package_has_an_init():
    """With `datasets/__init__.py`, `python -m pytest` from the root would hide Hugging Face's `datasets`."""
    assert [str(path.relative_to(ROOT)) for path in MODULES if path.name == "__init__.py"] == []


def test_every_part_is_typed():
    assert [part for part in PARTS if not (ROOT / part / "py.typed").is_file()] == []


def test_setup_lists_exactly_the_packages_of_the_tree():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = config["options"]["packages"].split()
    folders = {path.parent.relative_to(ROOT) for path in MODULES}
    assert sorted(listed) == sorted(f"catchlight.{'.'.join(folder.parts)}" for folder in folders)


def test_every_module_has_its_mirrored_test():
    without = set()
    for path in MODULES:
        relative = path.relative_to(ROOT)
        if not (ROOT / "tests" / relative.parent / f"test_{relative.name}").is_file():
            without.add(str(relative))
    assert without == set(TESTED_ELSEWHERE)
