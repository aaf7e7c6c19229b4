"""The list of samples is fixed by recipe and store, each sample by its own key."""

from collections import Counter
from dataclasses import replace

import pytest

from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator import recipe as recipes
from catchlight.generator.plan import from_row, in_turn, plan


def test_a_list_is_the_same_every_time_and_begins_every_longer_one(recipe, drawn):
    drafts = plan(recipe, drawn, 60)
    assert drafts == plan(recipe, drawn, 60)
    assert drafts[:25] == plan(recipe, drawn, 25)
    assert [draft.id for draft in drafts[:2]] == ["000000", "000001"]
    assert len(plan(recipe, drawn)) == recipe.head.count


def test_another_seed_draws_another_list(recipe, drawn):
    other = replace(recipe, head=replace(recipe.head, seed=2))
    same = sum(a.jitter == b.jitter for a, b in zip(plan(recipe, drawn), plan(other, drawn), strict=True))
    assert same == 0


def test_every_beginning_has_the_shares(recipe):
    turn = in_turn(recipe.methods)
    first = [next(turn).name for _ in range(70)]
    for length in (7, 14, 50, 70):
        counts = Counter(first[:length])
        for method in recipe.methods:
            assert abs(counts[method.name] - method.share / 7 * length) <= 1


def test_donors_are_whom_the_method_means(recipe, drawn):
    who = {sample.path: sample for sample in drawn.samples}
    for draft in plan(recipe, drawn, 100):
        target, donor = who[draft.target], who.get(draft.donor)
        if draft.method == "self_blend":
            assert donor is None
        elif draft.method == "face_swap":
            assert donor.identity != target.identity
        else:
            assert donor.clip == target.clip
            assert donor.path != target.path


def test_a_recipe_may_choose_the_donor(written, drawn):
    read = recipes.read(written('[[methods]]\nname = "local_edit"\ndonor = "person"'))
    who = {sample.path: sample.identity for sample in drawn.samples}
    assert all(who[draft.target] != who[draft.donor] for draft in plan(read, drawn, 20))


@pytest.mark.parametrize("split", ["train", "val", "all"])
def test_target_and_donor_lie_on_one_side_of_the_split(written, drawn, split):
    read = recipes.read(written(f'[[methods]]\nname = "face_swap"\n[real]\nsplit = "{split}"'))
    side = {sample.path: sample.split for sample in drawn.samples}
    pairs = {(side[draft.target], side[draft.donor]) for draft in plan(read, drawn, 60)}
    sides = ("train", "val") if split == "all" else (split,)
    assert pairs == {(each, each) for each in sides}


def test_lists_of_options_and_hardness_are_drawn(written, drawn):
    text = '[[methods]]\nname = "local_edit"\nhardness = [0.22, 0.6]\noptions = { part = ["mouth", "eyes"] }'
    options = [draft.options for draft in plan(recipes.read(written(text)), drawn, 60)]
    assert {each["part"] for each in options} == {"mouth", "eyes"}
    drawn_hardness = {each["hardness"] for each in options}
    assert len(drawn_hardness) > 4
    assert min(drawn_hardness) >= 0.22
    assert max(drawn_hardness) <= 0.6


def test_strength_zero_degrades_nothing(written, drawn):
    read = recipes.read(written('[[methods]]\nname = "self_blend"\n[degrade]\nstrength = 0'))
    assert {draft.history for draft in plan(read, drawn)} == {()}


def test_a_row_alone_gives_the_draft_again(recipe, drawn):
    for draft in plan(recipe, drawn):
        row = Sample("x.jpg", "fake", seed=draft.key, recipe=draft.recipe, parameters=draft.parameters)
        assert from_row(row) == draft
        assert from_row(replace(row, parameters=draft.parameters_of_fake("y.jpg"))) == draft


@pytest.mark.parametrize("parameters", ["", "{}", "[1]", '{"jitter": 3}'])
def test_a_row_that_does_not_say_how_it_was_made_is_told(parameters):
    with pytest.raises(DataError, match=r"x\.jpg does not say how it was made"):
        from_row(Sample("x.jpg", "fake", seed="1/000001", parameters=parameters))


def test_a_store_that_cannot_feed_the_recipe_is_told(recipe, drawn):
    fakes = replace(drawn, samples=tuple(replace(s, label="fake") for s in drawn.samples))
    with pytest.raises(DataError, match="no real picture in split 'train'"):
        plan(recipe, fakes)
    stills = replace(drawn, samples=tuple(replace(s, clip="") for s in drawn.samples))
    with pytest.raises(DataError, match="no clip of real people"):
        plan(recipe, stills)
    alone = replace(drawn, samples=tuple(replace(s, identity="one") for s in drawn.samples))
    with pytest.raises(DataError, match="at least two people"):
        plan(recipe, alone)


def test_options_that_a_method_does_not_take_are_told_before_anything_is_made(written, drawn):
    read = recipes.read(written('[[methods]]\nname = "self_blend"\noptions = { colour = 1 }'))
    with pytest.raises(ConfigError, match=r"'self_blend' can't be made with the options .*colour"):
        plan(read, drawn)
