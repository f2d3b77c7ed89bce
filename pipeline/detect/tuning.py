"""What readers say about alerts moves the threshold of telling: a recalibration of the gate, held back by priors.

Platt's scaling (1999, Probabilistic outputs for support vector machines) with normal priors around "as it is": few
verdicts move little, and none of them about articles that were never sent can be had.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.detect.gate import squash
from pipeline.detect.verdict import DetectSettings
from pipeline.models import StoryId, Tuning

LEAST_VERDICTS = 30  # alerts with a verdict: fewer say nothing
BIAS_SPREAD, SLOPE_SPREAD = 0.3, 0.25  # standard deviations of the priors around 0 and 1
LOWEST, HIGHEST = 0.5, 0.95  # of the threshold: below the present one nobody has seen an alert to judge
FOLDS = 5
STEPS = 30  # of Newton's method; it has come to rest after five
EDGE = 0.001  # a probability is never nearer to 0 or 1


@dataclass(frozen=True, slots=True)
class JudgedAlert:
    """An alert about a development, and what its readers said."""

    story_id: StoryId
    certainty: float  # the probability that made it an alert
    is_useful: bool  # False: it told them nothing new


def tune_threshold(judged: Sequence[JudgedAlert], settings: DetectSettings) -> Tuning:
    """The thresholds after the verdicts; it is better when it judges stories better whose verdicts it did not see."""
    useful = sum(each.is_useful for each in judged)
    bias, slope = _fit(judged)
    tell_at = min(HIGHEST, max(LOWEST, squash((_log_odds(settings.tell_at) - bias) / slope)))
    step_down = _log_odds(settings.tell_at) - _log_odds(settings.wait_at)
    before = _measure_loss([(each, 0.0, 1.0) for each in judged])
    after = _measure_loss(_fit_others(judged))
    dropped = [each for each in judged if each.certainty < tell_at]
    tuning = Tuning(
        tell_at=round(tell_at, 3),
        wait_at=round(squash(_log_odds(tell_at) - step_down), 3),
        bias=round(bias, 3),
        slope=round(slope, 3),
        useful=useful,
        repeats=len(judged) - useful,
        stories=len({each.story_id for each in judged}),
        loss_before=round(before, 4),
        loss_after=round(after, 4),
        repeats_left_out=sum(not each.is_useful for each in dropped),
        useful_left_out=sum(each.is_useful for each in dropped),
        is_better=len(judged) >= LEAST_VERDICTS and after < before,
        reason="",
    )
    return replace(tuning, reason=_explain(tuning))


def _explain(tuning: Tuning) -> str:
    count = tuning.useful + tuning.repeats
    if count < LEAST_VERDICTS:
        return f"{count} alerts have a verdict (useful or repeat), {LEAST_VERDICTS} are needed"
    change = f"log loss {tuning.loss_before:.3f} -> {tuning.loss_after:.3f} on stories not seen"
    return f"{change}: {'it takes over' if tuning.is_better else 'no better than before, nothing changes'}"


def _fit(judged: Sequence[JudgedAlert]) -> tuple[float, float]:
    """Bias and slope at the maximum of likelihood and priors, by Newton's method."""
    bias, slope = 0.0, 1.0
    for _ in range(STEPS):
        slopes = [-bias / BIAS_SPREAD**2, -(slope - 1) / SLOPE_SPREAD**2]
        curves = [1 / BIAS_SPREAD**2, 0.0, 1 / SLOPE_SPREAD**2]
        for each in judged:
            odds = _log_odds(each.certainty)
            given = squash(bias + slope * odds)
            slopes[0] += each.is_useful - given
            slopes[1] += (each.is_useful - given) * odds
            weight = given * (1 - given)
            curves = [curves[0] + weight, curves[1] + weight * odds, curves[2] + weight * odds * odds]
        determinant = curves[0] * curves[2] - curves[1] ** 2
        bias += (curves[2] * slopes[0] - curves[1] * slopes[1]) / determinant
        slope = max(0.1, slope + (curves[0] * slopes[1] - curves[1] * slopes[0]) / determinant)
    return bias, slope


def _fit_others(judged: Sequence[JudgedAlert]) -> list[tuple[JudgedAlert, float, float]]:
    """Each alert with the bias and slope that the other stories give."""
    stories = {story_id: number for number, story_id in enumerate(sorted({each.story_id for each in judged}))}
    fold = {story_id: number % FOLDS for story_id, number in stories.items()}
    fits = {number: _fit([each for each in judged if fold[each.story_id] != number]) for number in set(fold.values())}
    return [(each, *fits[fold[each.story_id]]) for each in judged]


def _measure_loss(fitted: Sequence[tuple[JudgedAlert, float, float]]) -> float:
    losses = []
    for each, bias, slope in fitted:
        given = squash(bias + slope * _log_odds(each.certainty))
        losses.append(-math.log(max(EDGE, given if each.is_useful else 1 - given)))
    return sum(losses) / len(losses) if losses else 0.0


def _log_odds(probability: float) -> float:
    inside = min(1 - EDGE, max(EDGE, probability))
    return math.log(inside / (1 - inside))
