"""From a reported number down to what it stands on: accounts, flows, worksheet rows, table rows, areas, samples, scenes.

explain(run, "issued:2021")             an account of a vintage, or a sum: gross, net, deducted ("2021/issued" and "签发:2021" are the same)
explain(run, "issued")                  the same over all vintages
explain(run, "2021")                    a vintage, whole
explain(run, "2021/project/.../...")    one worksheet row
explain(run, "ipcc-2019/rice.csv:12")   one number and everything that uses it
explain(run, "LS-001")                  a parcel, a point of a drawn sample, or any item of the lock by its id
explain(run, "paddy")                   a class of the map: its areas, by every estimator and between vintages

The trees are made by `report.tracing`, so that the page shows the same.
"""

from carbonsink.explain.ask import explain as explain
from carbonsink.report.tracing.node import Node as Node
