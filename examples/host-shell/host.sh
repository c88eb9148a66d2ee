#!/bin/sh
# A host in its smallest form, with a shell and curl: spawn the launcher, submit a job, follow it, stop.
# Usage: host.sh [COMMAND]
set -eu

here=$(cd -P "$(dirname "$0")" && pwd)
job_launcher=${JOB_LAUNCHER:-$here/../../scripts/job-launcher}
command=${1:-'echo "Hello from job $$"; sleep 1; echo "and goodbye"'}
folder=$(mktemp -d)
cleanup () {
  exec 3>&-
  wait
  rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

cat > "$folder/host.gcfg" <<SETTINGS
[Launcher]
ConfigDir = $folder/launcher
ScratchPath = $folder/jobs
SETTINGS

# The launcher's standard input is a pipe that this shell holds open as descriptor 3: when the shell goes, it stops.
# Its standard output says in one line that it is ready, or why it cannot start.
mkfifo "$folder/alive" "$folder/says"
"$job_launcher" serve --settings "$folder/host.gcfg" --supervised \
  < "$folder/alive" > "$folder/says" 2> "$folder/log" 3>&- &
exec 3> "$folder/alive" 4< "$folder/says"
read -r line <&4 || line=
case $line in
  *'"event":"ready"'*) ;;
  *) echo "the launcher cannot start: $line" >&2; exit 1 ;;
esac

# Takes one plain value out of a JSON object. A real host has a JSON parser.
value () { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
json_text () { printf %s "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }
call () { curl --silent --show-error --fail-with-body --no-buffer --unix-socket "$address" "$@"; }

address=$(printf '%s\n' "$line" | value address)
echo "ready at $address"

submission="{\"name\":\"hello\",\"command\":\"$(json_text "$command")\",\"tags\":[\"example\"]}"
job=$(call http://launcher/v1/jobs --json "$submission")
id=$(printf '%s\n' "$job" | value id)
echo "submitted $id"

call "http://launcher/v1/jobs/$id/output?stream=stdout&follow=true"

# The output is complete when the program has ended; the stream of events ends with the final status.
job=$(call "http://launcher/v1/jobs/$id/events" | sed -n 's/^data: //p' | tail -n 1)
exit_code=$(printf '%s\n' "$job" | value exitCode)
echo "$(printf '%s\n' "$job" | value status), exit code $exit_code, $(printf '%s\n' "$job" | value reason)"
exit "${exit_code:-1}"
