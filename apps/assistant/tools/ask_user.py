from typing import Any, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.validation import object_schema
from apps.base.errors import Invalid

MIN_OPTIONS, MAX_OPTIONS = 2, 6
MAX_QUESTION_CHARS = 2_000
MAX_OPTION_CHARS = 200


class AskUser(Tool):
    """Asks the person a question and waits for the answer: when what they want can be understood in ways that lead to
    different work, or before something that cannot be taken back. Offer the answers you can think of as options; they
    may also answer in their own words. Do not ask what the notebook can tell you, or whether to go on.
    """

    name: ClassVar = "ask_user"
    effect: ClassVar = Effect.ASKS
    input_schema: ClassVar = object_schema(
        {
            "question": {"type": "string", "description": "One question, in a sentence or two."},
            "options": {
                "type": "array",
                "items": {"type": "string", "description": "A possible answer, in a few words."},
                "description": f"{MIN_OPTIONS} to {MAX_OPTIONS} possible answers, the one you would take first.",
            },
        }
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        raise Invalid("A question is answered by a person: wait for them.")

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        """`{question, options}`. Invalid for what nobody would want to read."""
        question, options = input["question"].strip(), [each.strip() for each in input["options"]]
        if not question or len(question) > MAX_QUESTION_CHARS:
            raise Invalid(f"question must have 1 to {MAX_QUESTION_CHARS:,} characters.", field="question")
        if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS or len(set(options)) < len(options):
            raise Invalid(f"Give {MIN_OPTIONS} to {MAX_OPTIONS} options, all different.", field="options")
        if not all(0 < len(each) <= MAX_OPTION_CHARS for each in options):
            raise Invalid(f"An option must have 1 to {MAX_OPTION_CHARS} characters.", field="options")
        return {"question": question, "options": options}
