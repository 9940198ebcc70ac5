"""Parts of the text of an SQL cell, as patterns for re.VERBOSE. Apart from its parser, which takes 0.2 s to import."""

# What a placeholder cannot be part of: texts, quoted names and comments, up to the end if they are not closed.
# For re.DOTALL, and with the first group of a pattern.
OPAQUE = r"""
    '(?:[^']|'')*(?:'|\Z) | "(?:[^"]|"")*(?:"|\Z) | \$(\w*)\$.*?(?:\$\1\$|\Z)
    | --[^\n]* | /\*.*?(?:\*/|\Z)
"""
# A name, and the way from there by attributes and fixed indexes.
PLACEHOLDER = r"""
    \{ \s* (?P<name>[^\W\d]\w*) (?P<steps>(?: \.[^\W\d]\w* | \[(?: -?\d+ | '[^'\n]*' | "[^"\n]*" )\] )*) \s* \}
"""
