// One canvas over the base map, redrawn when the picture or the view changes, at most once per frame.
import type { Live, LonLat, Scene } from "../model";
import { rows } from "../model";
import { drawArea, drawCells, drawGraticule, drawLastKnownPoint, drawRoutes, drawScale } from "./ground";
import { type Ink, readInk } from "./ink";
import { drawContact, drawFind, drawLabels, drawReach, drawTrack, drawVehicle, isPlaced, markOf } from "./movers";
import type { Point, View } from "./view";

export interface Drawn {
  live: Live | null;
  scene: Scene | null;
  silent_s: number;
  chosen: string[];
  contact: string | null;
}

export interface Hit {
  kind: "vehicle" | "contact";
  id: string;
}

const TRACK_POINTS = 400;
const TRACK_STEP_DEG = 3e-5; // about 3 m
const HIT_PX = 20;

export class Overlay {
  private ink: Ink = readInk();
  private readonly tracks = new Map<string, LonLat[]>();
  private targets: { at: Point; hit: Hit }[] = [];
  private frame = 0;
  private epoch = "";

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly view: () => View,
    private readonly drawn: () => Drawn,
  ) {}

  restyle(): void {
    this.ink = readInk();
    this.request();
  }

  request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
  }

  /** What lies under the pointer, the nearest first. */
  hit(x: number, y: number): Hit | null {
    let best: { hit: Hit; d: number } | null = null;
    for (const { at, hit } of this.targets) {
      const d = Math.hypot(at.x - x, at.y - y);
      if (d < HIT_PX && (best === null || d < best.d)) best = { hit, d };
    }
    return best?.hit ?? null;
  }

  private draw(): void {
    this.frame = 0;
    const view = this.view();
    const c = this.fresh(view);
    if (c === null) return;
    const { live, scene, chosen } = this.drawn();
    drawGraticule(c, this.ink, view);
    if (scene !== null) this.drawScene(c, view, scene, live, chosen);
    this.targets = [];
    if (live !== null) this.drawLive(c, view, live);
    if (scene !== null) drawLastKnownPoint(c, this.ink, view, scene);
    drawScale(c, this.ink, view);
  }

  private fresh(view: View): CanvasRenderingContext2D | null {
    const ratio = devicePixelRatio;
    const [w, h] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    const c = this.canvas.getContext("2d");
    c?.setTransform(ratio, 0, 0, ratio, 0, 0);
    c?.clearRect(0, 0, view.width, view.height);
    return c;
  }

  private drawScene(c: CanvasRenderingContext2D, view: View, scene: Scene, live: Live | null, chosen: string[]): void {
    if (scene.plan !== null) {
      const looks = live?.mission?.looks ?? new Uint8Array();
      drawCells(c, this.ink, view, scene.plan, looks, scene.intent?.min_looks ?? 1, chosen);
    }
    drawArea(c, this.ink, view, scene);
    if (scene.plan !== null) drawRoutes(c, this.ink, view, scene.plan, chosen);
  }

  private drawLive(c: CanvasRenderingContext2D, view: View, live: Live): void {
    const { chosen, contact: chosenContact, silent_s } = this.drawn();
    const vehicles = rows(live.vehicles).filter(isPlaced);
    const contacts = rows(live.contacts);
    const finds = rows(live.finds);
    this.forgetTracksOf(live.scene_version.split(".")[0] ?? "");
    for (const v of vehicles) {
      drawTrack(c, this.ink, this.extended(v.id, [v.lon_deg, v.lat_deg]).map(([lon, lat]) => view.at(lon, lat)));
    }
    for (const contact of contacts) {
      drawContact(c, this.ink, view, contact, contact.id === chosenContact);
      this.targets.push({ at: markOf(view, contact), hit: { kind: "contact", id: contact.id } });
    }
    for (const find of finds) drawFind(c, this.ink, view, find, find.contact === chosenContact);
    const placed = vehicles.map((v) => ({ at: view.at(v.lon_deg, v.lat_deg), vehicle: v, age_s: v.age_s + silent_s }));
    for (const { vehicle, age_s } of placed) drawReach(c, this.ink, view, vehicle, age_s);
    for (const { at, vehicle } of placed) {
      drawVehicle(c, this.ink, at, vehicle, chosen.includes(vehicle.id));
      this.targets.push({ at, hit: { kind: "vehicle", id: vehicle.id } });
    }
    drawLabels(c, this.ink, view, placed, contacts.flatMap((x) => [markOf(view, x), view.at(x.lon_deg, x.lat_deg)]));
    this.canvas.dataset.vehicles = String(placed.length);
    this.canvas.dataset.contacts = String(contacts.length);
  }

  private extended(id: string, at: LonLat): LonLat[] {
    const track = this.tracks.get(id) ?? [];
    const last = track[track.length - 1];
    if (last === undefined || Math.abs(last[0] - at[0]) + Math.abs(last[1] - at[1]) > TRACK_STEP_DEG) track.push(at);
    if (track.length > TRACK_POINTS) track.shift();
    this.tracks.set(id, track);
    return track;
  }

  /** A replay that goes back, or a hub that starts again, begins new tracks. */
  private forgetTracksOf(epoch: string): void {
    if (epoch !== this.epoch) this.tracks.clear();
    this.epoch = epoch;
  }
}
