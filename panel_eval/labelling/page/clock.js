// Time spent on an item: only while the window is visible, and not through pauses.

const PAUSE_MS = 60_000;
const TICK_MS = 1000;

export class Clock {
  constructor() {
    this.milliseconds = 0;
    this.last = performance.now();
    this.active = this.last;
    for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"])
      addEventListener(kind, () => { this.count(); this.active = performance.now(); }, {passive: true, capture: true});
    document.addEventListener("visibilitychange", () => this.count(true));
    setInterval(() => this.count(), TICK_MS);
  }

  /** Begin with an item on which some time was spent before. */
  start(seconds) {
    this.milliseconds = 1000 * (seconds ?? 0);
    this.last = this.active = performance.now();
  }

  /** Seconds spent on the item so far, to a tenth. */
  get seconds() {
    this.count();
    return Math.round(this.milliseconds / 100) / 10;
  }

  count(visibilityChanged = false) {
    const now = performance.now();
    const wasVisible = visibilityChanged ? document.hidden : !document.hidden;
    const until = Math.min(now, this.active + PAUSE_MS);
    if (wasVisible && until > this.last) this.milliseconds += until - this.last;
    this.last = now;
  }
}
