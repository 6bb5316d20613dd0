"""The phones in the browser: what guides, customers and groups see, with buttons for what people do there."""

from .views import phones

__all__ = ["phones"]
