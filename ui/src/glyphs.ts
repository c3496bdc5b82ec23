// Symbols: frame = domain (after MIL-STD-2525 friend frames), mark = kind. The same paths serve canvas and SVG.
import type { Kind, Link } from "./model";

export const FRAMES: Record<Kind, string> = {
  copter: "M-10.5 9V-.5A10.5 10.5 0 0 1 10.5-.5V9",
  rover: "M-12-8.5H12V8.5H-12Z",
  sub: "M-10.5-9V.5A10.5 10.5 0 0 0 10.5.5V-9",
  plane: "M-10.5 9V-.5A10.5 10.5 0 0 1 10.5-.5V9",
  boat: "M-10.5 0A10.5 10.5 0 1 1 10.5 0A10.5 10.5 0 1 1-10.5 0Z",
};

interface Mark {
  path: string;
  is_filled: boolean;
  width: number;
}

export const MARKS: Record<Kind, Mark[]> = {
  copter: [{ path: "M-7-3.6 0 .9 7-3.6V5.6L0 1.1-7 5.6Z", is_filled: true, width: 1 }],
  rover: [
    { path: "M-5.2 2H5.2A2.3 2.3 0 0 1 5.2 6.6H-5.2A2.3 2.3 0 0 1-5.2 2Z", is_filled: false, width: 1.4 },
    { path: "M0 2V-2M2.2-4A2.2 2.2 0 1 1-2.2-4A2.2 2.2 0 1 1 2.2-4", is_filled: false, width: 1.5 },
  ],
  sub: [
    { path: "M-4.5 3.4H4.4A3.1 3.1 0 0 0 4.4-2.8H-4.5Z", is_filled: false, width: 1.5 },
    { path: "M-4.5-2.8-7-5V5.4L-4.5 3.4M.5-2.8V-5.6H3", is_filled: false, width: 1.5 },
  ],
  plane: [{ path: "M0-5.5 1.2-2V-.4L7.5 2.4V4L1.2 2.6V5L3 6.6V7.6L0 6.8-3 7.6V6.6L-1.2 5V2.6L-7.5 4V2.4L-1.2-.4V-2Z", is_filled: true, width: 1 }],
  boat: [
    { path: "M-6.5 1H6.5L4 5.2H-4Z", is_filled: true, width: 1 },
    { path: "M0 1V-5.5L4.5-1.2H0", is_filled: false, width: 1.5 },
  ],
};

/** Line style is truth: solid is now, dashes are old, and the shortest dashes with a slash are gone. */
export const DASHES: Record<Link, number[]> = { fresh: [], late: [5, 2.5], stale: [2, 2.4], lost: [2, 2.4] };
export const SLASH = "M-13 13 13-13";
export const BRACKETS = "M-16-10V-16H-10M10-16H16V-10M16 10V16H10M-10 16H-16V10";
export const isGone = (link: Link): boolean => link === "stale" || link === "lost";
