#!/usr/bin/env python3
"""Whether the hub's store lacks anything: every gap is recovered, and the estimates go on through where the link was lost.

The last line of the output is the verdict in short; exit code 1 when something is missing. With --settled only: whether
something is still to come, because the sensor may fill an open gap or the hub has not yet computed anew what was recovered.
"""
import sqlite3
import sys

GRID_S = 0.04  # estimates of posture and rolling: 25 a second
ALLOWED_S = 0.2


def main():
    settled = '--settled' in sys.argv
    path, kind = [a for a in sys.argv[1:] if a != '--settled']
    store = sqlite3.connect(f'file:{path}?mode=ro', uri=True)
    tables = {name for name, in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    gaps = [] if 'gap' not in tables else store.execute('SELECT stream, state, cause, samples_lost, duration_s FROM gap ORDER BY time_ns').fetchall()
    for stream, state, cause, lost, duration in gaps:
        print(f'gap: stream {stream}, {state}, {cause}, {lost} samples, {duration or 0:.2f} s')
    open_gaps = [g for g in gaps if g[1] != 'recovered']

    measurement = 'posture' if kind == 'clip' else 'rolling'
    if measurement not in tables:
        sys.exit(f'no estimates: there is no table {measurement}')
    times = [t for t, in store.execute(f'SELECT time_ns FROM {measurement} ORDER BY time_ns')]
    pauses = [(b - a) / 1e9 for a, b in zip(times, times[1:])]
    longest = max(pauses, default=float('inf'))
    if settled:
        sys.exit(1 if longest > ALLOWED_S or any(g[1] == 'open' for g in gaps) else 0)

    print(f'{measurement}: {len(times)} estimates over {(times[-1] - times[0]) / 1e9 if times else 0:.1f} s, longest pause {longest:.2f} s')

    failed = open_gaps or longest > ALLOWED_S or len(times) * GRID_S < 60
    print(f'{len(gaps)} gaps, {len(gaps) - len(open_gaps)} recovered; {len(times)} estimates, longest pause {longest:.2f} s')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
