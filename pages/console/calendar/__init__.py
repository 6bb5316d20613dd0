"""日历: the month and the week of all plans, what stands in each other's way, and how a plan is moved."""
