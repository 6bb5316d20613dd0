"""The measurements of `server.py bench`: one file per claim, and the small programs that they run beside ours."""
