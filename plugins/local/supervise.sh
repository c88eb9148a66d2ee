# Runs one job and records how it ended, whatever happens to the launcher.
#
#   sh supervise.sh ID BOOT TIME EVENTS [CGROUP.PROCS …] -- [COMMAND …]
#
# ID       the job. The launcher finds it in the command line before it signals this process.
# BOOT     identity of this boot of the machine or container
# TIME     when the launcher spawned this process, in milliseconds since 1970
# EVENTS   file with a line "oom_kill N" in the folder of the memory's control group, or - if there is none
# CGROUP.PROCS  the program joins each of them before it runs
# COMMAND  runs a shell as another user; none if the job runs as the launcher's own user
#
# The working directory is the job's folder. Only the launcher's user writes `state`, a line for each event:
#   started BOOT TIME <line of /proc/PID/stat>
#   failed REASON       the program could not be started
#   oom N               processes that the kernel killed because of the memory limit
#   peak N              the most memory that the control group has had, in bytes
#   0m0.00s 0m0.00s     as `times` prints them: CPU time of this shell, then of all processes that were waited for
#   exit CODE           128 + N if signal N ended the program; a line of the shell before it confirms the signal
# The job's user writes `report`: `failed REASON` from the launch script, or `run` right before the program is executed.
# Uses builtins only, so that a job costs one process besides its own. For any POSIX sh.
# The braces make the shell read the whole script before it runs, so an upgrade cannot change it meanwhile.
{
  # Handlers, so that a signal to the group does not end this shell. Unlike '', they are not inherited.
  trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
  umask 077

  # The process that creates `state` has the right to run the job, once. Any other exits here.
  set -C
  exec 9> state
  set +C
  # The shell reports on standard error that a signal ended the program.
  exec 2>&9

  start_failed () {
    echo 'failed StartFailed' >&9
    exit 126
  }

  # After this line the launcher may signal the group. The subshell writes it, with the default actions in place,
  # because a signal that arrives while a shell forks is lost. Without the line the launcher could never signal this
  # process, so the claim is released.
  announce () { # BOOT TIME
    { read -r stat < "/proc/$$/stat" && echo "started $1 $2 $stat" >&9; } || exec /bin/rm -f state
  }

  # Closes descriptor 9 before the job's user controls anything: after that, no file of the launcher is open.
  become_program () {
    while [ "$1" != -- ]; do
      echo 0 > "$1" || start_failed
      shift
    done
    shift
    command exec 3>> report 8< launch || start_failed
    if [ -e stdin ]; then command exec 7< stdin || start_failed; else exec 7< /dev/null; fi
    command exec >> stdout 2>> stderr || start_failed
    cd /
    exec 9>&-
    if [ $# -eq 0 ]; then
      . /proc/self/fd/8
    else
      exec "$@" /bin/sh -s <&8 8<&-
    fi
  }

  boot=$2 time=$3 events=$4
  shift 4
  (announce "$boot" "$time"; become_program "$@")
  code=$?

  if [ "$events" != - ]; then
    while read -r name value; do
      [ "$name" = oom_kill ] && echo "oom $value" >&9
    done < "$events"
    for name in memory.peak memory.max_usage_in_bytes; do
      [ -r "${events%/*}/$name" ] && read -r value < "${events%/*}/$name" && echo "peak $value" >&9
    done
  fi
  command times >&9 2> /dev/null
  # On a full disk, the outcome waits for room for at most ten minutes. A released claim has no outcome.
  tries=0
  until echo "exit $code" >&9 || [ ! -e state ] || [ $tries -ge 600 ]; do
    tries=$((tries + 1))
    /bin/sleep 1
  done
  # Kills the rest of the group, this shell last: after that, no process writes output.
  kill -KILL 0
}
