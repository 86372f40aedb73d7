#!/usr/bin/python3
"""MQTT -> InfluxDB as one would write it in Python when it has to be fast: paho-mqtt, python3-influxdb, line protocol in batches.

Bound to posture/1: topic and JSON to tags, fields and nanoseconds. paho 1.6 acknowledges a message when its callback returns, so this
bridge acknowledges what is not stored yet; that is less than ours promises, and less work.

Arguments: MQTT port, user, password, client id, InfluxDB port, database. Runs until it is killed.
"""
import calendar
import json
import sys
import time

import paho.mqtt.client as mqtt
from influxdb import InfluxDBClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PORT, USER, PASSWORD, CLIENT, INFLUX_PORT, DATABASE = sys.argv[1:]
PORT, INFLUX_PORT = int(PORT), int(INFLUX_PORT)
BATCH = 5000
INTERVAL = 0.25  # s; a batch that is not full is written after it, as ours is

TEXTS = ("session", "finality", "phase", "quality", "calibration")
TAGS = ("method", "sensor")

influx = InfluxDBClient("127.0.0.1", INFLUX_PORT, database=DATABASE)  # without gzip: on one machine it only costs
seconds = {}  # "2026-01-31T12:00:00" -> seconds since the epoch, as text: messages of a second share it
lines = []
written = 0.0


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


def write():
    global written
    if lines:
        influx.write_points(lines, protocol="line", time_precision="n")
        lines.clear()
    written = time.monotonic()


def on_message(client, _, message):
    lines.append(to_line(message.topic, message.payload))
    if len(lines) == BATCH:
        write()


client = mqtt.Client(CLIENT, protocol=mqtt.MQTTv5)
client.username_pw_set(USER, PASSWORD)
client.on_connect = lambda c, *_: c.subscribe("sensorhub/1/+/subjects/+/+", qos=1)
client.on_message = on_message
properties = Properties(PacketTypes.CONNECT)
properties.SessionExpiryInterval = 3600
properties.ReceiveMaximum = 65535

client.connect("127.0.0.1", PORT, clean_start=False, properties=properties)
while True:
    client.loop(INTERVAL)
    if time.monotonic() - written > INTERVAL:
        write()
