"""What the report says, part by part: each gives the facts of its section in one language, for the page and the document alike."""
