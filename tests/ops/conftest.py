"""The invented retailer, small."""

import pytest

from ops import sample_data


@pytest.fixture(scope="session")
def company() -> sample_data.Retailer:
    return sample_data.invent(guides_per_store=2, customers_per_guide=3)
