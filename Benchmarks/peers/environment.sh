# Sourced: where the peers' models and Python packages are kept, and how the packages get there.

peers=${XDG_CACHE_HOME:-$HOME/.cache}/boardfit/peers

# interpreter NAME REQUIREMENTS...: prints a Python of a venv holding exactly these requirements,
# made once for each version of the files; or $PYTHON where that is set.
interpreter() {
  local venv=$peers/$1
  shift
  if [ -n "${PYTHON:-}" ]; then
    echo "$PYTHON"
    return
  fi
  if ! cat "$@" | cmp -s - "$venv/requirements.txt"; then
    python3 -m venv "$venv"
    local file
    for file in "$@"; do
      "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$file" >&2
    done
    cat "$@" >"$venv/requirements.txt"
  fi
  echo "$venv/bin/python"
}
