#!/usr/bin/python3
"""MQTT -> InfluxDB as one would write it in Python when it has to be fast: paho-mqtt, python3-influxdb, line protocol in batches.

Bound to posture/1: topic and JSON to tags, fields and nanoseconds. paho 1.6 acknowledges a message when its callback returns, so this
bridge acknowledges what is not stored yet; that is less than ours promises, and less work.

Arguments: MQTT port, user, password, client id, InfluxDB port, database, messages a pass.
Speaks with the benchmark by lines: prints "ready", waits for "go", stores a pass, prints "done", and so on until the input ends.
"""
import calendar
import json
import sys
import time

import paho.mqtt.client as mqtt
from influxdb import InfluxDBClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PORT, USER, PASSWORD, CLIENT, INFLUX_PORT, DATABASE, MESSAGES = sys.argv[1:]
PORT, INFLUX_PORT, MESSAGES = int(PORT), int(INFLUX_PORT), int(MESSAGES)
BATCH = 5000

TEXTS = ("session", "finality", "phase", "quality", "calibration")
TAGS = ("method", "sensor")

influx = InfluxDBClient("127.0.0.1", INFLUX_PORT, database=DATABASE)  # without gzip: on one machine it only costs
seconds = {}  # "2026-01-31T12:00:00" -> seconds since the epoch, as text: messages of a second share it
lines = []
received = 0


def nanoseconds(text):
    whole = text[:19]
    known = seconds.get(whole)
    if known is None:
        known = seconds[whole] = str(calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")))
    return known + text[20:29]


def to_line(topic, payload):
    _, _, hub, _, subject, measurement = topic.split("/")
    values = json.loads(payload)
    fields = []
    for name, value in values.items():
        if type(value) is float:
            fields.append(f"{name}={value!r}")
        elif name in TEXTS:
            fields.append(f'{name}="{value}"')
        elif type(value) is int:
            fields.append(f"{name}={value}")
    return (f"{measurement},hub={hub},method={values['method']},sensor={values['sensor']},subject={subject} "
            f"{','.join(fields)} {nanoseconds(values['time'])}")


def on_message(client, _, message):
    global received
    lines.append(to_line(message.topic, message.payload))
    received += 1
    if len(lines) == BATCH or received == MESSAGES:
        influx.write_points(lines, protocol="line", time_precision="n")
        lines.clear()


client = mqtt.Client(CLIENT, protocol=mqtt.MQTTv5)
client.username_pw_set(USER, PASSWORD)
client.on_connect = lambda c, *_: c.subscribe("sensorhub/1/+/subjects/+/+", qos=1)
client.on_message = on_message
properties = Properties(PacketTypes.CONNECT)
properties.SessionExpiryInterval = 3600
properties.ReceiveMaximum = 65535

print("ready", flush=True)
for _ in sys.stdin:
    received = 0
    client.connect("127.0.0.1", PORT, clean_start=False, properties=properties)
    while received < MESSAGES:
        client.loop()
    client.loop(0.1)  # the last acknowledgement leaves
    client.disconnect()
    client.loop(0.1)
    print("done", flush=True)
