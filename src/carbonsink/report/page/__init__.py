"""report.html: one self-contained page in the pipeline's languages."""
