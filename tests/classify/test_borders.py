"""Where a topic begins: at the precision that the desk asks."""

from __future__ import annotations

import numpy as np

from pipeline.classify.training import choose_border

SCORES = np.array([3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.0, -0.5], np.float32)
TRUTH = np.array([True, True, True, False, True, False, True, False])


def test_more_precision_draws_the_border_higher() -> None:
    loose, strict = (choose_border(SCORES, TRUTH, precision) for precision in (0.5, 0.99))
    assert loose < strict
    assert TRUTH[strict <= SCORES].all()
