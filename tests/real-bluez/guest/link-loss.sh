#!/bin/bash
# Inside the machine: a sensor on hci1, the hub on hci0; at least 60 s of streaming, the sensor's radio switched off and on,
# reconnecting, the backlog. Then the product's own commands say what is in recording and store.
#
#   link-loss.sh roller|clip        writes a line `ok|WHAT|SEEN` or `failed|WHAT|SEEN` per assertion to /job/results
set -u

kind=$1
stream_before=6300 # samples at 100 Hz: 63 s before the link is lost
stream_after=1500
off_seconds=8

data=/tmp/hub
sensor_log=/job/sensor.log
hub_log=/job/hub.log
results=/job/results
failed=0
: >"$results"

assert() { # WHAT SEEN COMMAND...
    local what=$1 seen=$2 verdict=ok
    shift 2
    "$@" || { verdict=failed; failed=1; }
    echo "$verdict|$what|$seen" >>"$results"
    echo "$verdict: $what ($seen)"
}

wait_for() { # SECONDS WHAT COMMAND...
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            assert "$what" "not in time" false
            finish
        fi
        sleep "${poll:-1}"
    done
}

finish() {
    kill -TERM "$hub" "$sensor" 2>/dev/null
    wait "$hub" "$sensor" 2>/dev/null
    cp -r /tmp/hub/recordings /tmp/hub/store.db* /job/ 2>/dev/null
    cp /run/rig/*.log /job/
    echo "-- the sensor said"; cat "$sensor_log"
    echo "-- the hub said"; cat "$hub_log"
    exit "$failed"
}

said() { grep -c -- "$1" "$sensor_log"; }
said_times() { [ "$(said "$1")" -ge "$2" ]; }
recorded() { # samples of the first stream (an IMU) in the recordings; 0 before there are any
    ./app/sensorhub inspect $data/recordings/* 2>/dev/null | sed -n 's/.*stream 1 (imu): \([0-9]*\) samples.*/\1/p' | awk '{ n += $1 } END { print n + 0 }'
}
recorded_at_least() { [ "$(recorded)" -ge "$1" ]; }
settled() { python3 ./store.py --settled $data/store.db "$kind" >/dev/null 2>&1; }
property() { # NAME: of the sensor's Device1 at the hub's adapter
    dbus-send --system --print-reply --dest=org.bluez / org.freedesktop.DBus.ObjectManager.GetManagedObjects |
        awk -v name="\"$1\"" '/object path/ { mine = /hci0\/dev/ } mine && $0 ~ name { getline; print $NF; exit }'
}

./app/sensorhub simulate --adapter hci1 --kind "$kind" --scenario hamstrings --seed 7 --advertise-again 1 >"$sensor_log" 2>&1 &
sensor=$!
wait_for 120 "the sensor advertises" said_times '^Advertising as' 1

./app/sensorhub run --adopt --adapter hci0 --data $data --port 5080 --mqtt-port 1883 >"$hub_log" 2>&1 &
hub=$!
wait_for 240 "the hub finds and connects the sensor" said_times '^A hub connected' 1
wait_for 120 "every stream starts" said_times 'imu): streaming' "$([ "$kind" = clip ] && echo 2 || echo 1)"
assert "the hub discovered and connected the sensor" "by our service UUID" true
assert "the link is encrypted and paired" "Paired: $(property Paired)" test "$(property Paired)" = true

# Each look at the recording costs the emulated processor seconds, so there are few.
sleep $((stream_before / 100))
poll=10 wait_for 300 "$stream_before samples are recorded" recorded_at_least $stream_before
before=$(recorded)
lost=$(said '^The hub is gone') # a first look, without pairing, was a connection too
made=$(said '^A hub connected')
assert "streamed for 60 s or more before the loss" "$before samples of stream 1 at 100 Hz" test "$before" -ge 6000

btmgmt --index 1 power off
wait_for 60 "the sensor sees the link lost" said_times '^The hub is gone' $((lost + 1))
sleep $off_seconds
btmgmt --index 1 power on
wait_for 240 "the hub connects again" said_times '^A hub connected' $((made + 1))
assert "the link was lost and made again" "$(($(said '^The hub is gone') - lost)) lost, $(($(said '^A hub connected') - made)) made" true
wait_for 240 "the hub asks for the backlog" said_times 'imu): the hub asked' 1
sleep $((stream_after / 100))
poll=10 wait_for 300 "$stream_after samples more are recorded" recorded_at_least $((before + 100 * off_seconds + stream_after))
missed=$(sed -n 's/.*stream 1 (imu): the hub asked for what it missed; \([0-9]*\) samples.*/\1/Ip' "$sensor_log" | awk '{ n += $1 } END { print n + 0 }')
assert "the backlog was fetched" "$missed samples of stream 1" test "$missed" -ge $((100 * off_seconds / 2))

# What it missed while it was busy may be on its way still, or be recorded and not computed anew: its store says when both are done.
poll=5 wait_for 240 "the hub has all that it missed, and its estimates" settled
kill -TERM "$hub"
wait "$hub"
echo "-- the hub ended with exit code $?"

./app/sensorhub inspect --complete $data/recordings/* >/job/inspect.log 2>&1
code=$?
cat /job/inspect.log
assert "no sample is missing in the recording" "$(awk '{ for (i = 2; i <= NF; i++) if ($i == "missing,") n += $(i - 1) } END { print n + 0 }' /job/inspect.log) of $(awk '{ for (i = 2; i <= NF; i++) if ($i == "samples") n += $(i - 1) } END { print n + 0 }' /job/inspect.log)" test $code = 0
python3 ./store.py $data/store.db "$kind" >/job/store.log 2>&1
code=$?
cat /job/store.log
assert "no sample is missing in the store" "$(tail -n 1 /job/store.log)" test $code = 0
finish
