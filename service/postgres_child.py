"""The step between us and PostgreSQL: drop root's rights, ask to be stopped when the starter dies, become the program.

Run as a script by service/embedded.py, in a fresh interpreter: nothing here happens between fork and exec of a process
that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(starter: int, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by the command, as the given user, tied to the life of the starter."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid: a change of user clears the request. SIGINT is PostgreSQL's fast, clean shutdown.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != starter:
        sys.exit("the process that started this server is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
