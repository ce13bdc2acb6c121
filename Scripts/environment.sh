# Sourced by scripts that need Python packages: environments outside the repository.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/boardfit

# environment VENV REQUIREMENTS...: a venv holding exactly what the files name; made once for each
# version of the files.
environment() {
  local venv=$1 file
  shift
  if ! cat "$@" | cmp -s - "$venv/requirements.txt"; then
    python3 -m venv "$venv"
    for file in "$@"; do
      "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$file" >&2
    done
    cat "$@" >"$venv/requirements.txt"
  fi
}

# interpreter NAME REQUIREMENTS...: sets PYTHON to that of the venv NAME in the cache, unless PYTHON
# names one already.
interpreter() {
  if [ -z "${PYTHON:-}" ]; then
    environment "$cache/$1" "${@:2}"
    PYTHON=$cache/$1/bin/python
  fi
}
