"""Prepare the wine measurements: readable names, no outliers, one table for the scripts that follow."""

import lineapy
import pandas as pd
from sklearn.datasets import load_wine

LIMIT = 3.5  # in standard deviations; what lies further from the mean is an outlier
CULTIVARS = {0: "Barolo", 1: "Grignolino", 2: "Barbera"}

wine = load_wine(as_frame=True)
measurements = wine.frame.rename(
    columns={"od280/od315_of_diluted_wines": "dilution", "target": "cultivar"}
)
measurements["cultivar"] = measurements["cultivar"].map(CULTIVARS)
lineapy.save(measurements, "measurements")  # version 0: all 178 wines

dropped = {}


def without_outliers(table, column):
    """The rows of `table` whose `column` is no outlier; `dropped` counts the others."""
    values = table[column]
    usual = (values - values.mean()).abs() <= LIMIT * values.std()
    dropped[column] = int((~usual).sum())
    return table[usual]


for column in ["ash", "magnesium", "proanthocyanins", "color_intensity"]:
    measurements = without_outliers(measurements, column)

dropped.update(total=sum(dropped.values()))
lineapy.save(dropped, "outliers_dropped")

measurements = measurements.reset_index(drop=True)
flavanoid_share = measurements["flavanoids"] / measurements["total_phenols"]
measurements.insert(0, "flavanoid_share", flavanoid_share.round(3))
lineapy.save(measurements, "measurements")  # version 1: cleaned, with a derived column

measurements.to_csv("measurements.csv", index=False, float_format="%.3f")
written = pd.read_csv("measurements.csv")
assert written.shape == measurements.shape, "the file does not hold the whole table"

summary = measurements.groupby("cultivar").mean()
summary["wines"] = measurements["cultivar"].value_counts()
summary.sort_values("wines", ascending=False, inplace=True)
lineapy.save(summary, "cultivar_summary")
print(summary[["wines", "alcohol", "flavanoids", "proline"]].round(2))
