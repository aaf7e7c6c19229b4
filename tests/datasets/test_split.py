"""No person, clip or near-duplicate is on both sides, whatever the manifest; and sides are stable."""

import json
import random
from dataclasses import replace

import pytest

from catchlight.datasets import near_duplicates, split
from catchlight.datasets.manifest import Sample


def manifest_of(seed, size=120, prefix=""):
    """Random rows in which people, clips and pictures recur, alone and together."""
    rng = random.Random(seed)
    rows = []
    for number in range(size):
        code = rng.choice((rng.getrandbits(64), rng.getrandbits(3) << 40)) ^ (1 << rng.randrange(64))
        fake = rng.random() < 0.4
        rows.append(
            Sample(
                path=f"{prefix}{number}.jpg",
                label="fake" if fake else "real",
                method=rng.choice(("swap", "sync", "talk")) if fake else "",
                identity=rng.choice(("", f"{prefix}person{rng.randrange(40)}")),
                clip=rng.choice(("", "", f"{prefix}clip{rng.randrange(40)}")),
                dhash=rng.choice(("", f"{code:016x}")),
            )
        )
    return rows


def sides_by(samples, key):
    sides = {}
    for sample in samples:
        if key(sample):
            sides.setdefault(key(sample), set()).add(sample.split)
    return sides


@pytest.mark.parametrize("seed", range(25))
def test_nothing_crosses(seed):
    made = split.assign(manifest_of(seed), validation=0.3)
    assert {sample.split for sample in made} <= {"train", "val"}
    for key in (lambda s: s.identity, lambda s: s.clip):
        assert all(len(sides) == 1 for sides in sides_by(made, key).values())
    for a in made:
        for b in made:
            if (
                a.dhash
                and b.dhash
                and (int(a.dhash, 16) ^ int(b.dhash, 16)).bit_count() <= near_duplicates.NEAR
            ):
                assert a.split == b.split


def pairs_of(seed, size=60):
    """Real pictures of people and clips, each with a fake that shows another person's face."""
    rng = random.Random(seed)
    rows = []
    for number in range(size):
        ann, bob = (f"person{rng.randrange(30)}" for _ in range(2))
        real = Sample(
            f"r{number}.jpg", "real", identity=rng.choice(("", ann)), clip=rng.choice(("", f"c{number // 3}"))
        )
        partner = json.dumps({"real": real.path, "sigma": 2})
        donor = bob if rng.random() < 0.2 else ""
        rows += [real, Sample(f"f{number}.jpg", "fake", method="swap", donor=donor, parameters=partner)]
    rng.shuffle(rows)
    return rows


@pytest.mark.parametrize("seed", range(25))
def test_no_pair_and_no_donor_crosses(seed):
    made = split.assign(pairs_of(seed), validation=0.4)
    by_path = {sample.path: sample for sample in made}
    assert len({s.split for s in made}) == 2
    people = {}
    for sample in made:
        if sample.partner:
            assert by_path[sample.partner].split == sample.split
        for name in filter(None, (sample.identity, sample.donor)):
            people.setdefault(name, set()).add(sample.split)
    assert all(len(sides) == 1 for sides in people.values())


@pytest.mark.parametrize("length", [2, 3, 7])
def test_chains_of_different_links_stay_on_one_side(length):
    """Each link of another kind than the last: a clip, a near-duplicate, a person, a pair."""
    for start in range(40):
        name = f"{start}"
        rows = [Sample(f"{name}-0.jpg", "real", identity=f"p{name}")]
        for number in range(length):
            last, path = rows[-1], f"{name}-{number + 1}.jpg"
            kind = number % 4
            if kind == 0:
                rows[-1] = replace(last, clip=f"k{name}-{number}")
                rows.append(Sample(path, "real", clip=f"k{name}-{number}"))
            elif kind == 1:
                rows[-1] = replace(last, dhash=f"{start << 20 | 0b000:016x}")
                rows.append(Sample(path, "real", dhash=f"{start << 20 | 0b111:016x}"))
            elif kind == 2:
                rows[-1] = replace(last, identity=f"q{name}-{number}")
                rows.append(Sample(path, "real", identity=f"q{name}-{number}"))
            else:
                rows.append(Sample(path, "fake", parameters=json.dumps({"real": last.path})))
        random.Random(start).shuffle(rows)
        assert len({sample.split for sample in split.assign(rows, validation=0.5)}) == 1


@pytest.mark.parametrize("seed", range(10))
def test_order_does_not_matter_and_rows_keep_theirs(seed):
    rows = manifest_of(seed)
    made = split.assign(rows)
    assert [sample.path for sample in made] == [row.path for row in rows]
    again = split.assign(rows[::-1])
    assert {s.path: s.split for s in made} == {s.path: s.split for s in again}


@pytest.mark.parametrize("seed", range(10))
def test_new_people_move_nobody(seed):
    rows = [row for row in manifest_of(seed) if not row.dhash]
    new = [row for row in manifest_of(seed + 100, prefix="new-") if not row.dhash]
    before, after = split.assign(rows), split.assign([*new, *rows])
    assert {s.path: s.split for s in before} == {
        s.path: s.split for s in after if not s.path.startswith("new-")
    }


@pytest.mark.parametrize("seed", range(10))
def test_held_out_methods_are_in_validation_only(seed):
    made = split.assign(manifest_of(seed), validation=0.1, held_out=("sync",))
    assert {s.split for s in made if s.method == "sync"} <= {"val"}
    touched = {s.identity for s in made if s.method == "sync" and s.identity}
    assert {s.split for s in made if s.identity in touched} <= {"val"}


def test_the_share_is_about_what_was_asked():
    people = [Sample(f"{i}.jpg", "real", identity=f"p{i}") for i in range(2000)]
    share = sum(s.split == "val" for s in split.assign(people, validation=0.15)) / 2000
    assert share == pytest.approx(0.15, abs=0.025)
    assert {s.split for s in split.assign(people, validation=0.0)} == {"train"}
    assert {s.split for s in split.assign(people, validation=1.0)} == {"val"}


def test_links_reach_through_others():
    """a and c share nothing, but b shares the person with one and the clip with the other."""
    rows = [
        Sample("a.jpg", "real", identity="ann"),
        Sample("b.jpg", "real", identity="ann", clip="talk"),
        Sample("c.jpg", "fake", method="swap", clip="talk"),
        Sample("d.jpg", "real"),
    ]
    a, b, c, d = split.group(rows)
    assert a == b == c != d


def test_near_duplicates_are_within_three_bits():
    codes = ["00000000000000ff", "00000000000000f8", "00000000000000f0", "", "", "ffffffffffffffff"]
    assert near_duplicates.pairs(codes) == [(0, 1), (1, 2)]
    assert near_duplicates.pairs([]) == []


def test_no_samples_give_no_samples():
    assert split.assign([]) == ()
