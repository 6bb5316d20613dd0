"""What is said to people: a sentence with its values apart, so that it can be said again in another language."""


class Sentence(str):
    """Words for people, in Chinese. A page in another language translates `text` and fills `values` in again."""

    text: str
    values: dict[str, object]

    def __new__(cls, text: str, /, **values: object) -> "Sentence":
        made = super().__new__(cls, text.format(**values) if values else text)
        made.text, made.values = text, values
        return made
