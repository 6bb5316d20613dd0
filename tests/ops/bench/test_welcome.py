"""A friend who got nothing, or two, or too late, breaks the claim."""

from ops.bench import welcome


def test_a_friend_who_got_nothing_or_two_breaks_the_claim():
    good = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 19.0], twice=0)
    late = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 20.5], twice=0)
    lost = welcome.FriendRush(friends=2, refused=0, seconds=[0.1], twice=0)
    silent = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 19.0], twice=0, unanswered=1)
    doubled = welcome.FriendRush(friends=2, refused=0, seconds=[0.1, 0.2, 0.3], twice=1)
    assert [one.all_in_time for one in (good, late, lost, silent)] == [True, False, False, False]
    assert (lost.missing, doubled.missing, doubled.twice) == (1, 0, 1)
