"""``python -m infogan.gui`` is infogan-explorer."""

import sys

from infogan.gui.app import main

sys.exit(main())
