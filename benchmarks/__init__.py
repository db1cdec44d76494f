"""What the READMEs and docs/ say in figures, and the commands that produce them."""
