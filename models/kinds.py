"""What a piece of the library or a campaign is for its customers; the mix of a week counts by it."""

from enum import StrEnum


class MaterialKind(StrEnum):
    """What a piece is for; the mix counts them."""

    CONTENT = "content"
    BRAND = "brand"
    DEAL = "deal"


KIND_WORDS = {MaterialKind.CONTENT: "内容", MaterialKind.BRAND: "品牌", MaterialKind.DEAL: "销售"}
