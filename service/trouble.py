"""What keeps a command of the command line from being done, in one line that says what to do."""


class Trouble(Exception):
    """Something outside the program stands in the way: a missing file, a database that is down, a wrong role."""
