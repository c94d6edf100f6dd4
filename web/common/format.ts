const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "long",
});
const utcDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
// Words are those of the pages' language; numbers and dates are the reader's.
const words = "en";
const relative = new Intl.RelativeTimeFormat(words);
const count = new Intl.NumberFormat();

export function formatTime(time: string): string {
  return dateTime.format(new Date(time));
}

// To the second, with the time zone's name.
export function formatExact(time: string): string {
  return exact.format(new Date(time));
}

// A day of UTC, as "2026-11-30": the same day wherever the reader is.
export function formatDay(day: string): string {
  return utcDay.format(new Date(day));
}

export function formatCount(value: number): string {
  return count.format(value);
}

const sizes = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

// "812 bytes", "1.2 MB": thousands, three digits at most.
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), sizes.length - 1);
  return new Intl.NumberFormat(words, {
    style: "unit",
    unit: sizes[power],
    unitDisplay: power === 0 ? "long" : "short",
    maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** power);
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

// From this share of a unit on, a time is given in it: what was set to 7 days is "in 1 week" for
// some hours.
const nearlyOne = 0.95;

// "3 hours ago", "in 2 days": rounded.
export function formatAgo(time: string, now: number = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= nearlyOne * length) {
      return relative.format(Math.round(seconds / length), unit);
    }
  }
  return seconds > 0 ? "in a moment" : "just now";
}
