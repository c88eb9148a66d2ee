# shellcheck shell=sh
# Installs programs that only some suites need, into the folder TOOLS. Source it in the project's root.

not_installed() { printf '%s cannot be installed here.\n' "$1"; return 77; }

# Each list of versions has a folder of its own, so that a change of the list installs anew.
folder_of() { printf '%s/%s\n' "$TOOLS" "$(printf '%s' "$*" | sha256sum | cut -c 1-16)"; }

npm_tools() { # PACKAGE…
  NPM_TOOLS=$(folder_of "$@")
  [ -e "$NPM_TOOLS/done" ] || {
    mkdir -p "$NPM_TOOLS"
    npm install --prefix "$NPM_TOOLS" --no-audit --no-fund --ignore-scripts --loglevel=error "$@" &&
      touch "$NPM_TOOLS/done"
  } || not_installed 'A package of npm'
}

python_tools() { # PACKAGE…
  PYTHON_TOOLS=$(folder_of "$@")
  [ -e "$PYTHON_TOOLS/done" ] || {
    { python3 -m venv "$PYTHON_TOOLS" || { apt-get update -qq && apt-get install -qq -y python3-venv &&
      python3 -m venv "$PYTHON_TOOLS"; }; } && "$PYTHON_TOOLS/bin/pip" install --quiet "$@" &&
      touch "$PYTHON_TOOLS/done"
  } || not_installed 'A package of Python'
}
