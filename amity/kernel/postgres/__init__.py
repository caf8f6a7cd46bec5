"""The embedded PostgreSQL server, and the check of one that somebody else runs. Plain Python, no Django.

cluster = Cluster(default_home())
with cluster.held() as connection:
    psycopg.connect(connection.url)
"""

from amity.kernel.postgres.cluster import Cluster, ClusterStatus, Hold, StopMode
from amity.kernel.postgres.connection import MINIMUM_MAJOR, Connection, check_server_version
from amity.kernel.postgres.errors import PostgresError
from amity.kernel.postgres.home import default_home
from amity.kernel.postgres.server import Phase

__all__ = [
    "MINIMUM_MAJOR",
    "Cluster",
    "ClusterStatus",
    "Connection",
    "Hold",
    "Phase",
    "PostgresError",
    "StopMode",
    "check_server_version",
    "default_home",
]
