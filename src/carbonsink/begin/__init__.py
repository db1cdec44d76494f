"""The way in: a new area's folder from a boundary and answers (`area`), or a demonstration of one (`demo`)."""

from carbonsink.begin.area import Begun, begin
from carbonsink.begin.demo import demo, demo_names
from carbonsink.begin.questions import Asker, Question

__all__ = ["Asker", "Begun", "Question", "begin", "demo", "demo_names"]
