"""The tests, which run side by side with one thread for each numerical library, as the Makefile has
it: waiting for one another, threads would take more processor time than they save.
"""

import os

for _library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_library, "1")
