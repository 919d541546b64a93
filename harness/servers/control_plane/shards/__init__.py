"""The shards of the control plane: records and their history, the routes below ``/control/shards``, and the strategies that place shards on nodes."""
