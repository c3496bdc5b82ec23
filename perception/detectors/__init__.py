"""Pictures to boxes around people: a cheap cue first, then networks on the crops."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""Read when onnxruntime is loaded: since 1.29 it would otherwise tell its maker about every session, over the network,
and leave a file in TMPDIR."""
