"""A rule of the brand or of the plan said no; the words are shown to whoever asked."""


class Refused(Exception):
    """Nothing was changed, and the words say why and what to do instead."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
