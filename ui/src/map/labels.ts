// Places labels so that they cover neither symbols nor each other: each takes the first free spot around its anchor.
import type { Point } from "./view";

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const overlaps = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

export interface Spot extends Point {
  align: CanvasTextAlign;
}

export class Placement {
  private readonly taken: Box[] = [];

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {}

  block(x: number, y: number, radius: number): void {
    this.taken.push({ left: x - radius, top: y - radius, right: x + radius, bottom: y + radius });
  }

  /** The text's baseline point; when every spot is taken, the first one, because a nameless symbol is worse. */
  place(anchor: Point, width: number, height: number, reach: number): Spot {
    const spots: Spot[] = [
      { x: anchor.x + reach, y: anchor.y + height / 3, align: "left" },
      { x: anchor.x - reach, y: anchor.y + height / 3, align: "right" },
      { x: anchor.x, y: anchor.y + reach + height * 0.8, align: "center" },
      { x: anchor.x, y: anchor.y - reach, align: "center" },
      { x: anchor.x + reach * 0.8, y: anchor.y - reach * 0.7, align: "left" },
      { x: anchor.x + reach * 0.8, y: anchor.y + reach * 1.1, align: "left" },
      { x: anchor.x - reach * 0.8, y: anchor.y - reach * 0.7, align: "right" },
      { x: anchor.x - reach * 0.8, y: anchor.y + reach * 1.1, align: "right" },
    ];
    const boxes = spots.map((spot) => boxOf(spot, width, height));
    const free = boxes.findIndex((box) => this.isInside(box) && !this.taken.some((other) => overlaps(box, other)));
    const chosen = Math.max(0, free);
    this.taken.push(boxes[chosen] as Box);
    return spots[chosen] as Spot;
  }

  private isInside(box: Box): boolean {
    return box.left >= 0 && box.top >= 0 && box.right <= this.width && box.bottom <= this.height;
  }
}

function boxOf(spot: Spot, width: number, height: number): Box {
  const left = spot.align === "left" ? spot.x : spot.align === "right" ? spot.x - width : spot.x - width / 2;
  return { left, right: left + width, top: spot.y - height * 0.8, bottom: spot.y + height * 0.25 };
}
