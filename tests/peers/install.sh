#!/usr/bin/env bash
# Installs the peer programs into this folder. Does nothing when they are already those of the lock files.
set -euo pipefail
cd "$(dirname "$0")"

locks=(package.json package-lock.json requirements-openbadges.txt requirements-new.txt requirements-api.txt install.sh)
current=$(cat "${locks[@]}" | sha256sum | cut -d' ' -f1)
if [[ -f .stamp && $(<.stamp) == "$current" ]]; then
  exit 0
fi
rm -f .stamp

# The venvs hold exactly what is pinned, so pip must resolve nothing: --no-deps.
python_env() {
  python3 -m venv --clear "$1"
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$2"
}

npm ci --ignore-scripts --no-audit --no-fund --silent
python_env .venv-old requirements-openbadges.txt
python_env .venv-new requirements-new.txt
python_env .venv-api requirements-api.txt

# Last: a broken installation leaves no stamp and is done again.
echo "$current" > .stamp
