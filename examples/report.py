"""Report how the classifier got better, as numbers, a picture, and a pipeline that can be run again."""

import lineapy
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, f1_score

measurements = lineapy.get("measurements").get_value()
labels = measurements["cultivar"]
features = measurements.drop(columns="cultivar")
classifiers = {
    "first": lineapy.get("classifier", 0).get_value(),
    "in use": lineapy.get("classifier_in_use").get_value(),
}
rows = []


def evaluate(title, classifier):
    """Adds the scores of one classifier to `rows`; returns what it predicts."""
    predicted = classifier.predict(features)
    f1 = f1_score(labels, predicted, average="macro")
    rows.append({"classifier": title, "accuracy": accuracy_score(labels, predicted), "f1": f1})
    return predicted


layout = (1, 2)
figure, axes = plt.subplots(*layout, figsize=(9, 4), sharey=True)
for axis, (title, classifier) in zip(axes, classifiers.items()):
    predicted = evaluate(title, classifier)
    ConfusionMatrixDisplay.from_predictions(labels, predicted, ax=axis, colorbar=False)
    axis.set_title(title)
figure.tight_layout()
figure.savefig("confusion.png", dpi=80)
lineapy.save(lineapy.file_system, "confusion_picture")

scores = pd.DataFrame(rows).set_index("classifier")
lineapy.save(scores, "scores")  # version 0: every digit
scores = scores.round(3)
lineapy.save(scores, "scores")  # version 1: for people

headline = f"{scores.loc['first', 'accuracy']:.1%} -> {scores.loc['in use', 'accuracy']:.1%} right"
lineapy.save(headline, "headline")
print(headline)

lineapy.create_pipeline(
    ["measurements", "classifier_in_use", "scores"],
    pipeline_name="wine_report",
    dependencies={
        "classifier_in_use": {"measurements"},
        "scores": {"measurements", "classifier_in_use"},
    },
    persist=True,
)
