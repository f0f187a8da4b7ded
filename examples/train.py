"""Train a classifier that tells the cultivars apart: a quick baseline, then better ones if needed."""

import lineapy
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

TARGET = 0.95  # the accuracy that we want on wines the model has not seen
SPLIT = {"test_size": 0.3, "random_state": 7}

measurements = lineapy.get("measurements").get_value()
labels = measurements["cultivar"]
features = measurements.drop(columns="cultivar")
parts = train_test_split(features, labels, stratify=labels, **SPLIT)
train_features, test_features, train_labels, test_labels = parts

model = DecisionTreeClassifier(max_depth=2, random_state=0)
model.fit(train_features, train_labels)
baseline = (accuracy := model.score(test_features, test_labels))
lineapy.save(model, "classifier")  # version 0: the baseline
history = [("tree of depth 2", baseline)]

if accuracy < TARGET:
    steps = [StandardScaler(), LogisticRegression(C=0.5, max_iter=500)]
    model = make_pipeline(*steps)
    model.fit(train_features, train_labels)
    accuracy = model.score(test_features, test_labels)
    history.append(("scaled logistic regression", accuracy))
    lineapy.save(model, "classifier")  # version 1
else:
    history.append(("the baseline will do", accuracy))

best_score, best_depth = 0.0, None
for depth in [1, 2, 4, None]:
    forest = RandomForestClassifier(n_estimators=25, max_depth=depth, random_state=0)
    score = cross_val_score(forest, train_features, train_labels, cv=3).mean()
    if score > best_score:
        best_score, best_depth = score, depth

settings = dict(n_estimators=50, random_state=0)
forest = RandomForestClassifier(max_depth=best_depth, **settings)
forest.fit(train_features, train_labels)
forest_accuracy = forest.score(test_features, test_labels)
history.append(("random forest", forest_accuracy))

if forest_accuracy > accuracy:
    model = forest
    lineapy.save(model, "classifier")
else:
    history.append(("the forest is no better", accuracy))

if history:
    history.reverse()

lineapy.save(model, "classifier_in_use")
lineapy.save(history, "training_history")
print(history)
