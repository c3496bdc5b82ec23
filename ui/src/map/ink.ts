// The colours of tokens.css, read once per theme for use on canvas, and the few strokes that everything is drawn with.
import type { Point } from "./view";

const NAMES = [
  "fg1", "fg2", "fg3", "bg0", "bg1", "line", "edge", "sel", "warn", "caut", "advi", "prob", "water",
  "halo", "veh", "veh-bg", "track", "caut-fill", "on-caut", "advi-fill", "on-advi",
] as const;

export type Ink = Record<(typeof NAMES)[number], string> & { font: string; scale: number; is_dark: boolean };

export function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return {
    ...(colours as Record<(typeof NAMES)[number], string>),
    font: style.getPropertyValue("--font").trim(),
    scale: parseFloat(style.fontSize) / 16,
    is_dark: document.documentElement.dataset.theme === "dark",
  };
}

export type Canvas = CanvasRenderingContext2D;

export function trace(c: Canvas, points: Point[], closed = false): void {
  c.beginPath();
  points.forEach((p, i) => (i === 0 ? c.moveTo(p.x, p.y) : c.lineTo(p.x, p.y)));
  if (closed) c.closePath();
}

export interface Text {
  size?: number;
  weight?: number;
  align?: CanvasTextAlign;
}

/** Text with a halo, legible on any ground. */
export function write(c: Canvas, ink: Ink, text: string, x: number, y: number, colour: string, how: Text = {}): void {
  c.font = `${how.weight ?? 400} ${(how.size ?? 11) * ink.scale}px ${ink.font}`;
  c.textAlign = how.align ?? "left";
  c.lineJoin = "round";
  c.globalAlpha = 0.85;
  c.strokeStyle = ink.halo;
  c.lineWidth = 3;
  c.setLineDash([]);
  c.strokeText(text, x, y);
  c.globalAlpha = 1;
  c.fillStyle = colour;
  c.fillText(text, x, y);
}
