"""`make train`: trains the grader's head and writes it to `shared/grading/assets`.

Everything that is fitted to probabilities (levels, rubric, confidence) is fitted to those of questions that the models had
not seen: five parts by question, and each set by the other two.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from data import SETS, Row, collect, sha256
from head import Ensemble, logit, sigmoid
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

REPOSITORY = Path(__file__).resolve().parents[3]
ASSETS = REPOSITORY / "shared" / "grading" / "assets"
PARTS = 5
CHANGED_WEIGHT = 0.5  # of an answer that was misread or set among others
AGREES = 0.25  # as AGREES of marks.rs
LEAST, LEAST_ALONE = 0.3, 0.3  # as in marks.rs
STEPS = 20  # as STEPS of marks.rs
WINDOW = 0.06  # probabilities this near count together for a confidence
SHRINK = 20  # answers that agree no more than by chance, added to each window
MARGIN = 0.02  # by which a confidence is promised lower than it was seen


class Data:
    """The rows as arrays."""

    def __init__(self, rows: list[Row]):
        self.rows = rows
        self.features = np.array([row.whole for row in rows])
        self.score = np.array([row.score for row in rows])
        self.worth = np.array([row.worth for row in rows])
        self.clean = np.array([row.is_clean for row in rows])
        self.dataset = np.array([row.dataset for row in rows])
        self.question = np.array([row.question for row in rows])
        self.weight = np.where(self.clean, 1.0, CHANGED_WEIGHT)
        self.owner = np.array([index for index, row in enumerate(rows) for _ in row.criteria], dtype=int)
        self.criteria = np.array([criterion for row in rows for criterion in row.criteria])
        self.points = np.array([points for row in rows for points in row.points])

    def fit(self, mask: np.ndarray) -> tuple[Ensemble, Ensemble]:
        """Both models, of these rows."""
        of = lambda targets: Ensemble(self.features[mask], targets[mask], self.weight[mask])
        return of(self.score), of(self.worth)

    def unseen(self, parts: list[np.ndarray]) -> dict[str, np.ndarray]:
        """For each part what models of the other rows say: whole answers, and criteria by the share model."""
        said = {
            "strict": np.full(len(self.rows), np.nan),
            "share": np.full(len(self.rows), np.nan),
            "criteria": np.full(len(self.owner), np.nan),
        }
        for part in parts:
            strict, share = self.fit(~part)
            said["strict"][part], said["share"][part] = strict.predict(self.features[part]), share.predict(self.features[part])
            mine = part[self.owner]
            if mine.any():
                said["criteria"][mine] = share.predict(self.criteria[mine])
        return said

    def criteria_share(self, said: dict) -> np.ndarray:
        """Mean of the criteria's shares by points; nan for answers without a rubric."""
        total, points = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        np.add.at(total, self.owner, said["criteria"] * self.points)
        np.add.at(points, self.owner, self.points)
        return np.where(points > 0, total / np.maximum(points, 1e-9), np.nan)


def parts_by_question(data: Data) -> list[np.ndarray]:
    """Five parts, by the hash of the question."""
    number = lambda question: int(hashlib.sha256(question.encode()).hexdigest(), 16) % PARTS
    numbers = np.array([number(question) for question in data.question])
    return [numbers == part for part in range(PARTS)]


def fit_line(x: np.ndarray, y: np.ndarray) -> dict:
    """slope and bias of σ(slope · x + bias), by maximum likelihood."""
    loss = lambda w: -np.mean(y * np.log(sigmoid(w[0] * x + w[1])) + (1 - y) * np.log(1 - sigmoid(w[0] * x + w[1])))
    slope, bias = minimize(loss, [1.0, 0.0], method="Nelder-Mead").x
    return {"slope": round(float(slope), 4), "bias": round(float(bias), 4)}


def fit_levels(share: np.ndarray, score: np.ndarray) -> dict:
    """How marks spread around the expected share: see `Levels` in head.rs."""
    thresholds = np.array([0.25, 0.5, 0.75, 1.0])
    x = np.repeat(logit(share), len(thresholds))
    t = np.tile(2 * thresholds - 1, len(share))
    y = (score[:, None] >= thresholds - 1e-9).ravel().astype(float)

    def loss(w):
        p = np.clip(sigmoid(w[0] * x + w[1] - w[2] * t), 1e-6, 1 - 1e-6)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    slope, bias, spread = minimize(loss, [1.0, 0.0, 1.0], method="Nelder-Mead").x
    return {"slope": round(float(slope), 4), "bias": round(float(bias), 4), "spread": round(float(spread), 4)}


def levels(fitted: dict, share: np.ndarray, steps: int) -> np.ndarray:
    """Probability of each mark, a row for each answer."""
    t = 2 * np.arange(1, steps + 1) / steps - 1
    at_least = sigmoid(fitted["slope"] * logit(share)[:, None] + fitted["bias"] - fitted["spread"] * t)
    at_least = np.c_[np.ones(len(share)), at_least, np.zeros(len(share))]
    return at_least[:, :-1] - at_least[:, 1:]


def agreement(distribution: np.ndarray, mark: np.ndarray) -> np.ndarray:
    """Probability that another grader's mark is the same within AGREES."""
    steps = distribution.shape[1] - 1
    near = np.abs(np.arange(steps + 1) / steps - mark[:, None]) <= AGREES + 1e-6
    return (distribution * near).sum(1)


def earned(probabilities: np.ndarray, points: np.ndarray, share: float) -> float:
    """Share of the marks that criteria earn together: `sum` of marks.rs."""
    total, low, high = points.sum(), -8.0, 8.0
    for _ in range(40):
        middle = (low + high) / 2
        if (sigmoid(logit(probabilities) + middle) * points).sum() / total < share:
            low = middle
        else:
            high = middle
    likely = sigmoid(logit(probabilities) + (low + high) / 2)
    is_open = (likely >= LEAST) & (probabilities >= LEAST_ALONE)
    order = [index for index in np.argsort(-likely, kind="stable") if is_open[index]]
    sums = np.r_[0.0, np.cumsum(points[order]) / total]
    return float(sums[np.argmin(np.abs(sums - share) - 1e-9 * (np.arange(len(sums)) == 0))])


def promises(seen: list[tuple[np.ndarray, np.ndarray]]) -> list[list[float]]:
    """What a probability is worth: the least that any of these (probability, agreed) says, with a margin."""
    grid = np.arange(0.0, 1.001, 0.05)
    lowest = np.ones(len(grid))
    for probability, agreed in seen:
        for index, point in enumerate(grid):
            near = np.abs(probability - point) <= WINDOW
            value = (agreed[near].sum() + SHRINK * 0.5) / (near.sum() + SHRINK)
            lowest[index] = min(lowest[index], value)
        lowest = IsotonicRegression(increasing=True).fit(grid, lowest).predict(grid)
    return [[round(float(x), 2), round(max(float(y) - MARGIN, 0.0), 3)] for x, y in zip(grid, lowest, strict=True)]


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation."""
    return float(np.corrcoef(a, b)[0, 1])


def report(name: str, data: Data, said: dict, rubric: dict, fitted: dict) -> dict:
    """Prints how well unseen questions are graded, and returns (probability, agreed) for the confidences."""
    seen = {"criterion": [], "levels": []}
    for dataset in SETS:
        of = data.clean & (data.dataset == dataset) & ~np.isnan(said["strict"])
        score, strict, share = data.score[of], said["strict"][of], said["share"][of]
        line = f"{name:18} {dataset:20} n {of.sum():5}  r of the share {pearson(share, score):.3f}"
        if set(np.unique(score)) <= {0.0, 1.0}:
            right = (strict >= 0.5) == (score >= 0.5)
            line += f"  2-way accuracy {right.mean():.3f}  r {pearson(strict, score):.3f}"
            seen["criterion"].append((np.maximum(strict, 1 - strict), right.astype(float)))
        else:
            both = (share + data.criteria_share(said)[of]) / 2
            total = sigmoid(rubric["slope"] * logit(both) + rubric["bias"])
            where = np.flatnonzero(of)
            marks = np.array([
                earned(said["criteria"][data.owner == row], data.points[data.owner == row], whole)
                for row, whole in zip(where, total, strict=True)
            ])
            line += f"  with the rubric {pearson(both, score):.3f}, rmse {np.sqrt(np.mean((total - score) ** 2)):.3f}"
            line += f"  as marks {pearson(marks, score):.3f}, rmse {np.sqrt(np.mean((marks - score) ** 2)):.3f}"
            near = agreement(levels(fitted, (total + marks) / 2, STEPS), marks)
            seen["levels"].append((near, (np.abs(marks - score) <= AGREES + 1e-6).astype(float)))
            distribution = levels(fitted, share, 10)
            best = (np.cumsum(distribution, 1) < 0.5).sum(1) / 10  # the median, as in marks.rs
            line += f"  without {pearson(best, score):.3f}, rmse {np.sqrt(np.mean((best - score) ** 2)):.3f}"
            seen["levels"].append((agreement(distribution, best), (np.abs(best - score) <= AGREES + 1e-6).astype(float)))
        print(line, flush=True)
    return seen


def train(data: Data, names: list[str], hashes: dict) -> dict:
    """The head, with what it was made of."""
    by_question = data.unseen(parts_by_question(data))
    by_set = data.unseen([data.dataset == dataset for dataset in SETS])
    marked = data.clean & (data.dataset == "saf_english")
    both = (by_question["share"] + data.criteria_share(by_question)) / 2
    rubric = fit_line(logit(both[marked]), data.score[marked])
    total = sigmoid(rubric["slope"] * logit(both[marked]) + rubric["bias"])
    fitted = fit_levels(np.r_[by_question["share"][marked], total], np.r_[data.score[marked], data.score[marked]])
    seen = report("unseen questions", data, by_question, rubric, fitted)
    elsewhere = report("unseen sets", data, by_set, rubric, fitted)
    confidence = {kind: promises(seen[kind]) for kind in seen}
    for kind in seen:
        print(kind, "by question", confidence[kind], "\n  by set", promises(elsewhere[kind]), flush=True)
    strict, share = data.fit(np.ones(len(data.rows), dtype=bool))
    return {
        "data": hashes,
        "features": names,
        "strict": strict.weights(),
        "share": share.weights(),
        "levels": fitted,
        "rubric": rubric,
        "confidence": confidence,
    }


def main() -> None:
    """Measures, trains, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with grading/*.train.jsonl")
    parser.add_argument("--bench", type=Path, default=REPOSITORY / "target" / "release" / "bench")
    parser.add_argument("--models", type=Path, default=REPOSITORY / ".local" / "models")
    parser.add_argument("--work", type=Path, default=REPOSITORY / ".local" / "training" / "grading")
    options = parser.parse_args()
    folder = options.data / "grading"
    rows = collect(folder, options.bench, options.models, options.work)
    names = json.loads((options.work / "names.json").read_text())
    hashes = {
        f"{name}.train.jsonl": {"sha256": sha256(folder / f"{name}.train.jsonl"), "licence": licence}
        for name, licence in SETS.items()
    }
    head = json.dumps(train(Data(rows), names, hashes), separators=(",", ":"))
    ASSETS.mkdir(exist_ok=True)
    (ASSETS / "head.json").write_text(head + "\n")
    version = hashlib.sha256((head + "\n").encode()).hexdigest()[:12]
    (ASSETS / "head.version").write_text(version)
    print(f"train: wrote shared/grading/assets/head.json, {len(head) // 1024} KiB, version {version}")


if __name__ == "__main__":
    main()
