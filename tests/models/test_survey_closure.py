"""Is an improvement said to have worked only where the waves show it, beside sites where nothing was done? (D6)"""

import pytest

from models.rules.satisfaction import WaveShare, newcombe_interval
from models.rules.survey_closure import ClosureVerdict, closure


def wave(satisfied: int, n: int, **phone: float) -> WaveShare:
    return WaveShare("TP01", satisfied, n, phone)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        pytest.param(wave(60, 100), wave(85, 100), ClosureVerdict.VERIFIED, id="better and on target"),
        pytest.param(
            wave(60, 100), wave(79, 100), ClosureVerdict.NOT_DEMONSTRATED, id="better, target missed"
        ),
        pytest.param(
            wave(78, 100), wave(82, 100), ClosureVerdict.NOT_DEMONSTRATED, id="on target within noise"
        ),
        pytest.param(wave(85, 100), wave(60, 100), ClosureVerdict.WORSENED, id="worse"),
        pytest.param(wave(2, 9), wave(90, 100), ClosureVerdict.INSUFFICIENT_N, id="too few before"),
        pytest.param(wave(60, 100), wave(9, 9), ClosureVerdict.INSUFFICIENT_N, id="too few after"),
        pytest.param(
            wave(60, 100, phone=0.5, online=0.5),
            wave(85, 100, phone=0.6, online=0.4),
            ClosureVerdict.VERIFIED,
            id="mode mix within ten points",
        ),
        pytest.param(
            wave(60, 100, phone=0.5, online=0.5),
            wave(85, 100, phone=0.61, online=0.39),
            ClosureVerdict.NOT_COMPARABLE,
            id="mode mix moved",
        ),
        pytest.param(
            wave(60, 100), WaveShare("TP01b", 85, 100), ClosureVerdict.NOT_COMPARABLE, id="reworded question"
        ),
    ],
)
def test_closure_verdict(before: WaveShare, after: WaveShare, verdict: ClosureVerdict) -> None:
    assert closure(before, after, target=0.8).verdict is verdict


def test_the_verdict_carries_what_it_was_reckoned_from() -> None:
    before, after = wave(60, 100, phone=0.5, online=0.5), wave(85, 100, phone=0.56, online=0.44)
    found = closure(before, after, 0.8)
    assert (found.before, found.after, found.target) == (0.6, 0.85, 0.8)
    assert found.mode_shift == pytest.approx(0.06)
    assert (found.change, found.low, found.high) == newcombe_interval(after, before)
    assert (found.sites, found.untouched, found.net) == (0, None, None)


def test_a_rise_that_untouched_sites_share_shows_no_effect() -> None:
    before, after = wave(60, 100), wave(85, 100)
    assert closure(before, after, 0.8, [(wave(80, 100), wave(81, 100))]).verdict is ClosureVerdict.VERIFIED
    alike = closure(before, after, 0.8, [(wave(55, 100), wave(79, 100))])
    assert alike.verdict is ClosureVerdict.NOT_DEMONSTRATED
    assert alike.net == pytest.approx(0.25 - 0.24)
    assert alike.net_low is not None
    assert alike.net_low < 0


def test_the_change_beyond_untouched_sites_is_the_interval_of_a_difference_of_differences() -> None:
    # F: method of variance estimates recovery, from the four Wilson intervals
    before, after = wave(60, 100), wave(85, 100)
    theirs = (wave(80, 100), wave(81, 100))
    own_change, own_low, own_high = newcombe_interval(after, before)
    change, low, high = newcombe_interval(theirs[1], theirs[0])
    found = closure(before, after, 0.8, [theirs])
    assert found.net == pytest.approx(own_change - change)
    assert found.net_low == pytest.approx(
        own_change - change - ((own_change - own_low) ** 2 + (high - change) ** 2) ** 0.5
    )
    assert found.net_high == pytest.approx(
        own_change - change + ((own_high - own_change) ** 2 + (change - low) ** 2) ** 0.5
    )
    assert found.sites == 1


def test_several_untouched_sites_count_once_each_and_narrow_the_interval() -> None:
    one, two = (wave(80, 100), wave(82, 100)), (wave(800, 1000), wave(780, 1000))
    before, after = wave(60, 100), wave(85, 100)
    found = closure(before, after, 0.8, [one, two])
    assert found.sites == 2
    assert found.untouched == pytest.approx((0.02 - 0.02) / 2)
    alone = closure(before, after, 0.8, [one])
    assert found.untouched_low is not None
    assert alone.untouched_low is not None
    assert found.untouched_low > alone.untouched_low


def test_a_site_that_cannot_be_compared_is_left_out() -> None:
    before, after = wave(60, 100), wave(85, 100)
    few, reworded = (wave(5, 9), wave(9, 9)), (WaveShare("X", 50, 100), WaveShare("X", 80, 100))
    moved = (wave(50, 100, phone=1.0), wave(80, 100, online=1.0))
    assert closure(before, after, 0.8, [few, reworded, moved]).sites == 0


def test_nothing_is_kept_of_a_small_group() -> None:
    kept = closure(wave(2, 9), wave(90, 100), 0.8).as_record()
    assert (kept["verdict"], kept["before"], kept["after"], kept["change"]) == (
        "insufficient_n",
        None,
        None,
        None,
    )
