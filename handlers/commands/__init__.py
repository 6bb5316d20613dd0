"""One file per word that a robot understands; the first line of its docstring is its help line."""
