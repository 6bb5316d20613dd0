"""The phones in the browser: what guides, customers and groups see, with buttons that press what a finger would."""

from .views import phones

__all__ = ["phones"]
