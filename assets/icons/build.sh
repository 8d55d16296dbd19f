#!/usr/bin/env bash
# Draws the program icon's PNGs from bucketdrop.svg. Needs python3 with resvg_py (pip install resvg_py).
set -euo pipefail
cd "$(dirname "$0")"
python3 - <<'PY'
import base64, pathlib, resvg_py
svg = pathlib.Path("bucketdrop.svg").read_text()
for size in (64, 256):
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size)
    pathlib.Path(f"bucketdrop-{size}.png").write_bytes(bytes(png))
PY
ls -l
