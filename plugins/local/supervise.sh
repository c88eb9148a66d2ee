# Runs one job and keeps its exit code, whatever becomes of the launcher.
#
#   sh supervise.sh ID BOOT TIME EVENTS [CGROUP.PROCS …] -- [COMMAND …]
#
# ID       the job, so that ps shows whose supervisor this is
# BOOT     the kernel's id of this boot
# TIME     when it was spawned, in milliseconds since 1970
# EVENTS   file with a line "oom_kill N", or -
# CGROUP.PROCS  the program joins each of them before it runs
# COMMAND  runs the shell that runs the program as another user; none when that is our own user
#
# The working folder is the job's. What happens is told in its file `state`, a line each:
#   started BOOT TIME <line of /proc/PID/stat>
#   failed REASON       from the launch script, when it cannot run the program
#   oom N               processes that the kernel killed because of the memory limit
#   exit CODE           128 + N when signal N ended the program; a line of the shell's own before it tells so
# Only builtins are used: a job costs one process besides its own. For any POSIX sh.
# Braces make the shell read all of this before it runs, so an upgrade under way cannot change it.
{
  # Handlers, so that a signal to the group does not end this shell; unlike '' they are not inherited.
  trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
  umask 077

  # Whoever creates `state` has the right to run the job, once. The others end here.
  set -C
  exec 9> state
  set +C
  read -r stat < "/proc/$$/stat"
  echo "started $2 $3 $stat" >&9
  # The shell says on its standard error when a signal ended the program.
  exec 2>&9

  become_program () {
    while [ "$1" != -- ]; do
      echo 0 > "$1" || { echo 'failed StartFailed' >&9; exit 126; }
      shift
    done
    shift
    [ -e stdin ] && exec < stdin
    exec >> stdout 2>> stderr
    if [ $# -eq 0 ]; then
      . ./launch
    else
      exec "$@" /bin/sh -c '. /proc/self/fd/8' job 8< launch
    fi
  }

  events=$4
  shift 4
  (become_program "$@")
  code=$?

  if [ "$events" != - ]; then
    while read -r name value; do
      [ "$name" = oom_kill ] && echo "oom $value" >&9
    done < "$events"
  fi
  echo "exit $code" >&9
  # Ends what is left of the group, this shell last: then nobody writes output any more.
  kill -KILL 0
}
