"""python enqueue.py MODULE JOBS: measures how fast a peer's jobs go into its queue."""
import importlib
import sys

import counter

counter.measure(int(sys.argv[2]), importlib.import_module(sys.argv[1]).enqueue)
