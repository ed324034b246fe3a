"""``python -m infogan.trainer`` is ``infogan-train``."""

import sys

from .cli import main

sys.exit(main())
