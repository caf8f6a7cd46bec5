"""Measurements that cross packages. The list of all of them is `BENCHES` in `amity.site.cli.bench`."""
