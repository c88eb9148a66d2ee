# shellcheck shell=sh
# Each script of scripts/suites sources it in the project's root.

# shellcheck source=scripts/lib/install.sh
. scripts/lib/install.sh
# Only the script that starts a cluster may say which one the tests break.
unset KUBE_CLUSTER_DIR

tests() { npm run --silent tap -- "$@"; }
