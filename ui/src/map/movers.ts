// What moves: contacts with their ellipses, finds, flown tracks, vehicles with their labels.
import { age } from "../format";
import { BRACKETS, DASHES, FRAMES, isGone, MARKS, SLASH } from "../glyphs";
import type { Contact, Find, Vehicle } from "../model";
import { type Canvas, type Ink, trace, write } from "./ink";
import { Placement } from "./labels";
import type { Point, View } from "./view";

const paths = new Map<string, Path2D>();
function path(d: string): Path2D {
  const known = paths.get(d);
  if (known !== undefined) return known;
  const made = new Path2D(d);
  paths.set(d, made);
  return made;
}

export type Placed = Vehicle & { lat_deg: number; lon_deg: number };
export const isPlaced = (v: Vehicle): v is Placed => v.lat_deg !== null && v.lon_deg !== null;

/** Half axes of the 50 % ellipse against those of the 95 % one: sqrt(ln 2 / ln 20). */
const HALF_OF_95 = Math.sqrt(Math.log(2) / Math.log(20));

export function drawContact(c: Canvas, ink: Ink, view: View, contact: Contact, isChosen: boolean): void {
  const { x, y } = view.at(contact.lon_deg, contact.lat_deg);
  const colour = contact.state === "rejected" ? ink.fg3 : contact.is_find || contact.state === "confirmed" ? ink.advi : ink.caut;
  const [a, b] = [contact.semi_major_m / view.metres_per_px, contact.semi_minor_m / view.metres_per_px];
  const turn = ((contact.bearing_deg - 90) * Math.PI) / 180;
  if (contact.state !== "rejected") {
    for (const [scale, line, width] of [[1, ink.halo, 4], [1, colour, 1.6], [HALF_OF_95, colour, 1]] as const) {
      c.beginPath();
      c.ellipse(x, y, Math.max(2, a * scale), Math.max(2, b * scale), turn, 0, 2 * Math.PI);
      c.strokeStyle = line;
      c.lineWidth = width;
      c.stroke();
    }
  }
  if (contact.is_find) return; // its find mark says the rest
  const mark = markOf(view, contact);
  c.save();
  c.translate(mark.x, mark.y);
  c.fillStyle = contact.state === "rejected" ? ink.bg1 : contact.state === "confirmed" ? ink["advi-fill"] : ink["caut-fill"];
  c.strokeStyle = contact.state === "rejected" ? ink.fg3 : ink.halo;
  c.lineWidth = 1.5;
  const radius = contact.state === "rejected" ? 6 : 9;
  trace(c, [{ x: 0, y: -radius }, { x: radius, y: 0 }, { x: 0, y: radius }, { x: -radius, y: 0 }], true);
  c.fill();
  c.stroke();
  c.fillStyle = contact.state === "rejected" ? ink.fg3 : contact.state === "candidate" ? ink["on-caut"] : ink["on-advi"];
  c.font = `700 11px ${ink.font}`;
  c.textAlign = "center";
  c.fillText(contact.state === "rejected" ? "×" : contact.state === "confirmed" ? "2" : "?", 0, 4);
  if (isChosen) strokeBrackets(c, ink);
  c.restore();
}

/** Where a contact's mark stands: above its ellipse, so that the ellipse stays readable. */
export function markOf(view: View, contact: Contact): Point {
  const { x, y } = view.at(contact.lon_deg, contact.lat_deg);
  if (contact.state === "rejected" || contact.is_find) return { x, y };
  return { x, y: y - Math.max(16, Math.min(contact.semi_major_m / view.metres_per_px, 60) * 0.7 + 12) };
}

/** A person found: filled disc with a figure, the one mark on the map that is meant to be seen first. */
export function drawFind(c: Canvas, ink: Ink, view: View, find: Find, isChosen: boolean): void {
  const { x, y } = view.at(find.lon_deg, find.lat_deg);
  c.save();
  c.translate(x, y);
  if (isChosen) strokeBrackets(c, ink);
  c.beginPath();
  c.arc(0, 0, 9, 0, 2 * Math.PI);
  c.fillStyle = ink["advi-fill"];
  c.fill();
  c.strokeStyle = ink.halo;
  c.lineWidth = 2;
  c.stroke();
  c.strokeStyle = ink["on-advi"];
  c.lineWidth = 1.8;
  c.stroke(path("M0-1V4M-3.5 .5H3.5M0 4-2.6 7M0 4 2.6 7"));
  c.beginPath();
  c.arc(0, -4, 1.9, 0, 2 * Math.PI);
  c.fillStyle = ink["on-advi"];
  c.fill();
  c.restore();
}

export function drawTrack(c: Canvas, ink: Ink, points: Point[]): void {
  if (points.length < 2) return;
  trace(c, points);
  c.lineJoin = "round";
  c.globalAlpha = 0.85;
  c.strokeStyle = ink.track;
  c.lineWidth = 1.7;
  c.stroke();
  c.globalAlpha = 1;
}

/** How far a silent vehicle may have gone: its speed times its age, capped by a 5 s failsafe and 10 s to come to rest. */
const FAILSAFE_S = 15;

export function drawReach(c: Canvas, ink: Ink, view: View, vehicle: Placed, age_s: number): void {
  const reach_m = (vehicle.speed_m_s ?? 0) * Math.min(age_s, FAILSAFE_S);
  if (vehicle.link === "fresh" || reach_m < 1) return;
  const { x, y } = view.at(vehicle.lon_deg, vehicle.lat_deg);
  c.beginPath();
  c.arc(x, y, Math.max(18, reach_m / view.metres_per_px), 0, 2 * Math.PI);
  c.globalAlpha = 0.06;
  c.fillStyle = ink.veh;
  c.fill();
  c.globalAlpha = 0.9;
  c.setLineDash([4, 4]);
  c.strokeStyle = ink.veh;
  c.lineWidth = 1.1;
  c.stroke();
  c.setLineDash([]);
  c.globalAlpha = 1;
}

export function drawVehicle(c: Canvas, ink: Ink, at: Point, vehicle: Vehicle, isChosen: boolean): void {
  c.save();
  c.translate(at.x, at.y);
  c.scale(ink.scale, ink.scale);
  if (vehicle.heading_deg !== null && !isGone(vehicle.link)) drawHeading(c, ink, vehicle);
  if (isChosen) strokeBrackets(c, ink);
  const frame = path(FRAMES[vehicle.kind]);
  c.globalAlpha = 0.55;
  c.strokeStyle = ink.halo;
  c.lineWidth = 5;
  c.stroke(frame);
  c.globalAlpha = 0.92;
  c.fillStyle = ink["veh-bg"];
  if (!isGone(vehicle.link)) c.fill(frame);
  c.globalAlpha = 1;
  c.strokeStyle = ink.veh;
  c.lineWidth = 1.7;
  c.setLineDash(DASHES[vehicle.link]);
  c.stroke(frame);
  c.setLineDash([]);
  c.globalAlpha = isGone(vehicle.link) ? 0.75 : 1;
  c.fillStyle = ink.veh;
  for (const mark of MARKS[vehicle.kind]) {
    c.lineWidth = mark.width;
    if (mark.is_filled) c.fill(path(mark.path));
    c.stroke(path(mark.path));
  }
  c.globalAlpha = 1;
  c.lineWidth = 1.6;
  if (isGone(vehicle.link)) c.stroke(path(SLASH));
  c.restore();
}

function drawHeading(c: Canvas, ink: Ink, vehicle: Vehicle): void {
  c.save();
  c.rotate(((vehicle.heading_deg ?? 0) * Math.PI) / 180);
  c.strokeStyle = ink.veh;
  c.lineWidth = 1.3;
  c.setLineDash(vehicle.link === "fresh" ? [] : [3, 3]);
  trace(c, [{ x: 0, y: -14 }, { x: 0, y: -18 - (vehicle.speed_m_s ?? 0) * 1.3 }]);
  c.stroke();
  c.setLineDash([]);
  c.fillStyle = ink.veh;
  c.strokeStyle = ink.halo;
  c.lineWidth = 0.8;
  trace(c, [{ x: -5, y: -14 }, { x: 0, y: -21.5 }, { x: 5, y: -14 }], true);
  c.fill();
  c.stroke();
  c.restore();
}

function strokeBrackets(c: Canvas, ink: Ink): void {
  c.strokeStyle = ink.sel;
  c.lineWidth = 2;
  c.stroke(path(BRACKETS));
}

export interface Shown {
  at: Point;
  vehicle: Vehicle;
  age_s: number;
}

/** Call sign bold, height, and the age only when it is not fresh. */
export function drawLabels(c: Canvas, ink: Ink, view: View, placed: Shown[], taken: Point[]): void {
  const placement = new Placement(view.width, view.height);
  for (const { at } of placed) placement.block(at.x, at.y, 13 * ink.scale);
  for (const at of taken) placement.block(at.x, at.y, 9);
  for (const { at, vehicle, age_s } of placed) {
    const [name, detail, colour] = labelOf(ink, vehicle, age_s);
    c.font = `700 ${11 * ink.scale}px ${ink.font}`;
    const nameWidth = c.measureText(name).width;
    const width = nameWidth + c.measureText(detail).width;
    const spot = placement.place(at, width, 13 * ink.scale, 18 * ink.scale);
    const left = spot.align === "left" ? spot.x : spot.align === "right" ? spot.x - width : spot.x - width / 2;
    write(c, ink, name, left, spot.y, ink.fg1, { weight: 700 });
    write(c, ink, detail, left + nameWidth, spot.y, colour, { weight: colour === ink.fg2 ? 400 : 700 });
  }
}

function labelOf(ink: Ink, vehicle: Vehicle, age_s: number): [string, string, string] {
  if (vehicle.link === "lost") return [vehicle.id, ` ▲ ${age(age_s)}`, ink.warn];
  if (vehicle.link !== "fresh") return [vehicle.id, ` ◆ ${age(age_s)}`, ink.caut];
  const height = vehicle.agl_m ?? vehicle.height_m;
  if (height === null || Math.abs(height) < 1 || vehicle.kind === "rover" || vehicle.kind === "boat") return [vehicle.id, "", ink.fg2];
  const detail = vehicle.kind === "sub" ? ` ↓${Math.round(-height)} m` : ` ↑${Math.round(height)} m`;
  return [vehicle.id, detail, ink.fg2];
}
