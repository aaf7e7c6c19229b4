"""What the documents say is so: commands, options, files, links, code, lists, versions and examples."""

from __future__ import annotations

import ast
import configparser
import doctest
import importlib
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("detector", "datasets", "generator", "serve")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SPAN = re.compile(r"`([^`\n]+)`")
NEEDS_KERAS = ("detector/models/", "detector/pair_loss.py", "generator/networks/")


def blocks(text: str, language: str) -> list[str]:
    return [code for found, code in BLOCK.findall(text) if found == language]


def spans(text: str) -> list[str]:
    return SPAN.findall(BLOCK.sub("", text))


def commands(text: str, program: str) -> Iterator[list[str]]:
    """Words after `program` in shell blocks and inline code, without comments."""
    lines = [line.partition("#")[0] for block in blocks(text, "sh") for line in block.splitlines()]
    for line in [*lines, *spans(text)]:
        words = re.sub(r"^(\w+=\S*\s+)*", "", line.strip()).split()
        if words[:1] == [program] and words[1:]:
            yield words[1:]


def between(text: str, name: str) -> str:
    """What stands between `<!-- name -->` and `<!-- /name -->`."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name.split(':')[0]} -->", text, re.S)
    assert found, f"no block <!-- {name} -->"
    return found[1]


def first_column(table: str) -> list[str]:
    return [SPAN.search(line)[1] for line in table.splitlines() if SPAN.match(line.lstrip("| "))]


def options(command: click.Command) -> set[str]:
    """Every spelling of every option, those for help included."""
    from catchlight.serve.cli.main import main

    context = click.Context(command, parent=click.Context(main, **main.context_settings))
    flags = [parameter for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
    return {spelling for flag in flags for spelling in (*flag.opts, *flag.secondary_opts)}


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The (sub)command that the words name, and the words that are left."""
    from catchlight.serve.cli.main import main

    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        child = command.get_command(click.Context(command), words[0])
        assert child, f"{command.name} has no subcommand {words[0]!r}"
        command, words = child, words[1:]
    return command, words


@pytest.fixture(scope="module")
def every_option() -> set[str]:
    from catchlight.serve.cli.main import COMMANDS, main

    named = [resolve([name])[0] for name in COMMANDS]
    nested = [command for group in named for command in getattr(group, "commands", {}).values()]
    return set().union(options(main), *(options(command) for command in named + nested))


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_make_targets_exist(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    named = {
        word
        for words in commands(document.read_text(encoding="utf-8"), "make")
        for word in words
        if word.islower()
    }
    assert named <= targets


def test_readme_shows_the_two_commands():
    assert {"demo", "test"} <= {words[0] for words in commands(README, "make")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_subcommands_and_their_options_exist(document):
    for words in commands(document.read_text(encoding="utf-8"), "catchlight"):
        command, rest = resolve(words)
        assert {word.split("=")[0] for word in rest if word.startswith("-")} <= options(command), words


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_options_named_alone_exist(document, every_option):
    named = {
        span.split()[0] for span in spans(document.read_text(encoding="utf-8")) if re.match(r"--?[a-z]", span)
    }
    assert named <= every_option


def test_readme_lists_every_option_of_detect():
    table = README.partition("| option of `catchlight detect` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(--?[a-z-]+)", table)) == options(resolve(["detect"])[0])


def test_readme_or_docs_mention_every_subcommand():
    from catchlight.serve.cli.main import COMMANDS

    mentioned = {
        words[0] for path in DOCUMENTS for words in commands(path.read_text(encoding="utf-8"), "catchlight")
    }
    mentioned |= {"demo"}  # named by `make demo`
    assert set(COMMANDS) <= mentioned


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_links_lead_to_files(document):
    text = BLOCK.sub("", document.read_text(encoding="utf-8"))
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [link for link in links if link and "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_files_named_in_code_exist(document):
    """`detector/media.py`, `detector/media*.py`: a path into the tree, from the root; `<name>` is any."""
    named = re.compile(rf"(?:{'|'.join(PARTS)}|tests|docs)/[\w<>*./-]*\w\.(?:py|md|toml|html|json)")
    text = document.read_text(encoding="utf-8")
    paths = {path for path in named.findall(text) if re.search(rf"(?<![\w/.]){re.escape(path)}", text)}
    patterns = {path: re.sub(r"<\w+>", "*", path) for path in paths if "__init__" not in path}
    missing = [path for path, pattern in sorted(patterns.items()) if not list(ROOT.glob(pattern))]
    assert missing == []


def python_blocks() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}:{index}", code)
        for path in DOCUMENTS
        for index, code in enumerate(blocks(path.read_text(encoding="utf-8"), "python"))
    ]


@pytest.mark.parametrize("code", [c for _, c in python_blocks()], ids=[name for name, _ in python_blocks()])
def test_python_in_documents_compiles_and_its_imports_exist(code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("catchlight"):
            module = importlib.import_module(node.module)
            names = [alias.name for alias in node.names if not hasattr(module, alias.name)]
            # Modules of a package are no names of it until somebody imports them.
            assert [name for name in names if importlib.util.find_spec(f"{node.module}.{name}") is None] == []


@pytest.mark.parametrize("name", ["mine.py", "mirror.py"])
def test_plugins_of_the_documents_pass_their_contract(name, tmp_path, monkeypatch):
    text = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
    plugin, check = (
        re.search(rf"<!-- {mark} {name} -->\n```python\n(.*?)```", text, re.S)[1]
        for mark in ("file:", "run: with")
    )
    assert len(plugin.splitlines()) <= 15
    (tmp_path / name).write_text(plugin)
    monkeypatch.syspath_prepend(tmp_path)
    exec(compile(check, "docs/plugins.md", "exec"), {})


def test_lists_of_detectors_and_methods_are_the_registries():
    from catchlight.detector import registry as detectors
    from catchlight.generator import registry as methods

    assert sorted(first_column(between(README, "detectors"))) == sorted(detectors.BUILT_IN)
    assert sorted(first_column(between(README, "methods"))) == sorted(methods.BUILT_IN)


def test_reasons_of_the_readme_are_those_of_the_code():
    from catchlight.serve.report.words import REASONS

    sentence = re.search(r"`reasons` then says why: (.*?)\.\n", README, re.S)[1]
    assert sorted(SPAN.findall(sentence)) == sorted(REASONS)


def test_example_report_of_the_readme_is_of_the_schema():
    from catchlight.detector.report import from_dict, to_dict

    (example,) = blocks(between(README, "numbers: report"), "json")
    data = json.loads(example)
    assert to_dict(from_dict(data)) == data


@pytest.mark.parametrize("name", re.findall(r"<!-- (numbers: \w+) -->", README))
def test_measured_numbers_are_filled_in(name):
    assert between(README, name).strip()


def test_changelog_has_the_current_version_first():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changelog, re.M)[1] == config["metadata"]["version"]


def modules_with_examples() -> Iterator[pytest.ParameterSet]:
    for path in sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py")):
        if re.search(r"^ *>>> (?!.*\+SKIP)", path.read_text(encoding="utf-8"), re.M):
            relative = path.relative_to(ROOT)
            marks = pytest.mark.train if str(relative).startswith(NEEDS_KERAS) else ()
            name = ".".join(("catchlight", *relative.with_suffix("").parts))
            yield pytest.param(name, marks=marks, id=str(relative))


@pytest.mark.parametrize("name", list(modules_with_examples()))
def test_examples_in_docstrings_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0
