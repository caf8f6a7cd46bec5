#!/usr/bin/env python
"""Django's own commands. The same as `amity manage`."""

import sys

from amity.site.cli import main

if __name__ == "__main__":
    main(["manage", *sys.argv[1:]])
