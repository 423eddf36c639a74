// Numbers and times as people read them.

export const COLOURS = ['learning', 'out of service', 'not judged', 'normal', 'unusual'];
export const COLOUR_CLASS = ['warming', 'maintenance', 'budget', 'normal', 'anomalous'];

export function number(value, digits = 4) {
  return value === null || value === undefined ? '–' : Number(value.toPrecision(digits)).toLocaleString('en', { maximumSignificantDigits: digits });
}

export const count = value => (value ?? 0).toLocaleString('en');

export const percent = value => value === null || value === undefined ? '–' : `${Math.round(value * 100)} %`;

export function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }

  return `${number(value, 3)} ${units[unit]}`;
}

export function time(value) {
  return value ? new Date(value).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }) : '–';
}

export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min` : seconds < 86400 ? `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min` : `${Math.floor(seconds / 86400)} d`;
}

export const severity = value => value >= 800 ? 'critical' : value >= 500 ? 'high' : value >= 300 ? 'medium' : 'low';
