"""What is in the kernel."""

from apps.execution import variables as kernel
from apps.live.commands.frames import Client, Frame, Result, text_of


def variables(client: Client, frame: Frame) -> Result:
    return kernel.variables(**client.place)


def variable(client: Client, frame: Frame) -> Result:
    return kernel.variable(**client.place, name=text_of(frame, "name"))
