"""The one exception that means: the input is at fault, and here is what to do."""


class InputError(ValueError):
    """Bad input, said in full sentences that name the place and the fix.

    Scripts show its message alone; any other exception is a fault of ours and keeps its traceback.
    """
