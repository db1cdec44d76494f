"""RothC-26.3: the turnover of organic carbon in topsoils that aren't waterlogged, month by month.

    state = equilibrium(temperature, rain, evaporation, carbon_input, manure, covered, clay=23, depth=23, inert=3.0)
    course = run(temperature, rain, evaporation, carbon_input, manure, covered, clay=23, depth=23, start=state, keep="years")
    course.total[..., -1]          t C/ha at the end of the last year

model     what the world calls: run, equilibrium
pools     the state between months; inert carbon from total carbon, a state scaled to what was measured
series    inputs of any leading shape, laid out for the kernel without filling them up
constants the model's numbers, by name
kernel    months through pools, compiled

Coleman and Jenkinson (1999, updated 2014): RothC-26.3, model description and users' guide.
"""

from carbonsink.carbon.rothc.model import Course as Course
from carbonsink.carbon.rothc.model import Years as Years
from carbonsink.carbon.rothc.model import equilibrium as equilibrium
from carbonsink.carbon.rothc.model import run as run
from carbonsink.carbon.rothc.pools import POOLS as POOLS
from carbonsink.carbon.rothc.pools import Pools as Pools
from carbonsink.carbon.rothc.pools import inert_beside as inert_beside
from carbonsink.carbon.rothc.pools import inert_carbon as inert_carbon
from carbonsink.carbon.rothc.pools import no_carbon as no_carbon
from carbonsink.carbon.rothc.pools import scaled_to as scaled_to
