// What stays: graticule, area, cells by looks, planned routes, last known point, scale bar.
import type { LonLat, Plan, Scene } from "../model";
import { rows } from "../model";
import { t } from "../words";
import { type Canvas, type Ink, trace, write } from "./ink";
import type { Point, View } from "./view";

const project = (view: View, points: LonLat[]) => points.map(([lon, lat]) => view.at(lon, lat));

/** Ticks and lines at a round step of arc seconds, so that a screen without any map still says where it is. */
export function drawGraticule(c: Canvas, ink: Ink, view: View): void {
  const [west, north] = view.back(0, 0);
  const [east, south] = view.back(view.width, view.height);
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((s) => (s / 3600 / (east - west)) * view.width > 130) ?? 36000;
  const deg = step / 3600;
  for (let lon = Math.ceil(west / deg) * deg; lon < east; lon += deg) {
    const { x } = view.at(lon, north);
    thin(c, ink, { x, y: 0 }, { x, y: view.height });
    if (x > 40 && x < view.width - 130) write(c, ink, arc(lon, "E", "W"), x + 3, 13, ink.fg2, { size: 10 });
  }
  for (let lat = Math.ceil(south / deg) * deg; lat < north; lat += deg) {
    const { y } = view.at(west, lat);
    thin(c, ink, { x: 0, y }, { x: view.width, y });
    if (y > 30 && y < view.height - 90) write(c, ink, arc(lat, "N", "S"), 4, y - 3, ink.fg2, { size: 10 });
  }
  c.globalAlpha = 1;
}

function thin(c: Canvas, ink: Ink, from: Point, to: Point): void {
  c.globalAlpha = 0.16;
  c.lineWidth = 1;
  c.strokeStyle = ink.fg3;
  trace(c, [from, to]);
  c.stroke();
  c.globalAlpha = 1;
}

function arc(value: number, positive: string, negative: string): string {
  const s = Math.round(Math.abs(value) * 3600);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}°${two(Math.floor(s / 60) % 60)}′${two(s % 60)}″${value < 0 ? negative : positive}`;
}

interface Square {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Edges are rounded alike for both neighbours, so that cells meet without a gap. */
function squareOf(view: View, lon: number, lat: number, [height, width]: [number, number]): Square {
  const a = view.at(lon - width / 2, lat + height / 2);
  const b = view.at(lon + width / 2, lat - height / 2);
  const [x, y] = [Math.round(a.x), Math.round(a.y)];
  return { x, y, w: Math.round(b.x) - x, h: Math.round(b.y) - y };
}

/** Fill by looks: none, some, enough (filled and hatched, so that it needs no colour). */
export function drawCells(c: Canvas, ink: Ink, view: View, plan: Plan, looks: Uint8Array, enough: number, owners: string[]): void {
  const { index, lat_deg, lon_deg, owner } = plan.cells;
  const size = plan.cell_size_deg;
  if (size === null) return;
  const done: Square[] = [];
  c.lineWidth = 1;
  for (let i = 0; i < index.length; i++) {
    const square = squareOf(view, lon_deg[i] as number, lat_deg[i] as number, size);
    const { x, y, w, h } = square;
    if (x + w < 0 || y + h < 0 || x > view.width || y > view.height) continue;
    const seen = looks[index[i] as number] ?? 0;
    if (seen > 0) {
      c.globalAlpha = shadeOf(seen, enough, ink.is_dark);
      c.fillStyle = ink.veh;
      c.fillRect(x, y, w, h);
      if (seen >= enough) done.push(square);
    }
    if (owners.includes(owner[i] as string)) {
      c.globalAlpha = 0.28;
      c.strokeStyle = ink.sel;
      c.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
    }
  }
  hatch(c, ink, done);
}

export function shadeOf(seen: number, enough: number, isDark: boolean): number {
  if (seen === 0) return 0;
  const full = isDark ? 0.21 : 0.26;
  return seen >= enough ? full : (full * 0.65 * seen) / enough + 0.03;
}

function hatch(c: Canvas, ink: Ink, squares: Square[]): void {
  c.globalAlpha = 0.55;
  c.strokeStyle = ink.fg2;
  c.lineWidth = 1;
  c.beginPath();
  for (const { x, y, w, h } of squares) {
    if (w < 5) continue;
    c.moveTo(x + w * 0.3, y + h * 0.7);
    c.lineTo(x + w * 0.7, y + h * 0.3);
  }
  c.stroke();
  c.globalAlpha = 1;
}

export function drawArea(c: Canvas, ink: Ink, view: View, scene: Scene): void {
  if (scene.intent === null) return;
  trace(c, project(view, scene.intent.area), true);
  c.setLineDash([]);
  c.globalAlpha = 0.6;
  c.strokeStyle = ink.halo;
  c.lineWidth = 4;
  c.stroke();
  c.globalAlpha = 1;
  c.strokeStyle = ink.fg2;
  c.lineWidth = 1.3;
  c.setLineDash([12, 3, 2, 3]);
  c.stroke();
  c.setLineDash([]);
}

export function drawRoutes(c: Canvas, ink: Ink, view: View, plan: Plan, chosen: string[]): void {
  for (const task of rows(plan.tasks)) {
    const isChosen = chosen.includes(task.vehicle);
    const points = project(view, task.route);
    trace(c, points);
    c.lineJoin = "round";
    c.globalAlpha = isChosen ? 0.5 : 0.3;
    c.strokeStyle = ink.halo;
    c.lineWidth = 3;
    c.stroke();
    c.globalAlpha = isChosen ? 1 : 0.42;
    c.strokeStyle = isChosen ? ink.sel : ink.track;
    c.lineWidth = isChosen ? 1.6 : 1.1;
    c.stroke();
  }
  c.globalAlpha = 1;
}

export function drawLastKnownPoint(c: Canvas, ink: Ink, view: View, scene: Scene): void {
  if (scene.intent === null) return;
  const [lon, lat] = scene.intent.last_known_point;
  const { x, y } = view.at(lon, lat);
  for (const [colour, width] of [[ink.halo, 5], [ink.fg1, 1.6]] as const) {
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.beginPath();
    c.arc(x, y, 7, 0, 2 * Math.PI);
    c.stroke();
  }
  c.fillStyle = ink.fg1;
  c.beginPath();
  c.arc(x, y, 2, 0, 2 * Math.PI);
  c.fill();
}

export function drawScale(c: Canvas, ink: Ink, view: View): void {
  const metres = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].find((m) => m / view.metres_per_px > 70) ?? 20000;
  const width = metres / view.metres_per_px;
  const [right, bottom] = [view.width - 20, view.height - 16];
  c.strokeStyle = ink.fg1;
  c.lineWidth = 1.4;
  trace(c, [{ x: right - width, y: bottom - 5 }, { x: right - width, y: bottom }, { x: right, y: bottom }, { x: right, y: bottom - 5 }]);
  c.stroke();
  write(c, ink, metres < 1000 ? `${metres} m` : `${metres / 1000} km`, right - width / 2, bottom - 5, ink.fg1, { align: "center" });
  const [nx, ny] = [right - 8, bottom - 46];
  c.fillStyle = ink.fg1;
  trace(c, [{ x: nx, y: ny - 14 }, { x: nx + 6, y: ny + 4 }, { x: nx, y: ny }, { x: nx - 6, y: ny + 4 }], true);
  c.fill();
  write(c, ink, t("north"), nx, ny + 18, ink.fg1, { align: "center" });
}
