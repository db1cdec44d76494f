"""What people declare: the area, the pipeline, and the library's sensors, factors and methodologies, made into one Plan."""
