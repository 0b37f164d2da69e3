"""What is wrong with a query, and what is only worth saying about it: a template, its values, a place, an example."""

from __future__ import annotations


class QueryError(ValueError):
    """A query that cannot be read.

    Attributes:
        template: what is wrong, in English, with `{names}` for what stands in `values`; `str(error)` is it filled in.
        values: words of the query, and numbers.
        position: where it goes wrong, in code points from the start.
        suggestion: the query as it was probably meant, or only the part that goes wrong where the query is long;
            "" when there is no good guess.
    """

    def __init__(self, template: str, *, position: int, suggestion: str = "", **values: str | int) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values
        self.position = position
        self.suggestion = suggestion


class Hint:
    """Something about a query that can be read, but may not mean what was intended. Attributes as of `QueryError`."""

    __slots__ = ("position", "suggestion", "template", "values")

    def __init__(self, template: str, *, position: int, suggestion: str = "", **values: str | int) -> None:
        self.template = template
        self.values = values
        self.position = position
        self.suggestion = suggestion

    def __str__(self) -> str:
        return self.template.format(**self.values)
