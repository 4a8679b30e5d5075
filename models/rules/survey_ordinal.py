"""By which odds does a better circumstance go with a better answer? Proportional-odds model of an ordered answer."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.rules.survey_weights import Vector


@dataclass(frozen=True)
class OrdinalModel:
    """Coefficients on the log-odds scale: above 0 goes with better answers."""

    coefficients: tuple[float, ...]
    standard_errors: tuple[float, ...]
    thresholds: tuple[float, ...]
    deviance: float
    aic: float


def proportional_odds(answers: Sequence[int], predictors: Vector) -> OrdinalModel:
    """Fit logit P(answer <= j) = threshold_j - x'b by maximum likelihood.

    Args:
        answers: ordered answers as whole numbers.
        predictors: a row for each answer, without a constant.

    Raises:
        ValueError: the fit did not settle.
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    model = OrderedModel(np.asarray(answers), predictors, distr="logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said by the error below
        fit = model.fit(method="bfgs", disp=False, gtol=1e-8, maxiter=500)
    if not np.isfinite(fit.llf):
        raise ValueError("the ordinal model did not settle")
    count = predictors.shape[1]
    thresholds = model.transform_threshold_params(fit.params)[1:-1]
    return OrdinalModel(
        tuple(map(float, fit.params[:count])),
        tuple(map(float, fit.bse[:count])),
        tuple(map(float, thresholds)),
        float(-2 * fit.llf),
        float(fit.aic),
    )
