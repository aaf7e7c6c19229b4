"""Engines: the same bytes from processes and from Ray, also when a worker is killed."""

import sys

import pytest

from catchlight.detector.errors import ConfigError, DataError, UnknownName
from catchlight.generator import engines
from catchlight.generator import recipe as recipes
from catchlight.generator.explain import explain
from catchlight.generator.run import run
from catchlight.generator.tree_hash import tree_hash


def test_unknown_engines_are_answered_with_the_valid_ones():
    with pytest.raises(UnknownName, match="unknown engine 'rya'; did you mean 'ray'"):
        engines.create("rya")


def test_without_ray_the_answer_says_how_to_install_it(recipe, drawn, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'catchlight\[ray\]'"):
        run(recipe, drawn.folder, tmp_path / "set", engine="ray")


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_of_a_method_reach_the_caller_from_every_worker(written, drawn, tmp_path, workers):
    recipe = recipes.read(written('[[methods]]\nname = "local_edit"\noptions = { part = "ear" }'))
    with pytest.raises(ConfigError, match="unknown part 'ear'.*eyes"):
        run(recipe, drawn.folder, tmp_path / "set", workers=workers)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_a_ray_cluster_that_loses_a_worker_gives_the_same_tree(mortal, drawn, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    recipe, marker = mortal
    marker.touch()
    whole = run(recipe, drawn.folder, tmp_path / "whole")
    marker.unlink()
    result = run(recipe, drawn.folder, tmp_path / "ray", workers=2, engine="ray")
    assert marker.exists()  # a worker was there, and killed itself
    assert result.made == 120
    assert result.tree == whole.tree == tree_hash(tmp_path / "ray")


def test_a_cluster_that_is_not_there_is_told(recipe, drawn, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(DataError, match="no Ray cluster"):
        run(recipe, drawn.folder, tmp_path / "set", engine="ray")


@pytest.mark.slow
@pytest.mark.train
def test_networks_give_the_same_with_one_worker_two_and_in_explain(written, drawn, tmp_path):
    pytest.importorskip("tensorflow")
    text = '[[methods]]\nname = "reconstruct"\noptions = { kind = "ps8" }'
    recipe = recipes.read(written(text, side=128, count=20))  # two chunks, so that both workers have work
    one = run(recipe, drawn.folder, tmp_path / "one", workers=1)
    assert one.tree == run(recipe, drawn.folder, tmp_path / "two", workers=2).tree
    assert explain(tmp_path / "one", "7").fits
