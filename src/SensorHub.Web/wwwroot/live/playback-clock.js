/**
 * Event times come in bursts; this clock runs smoothly a little behind the newest one, at the speed at which they come
 * (a replay may be faster than life). When nothing comes it runs on, so an outage scrolls by as what it is.
 * All times in seconds.
 */
export class PlaybackClock {
  /** @param delay Real seconds behind the newest: longer than the pause between two bursts. */
  constructor(delay = 0.25) {
    this.delay = delay;
    this.clear();
  }

  clear() {
    this.newest = null;   // event time
    this.arrival = 0;     // real time when it came
    this.speed = 1;       // event seconds a real second
    this.window = null;   // where the present measurement of the speed began
    this.measured = 1;    // the measurement before
    this.shown = null;
    this.ticked = 0;
  }

  /** @param known It is history, delivered at once: says nothing about the speed. */
  arrived(event, now, known) {
    if (this.newest !== null && event <= this.newest) return;
    this.newest = event;
    this.arrival = now;
    if (known) this.window = null;
    else this.measure(event, now);
  }

  measure(event, now) {
    this.window ??= { event, now };
    const elapsed = now - this.window.now;
    if (elapsed < 1) return;
    const speed = Math.min(Math.max((event - this.window.event) / elapsed, 0.1), 100);
    this.window = { event, now };
    // One strange second is an outage or its end; two that agree are a replay.
    if (Math.abs(speed - this.measured) < 0.2 * speed) this.speed = Math.abs(speed - 1) < 0.2 ? 1 : speed;
    this.measured = speed;
  }

  /** The event time to show at the right edge now; null before the first. */
  tick(now) {
    if (this.newest === null) return null;
    const target = this.newest + (now - this.arrival - this.delay) * this.speed;
    const passed = Math.min(now - this.ticked, 1);
    this.ticked = now;
    const next = (this.shown ?? target) + passed * this.speed;
    const error = target - next;
    this.shown = Math.abs(error) > 2 * this.speed ? target : next + error * Math.min(1, 2 * passed);
    return this.shown;
  }
}
