"""A classifier for any table: trained by scikit-learn, kept as plain arrays, asked by our own kernel.

    model = train(features, labels, classes=("paddy", "tea"), seed=4)
    model.predict(features)            a class a row, the same as scikit-learn's own predict on the same trees
    model.probability(features)        (row, class)
    Model.from_json(model.to_json())   plain JSON with a digest, no pickle

Features have the shape (row, feature), are taken as float32 and may be missing (NaN). A missing value lies below every
number: a split may part missing from known, and otherwise it goes with the lowest. Whole numbers may hold a filling
value below all others instead, as composites do.

model      trees as plain arrays, their scores, JSON
grow       training a random forest and boosted trees
bins       the bins that boosted trees are grown over
table      what a table must be
pack       trees laid out for the kernel: complete, branchless
kernel     the walk of rows through trees, compiled
softmax    scores -> probabilities, the same on every machine
tune       the best of the declared candidates, out of fold
scores     how well: recall, balanced accuracy, F, AUC, accuracies of a matrix
"""

from carbonsink.land.classify.grow import train as train
from carbonsink.land.classify.model import Model as Model
