"""What customers open, in whatever browser they have: no sign-in, nothing of the messenger's, nothing kept of them."""
