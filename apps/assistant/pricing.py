"""What a call of the model costs, by the price table in the settings."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

MILLION = 1_000_000
# As it is stored.
SMALLEST = Decimal("0.000001")


@dataclass(frozen=True)
class Usage:
    """Tokens of a call. `input` does not count those that were read from the cache or written to it."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write


def cost_usd(model: str, usage: Usage) -> Decimal | None:
    """None for a model without a price."""
    known = [beginning for beginning in settings.ASSISTANT_PRICES if model.startswith(beginning)]
    if not known:
        return None
    prices = [Decimal(str(price)) for price in settings.ASSISTANT_PRICES[max(known, key=len)]]
    tokens = (usage.input, usage.output, usage.cache_read, usage.cache_write)
    cost = sum((count * price for count, price in zip(tokens, prices, strict=True)), Decimal()) / MILLION
    return cost.quantize(SMALLEST)
