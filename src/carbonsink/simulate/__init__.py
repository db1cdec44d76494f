"""The scene simulator: Sentinel-2 L2A and Sentinel-1 RTC look-alikes of an area, bit-identical on every machine, with the truth beside them.

landscape -> phenology -> sky -> scene -> write        and, where the pipeline asks for radar: landscape -> radar -> write
"""

from carbonsink.simulate.run import simulate, simulation_key

__all__ = ["simulate", "simulation_key"]
