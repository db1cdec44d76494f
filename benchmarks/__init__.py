"""What the README says in figures, and the commands that produce them."""
