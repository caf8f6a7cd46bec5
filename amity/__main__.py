"""`python -m amity` is `amity`."""

from amity.site.cli import main

main()
