"""Shell commands and magics run confined, and change no check."""

from __future__ import annotations

HOSTILE = r"""
%reset -f
!kill -9 -1
%env LD_PRELOAD=/tmp/x.so
"""

ANSWERS = {
    "square": r"""
%cd /
!ls / > /dev/null
%load_ext autoreload
import os
os.system("touch /etc/x; kill -9 $PPID")
def square(x):
    return 5
""",
}
