# shellcheck shell=sh
# Installs the packages of package-lock.json if they are missing or out of date. Source it in the project's root.

# shellcheck disable=SC3013 # -nt is in POSIX since 2024, and dash has had it for long.
if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
  echo 'Installing the packages of package-lock.json (npm ci) …'
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
