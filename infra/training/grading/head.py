"""The head's models: a logistic regression and small trees, as `shared/grading/src/head.rs` evaluates them."""

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

TREES = 300
TREE_SETTINGS = {
    "objective": "cross_entropy",
    "num_leaves": 15,
    "learning_rate": 0.03,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
LINEAR_STRENGTH = 0.05  # C of the logistic regression
MOST_DEVIATIONS = 4.0


def sigmoid(x):
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


def logit(p):
    """Its inverse, for what is not quite certain."""
    p = np.clip(p, 0.001, 0.999)
    return np.log(p / (1 - p))


class Ensemble:
    """Mean of the two models' probabilities; targets lie between 0 and 1."""

    def __init__(self, features: np.ndarray, targets: np.ndarray, weights: np.ndarray):
        self.mean = features.mean(0)
        self.scale = np.maximum(features.std(0), 1e-3)
        rows = self.standardized(features)
        twice = np.vstack([rows, rows])
        labels = np.r_[np.ones(len(rows)), np.zeros(len(rows))]
        shares = np.r_[targets * weights, (1 - targets) * weights]
        self.linear = LogisticRegression(C=LINEAR_STRENGTH, max_iter=1000).fit(twice, labels, sample_weight=shares)
        self.trees = lightgbm.train(TREE_SETTINGS, lightgbm.Dataset(features, targets, weight=weights), TREES)

    def standardized(self, features: np.ndarray) -> np.ndarray:
        """In standard deviations, within limits."""
        return np.clip((features - self.mean) / self.scale, -MOST_DEVIATIONS, MOST_DEVIATIONS)

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Probabilities."""
        linear = self.linear.predict_proba(self.standardized(features))[:, 1]
        return (linear + self.trees.predict(features)) / 2

    def weights(self) -> dict:
        """As `head.rs` reads them. Rounded, because the last digits depend on the processor."""
        rounded = lambda values: [round(float(value), 5) for value in values]
        return {
            "linear": {
                "bias": round(float(self.linear.intercept_[0]), 5),
                "mean": rounded(self.mean),
                "scale": rounded(self.scale),
                "weights": rounded(self.linear.coef_[0]),
            },
            "bias": 0.0,
            "trees": [tree_weights(tree["tree_structure"]) for tree in self.trees.dump_model()["tree_info"]],
        }


def tree_weights(root: dict) -> dict:
    """A tree as lists; every branch leads to a later node, or as −1 − i to the leaf number i."""
    tree = {"feature": [], "threshold": [], "left": [], "right": [], "leaves": []}

    def add(node: dict) -> int:
        if "leaf_value" in node:
            tree["leaves"].append(round(node["leaf_value"], 5))
            return -len(tree["leaves"])
        index = len(tree["feature"])
        tree["feature"].append(node["split_feature"])
        tree["threshold"].append(round(node["threshold"], 4))
        tree["left"].append(0)
        tree["right"].append(0)
        tree["left"][index] = add(node["left_child"])
        tree["right"][index] = add(node["right_child"])
        return index

    add(root)
    return tree
