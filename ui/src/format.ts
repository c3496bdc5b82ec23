// Numbers and times as people read them.

export const NONE = "—";

export function age(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return clockSpan(seconds);
}

/** m:ss or h:mm:ss */
export function clockSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function timeOfDay(utcMs: number): string {
  return new Date(utcMs).toLocaleTimeString("en-GB", { hour12: false });
}

/** Such as UTC+8. */
export function zone(utcMs: number): string {
  const hours = -new Date(utcMs).getTimezoneOffset() / 60;
  return hours === 0 ? "UTC" : `UTC${hours < 0 ? "−" : "+"}${Math.abs(hours)}`;
}

export function whole(value: number | null, unit = ""): string {
  return value === null ? NONE : `${Math.round(value)}${unit}`;
}

/** A digest in groups of four, as people compare it aloud. */
export function groups(digest: string): string[] {
  return digest.match(/.{1,4}/g) ?? [];
}
