#!/bin/bash
# The hub and a virtual sensor over the real BlueZ: a virtual machine with two Bluetooth controllers, `sensorhub simulate` on
# one and `sensorhub run` on the other. Once with the roller, once with the clip.
#
#   run.sh [--app FOLDER] [--keep FOLDER] [roller|clip ...]
#
#   --app FOLDER     an executable that is published already, instead of publishing this tree
#   --keep FOLDER    where recordings, store and logs of each run go afterwards; default: nowhere
#
# Needs root on Debian 12 (amd64) and the .NET 10 SDK; README.md says what is asserted. Exit code 0: every assertion held.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
app=
keep=
time_limit=900 # seconds a machine may take, from power-on: it is emulated, and the host may be busy

die() { echo "real-bluez: $*" >&2; exit 2; }

while [ $# -gt 0 ]; do
    case $1 in
        --app) app=$(cd "${2:?--app needs a folder}" && pwd) || exit 2; shift 2 ;;
        --keep) mkdir -p "${2:?--keep needs a folder}" && keep=$(cd "$2" && pwd) || exit 2; shift 2 ;;
        roller | clip) break ;;
        *) die "unknown option $1: it takes --app, --keep, roller, clip" ;;
    esac
done
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(roller clip)
for kind in "${kinds[@]}"; do
    [ "$kind" = roller ] || [ "$kind" = clip ] || die "there is no sensor '$kind': roller or clip"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/rig/build.sh" ${RIG_DIR:+"$RIG_DIR"} || die "the rig could not be built"
if [ -z "$app" ]; then
    echo "publishing sensorhub"
    # Compiled ahead: the emulated processor takes seconds for what the compiler does at every start.
    dotnet publish "$here/../../src/SensorHub" -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true \
        -o "$work/app" -nologo -v quiet || die "sensorhub could not be published"
    app=$work/app
fi

failed=0
rows=()
for kind in "${kinds[@]}"; do
    job=$work/$kind
    mkdir "$job"
    cp -r "$app" "$job/app"
    cp "$here"/guest/* "$job/"
    echo "== $kind"
    start=$SECONDS
    RIG_CPUS=${RIG_CPUS:-2} "$here/rig/run.sh" --share "$job" --timeout "$time_limit" link-loss.sh "$kind"
    code=$?
    took=$((SECONDS - start))
    [ "$code" = 0 ] || failed=1
    while IFS='|' read -r verdict what seen; do
        rows+=("$(printf '%-7s %-6s %-52s %s' "$kind" "$verdict" "$what" "$seen")")
    done < <(cat "$job/results" 2>/dev/null)
    [ "$code" = 0 ] || rows+=("$(printf '%-7s %-6s %-52s %s' "$kind" failed "the run" "exit code $code")")
    rows+=("$(printf '%-7s %-6s %-52s %s' "$kind" "" "time, from power-on to the end" "$took s")")
    if [ -n "$keep" ]; then
        rm -rf "$job/app" "${keep:?}/$kind"
        cp -r "$job" "$keep/$kind"
    fi
done

echo
printf '%s\n' "${rows[@]}"
exit "$failed"
