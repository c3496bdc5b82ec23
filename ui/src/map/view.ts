// Where on the canvas a place on earth lies: Web Mercator, north up, no pitch, so plain arithmetic does.
import type { LonLat } from "../model";

const TILE = 512;
const EARTH_M = 40075016.686;

const mercatorX = (lon: number): number => (lon + 180) / 360;
const mercatorY = (lat: number): number => {
  const s = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
};

export interface Point {
  x: number;
  y: number;
}

export class View {
  private readonly world: number;
  private readonly cx: number;
  private readonly cy: number;
  readonly metres_per_px: number;

  constructor(
    readonly center: LonLat,
    readonly zoom: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.world = TILE * 2 ** zoom;
    this.cx = mercatorX(center[0]);
    this.cy = mercatorY(center[1]);
    this.metres_per_px = (EARTH_M * Math.cos((center[1] * Math.PI) / 180)) / this.world;
  }

  at(lon: number, lat: number): Point {
    return {
      x: (mercatorX(lon) - this.cx) * this.world + this.width / 2,
      y: (mercatorY(lat) - this.cy) * this.world + this.height / 2,
    };
  }

  back(x: number, y: number): LonLat {
    const mx = this.cx + (x - this.width / 2) / this.world;
    const my = this.cy + (y - this.height / 2) / this.world;
    return [mx * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * my))) * 180) / Math.PI];
  }
}

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

export function boundsOf(points: LonLat[]): Bounds | null {
  if (points.length === 0) return null;
  const lon = points.map((p) => p[0]);
  const lat = points.map((p) => p[1]);
  return { west: Math.min(...lon), east: Math.max(...lon), south: Math.min(...lat), north: Math.max(...lat) };
}

/** Centre and zoom that show the bounds with a margin. */
export function fitting(bounds: Bounds, width: number, height: number, margin: number): { center: LonLat; zoom: number } {
  const dx = Math.max(1e-9, mercatorX(bounds.east) - mercatorX(bounds.west));
  const dy = Math.max(1e-9, mercatorY(bounds.south) - mercatorY(bounds.north));
  const room = Math.min(Math.max(50, width - 2 * margin) / dx, Math.max(50, height - 2 * margin) / dy) / TILE;
  return {
    center: [(bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2],
    zoom: Math.min(19, Math.log2(room)),
  };
}
