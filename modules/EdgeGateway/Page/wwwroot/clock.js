// What time it is where ages are counted: event time, for recordings and demos live in another year than the clock. It is seen when windows come, and passes on from there: in an outage it stands still, not so the plant.
const FAR = 3_600_000;

export class EventTime {
  newest = 0;
  behind = null; // the clock; null until windows were seen to come

  // Windows that were asked for: nobody knows when they came.
  found(ends) {
    this.newest = Math.max(0, ...ends);
  }

  came(ends, clock) {
    const newest = Math.max(0, ...ends);
    if (newest > this.newest) {
      [this.newest, this.behind] = [newest, clock - newest];
    }
  }

  now(clock, isFlowing) {
    const behind = this.behind ?? (isFlowing && this.newest > 0 ? clock - this.newest : 0);
    return Math.abs(behind) < FAR ? clock : clock - behind;
  }
}
