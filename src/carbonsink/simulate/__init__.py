"""The scene simulator: Sentinel-2 L2A look-alikes of an area, bit-identical on every machine, with the truth beside them.

landscape -> phenology -> sky -> scene -> write
"""

from carbonsink.simulate.run import simulate

__all__ = ["simulate"]
