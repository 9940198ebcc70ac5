"""Whether there is a model to ask, and what a model can do. Apart from its client, whose import takes seconds that
only the workers of turns have to spend."""

from dataclasses import dataclass

from django.conf import settings

# Where the API does not say: what every model can do.
LEAST_CONTEXT_TOKENS = 200_000
LEAST_OUTPUT_TOKENS = 8_192

NO_KEY = (
    "The assistant needs a model: set ANTHROPIC_API_KEY (or ANTHROPIC_BASE_URL, for a server that speaks the "
    "Messages API) and start Tandem again."
)


def is_configured() -> bool:
    return bool(settings.ANTHROPIC_API_KEY or settings.ANTHROPIC_BASE_URL)


@dataclass(frozen=True)
class Features:
    """What a model can do."""

    context_tokens: int = LEAST_CONTEXT_TOKENS
    output_tokens: int = LEAST_OUTPUT_TOKENS
    thinks: bool = False
    sees: bool = True
