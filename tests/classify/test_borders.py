"""Where a topic begins: the precision that the desk asks, and the word of its readers."""

from __future__ import annotations

import numpy as np

from pipeline.classify.training import choose_border

SCORES = np.array([3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.0, -0.5], np.float32)
TRUTH = np.array([True, True, True, False, True, False, True, False])
ONES = np.ones(8, np.float32)


def test_more_precision_draws_the_border_higher() -> None:
    loose, strict = (choose_border(SCORES, TRUTH, precision, ONES) for precision in (0.5, 0.99))
    assert loose < strict
    assert TRUTH[strict <= SCORES].all()


def test_a_reader_who_says_no_twice_draws_it_higher() -> None:
    weights = np.where(SCORES == 1.5, 4, 1).astype(np.float32)
    assert choose_border(SCORES, TRUTH, 0.6, weights) > choose_border(SCORES, TRUTH, 0.6, ONES)
