"""From a reported number down to what it stands on: postings, flows, worksheet rows, table rows, areas, samples, scenes.

explain(run, "2020")                    a vintage, whole
explain(run, "2020/issued")             one posting; what is settled, down to the worksheet, its measurements and their files
explain(run, "2020/project/.../...")    one worksheet row
explain(run, "ipcc-2019/rice.csv:12")   one number and everything that uses it
explain(run, "LS-001")                  a parcel, a point of a drawn sample, or any item of the lock by its id
explain(run, "paddy")                   a class of the map: its areas, by every estimator and between vintages
"""

from carbonsink.explain.ask import explain as explain
from carbonsink.explain.node import Node as Node
