"""Old name of the command `python -m pipeline.engine_contract`, for one version."""

import sys
import warnings

from pipeline.engine_contract.__main__ import main

if __name__ == "__main__":
    warnings.warn(
        "python -m pipeline.contract is now python -m pipeline.engine_contract", DeprecationWarning, stacklevel=1
    )
    sys.exit(main())
