# Sourced: puts uv on the path where there is none, since it
# makes the environments in a fraction of the time that pip takes.
if ! command -v uv >/dev/null; then
  tools=$(mktemp -d)
  python3 -m venv "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv
  mkdir "$tools/path" && ln -s "$tools/bin/uv" "$tools/path/uv"
  export PATH="$tools/path:$PATH"
fi
