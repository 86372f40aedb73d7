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
    this.speed = 1;
    this.anchor = null;   // where the present estimate of the speed began
    this.shown = null;
    this.ticked = 0;
  }

  arrived(event, now) {
    if (this.newest !== null && event <= this.newest) return;
    this.newest = event;
    this.arrival = now;
    this.anchor ??= { event, now };
    const elapsed = now - this.anchor.now;
    if (elapsed < 1) return;
    const speed = (event - this.anchor.event) / elapsed;
    // Live data wobble a few percent: that is jitter, not speed.
    this.speed = Math.abs(speed - 1) < 0.2 ? 1 : Math.min(Math.max(speed, 0.1), 100);
    this.anchor = { event, now };
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
