// What time it is where ages are counted: event time, for recordings and demos live in another year than the clock. It is seen when windows come, and passes on from there: in an outage it stands still, not so the plant.
const FAR = 3_600_000;

export class EventTime {
  newest = 0;
  behind = null; // the clock; null until windows were seen to come

  // Windows that were asked for: nobody knows when they came.
  found(sensors) {
    this.newest = 0;
    for (const sensor of sensors) {
      this.newest = Math.max(this.newest, sensor.end);
    }
  }

  came(sensors, clock) {
    const before = this.newest;
    this.found(sensors);
    this.behind = this.newest === before ? this.behind : clock - this.newest;
  }

  now(clock, isFlowing) {
    const behind = this.behind ?? (isFlowing && this.newest > 0 ? clock - this.newest : 0);
    return Math.abs(behind) < FAR ? clock : clock - behind;
  }
}
