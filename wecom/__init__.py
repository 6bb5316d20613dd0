"""The only box that knows the platform's wire: calls, callbacks, limits, error codes, sign-in."""
