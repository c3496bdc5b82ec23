// What lies under the overlay: MapLibre with the survey's hillshade, or a plain canvas where WebGL is missing.
import { Map as MapLibre, setWorkerUrl, type ImageSource } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { LonLat } from "../model";
import type { Theme } from "../prefs.svelte";
import { type Bounds, boundsOf, fitting, View } from "./view";

setWorkerUrl(workerUrl);

export type Corners = [LonLat, LonLat, LonLat, LonLat];

export interface Base {
  view(): View;
  fit(bounds: Bounds): void;
  zoomBy(step: number): void;
  show(corners: Corners | null, theme: Theme): void;
  destroy(): void;
}

const imageUrl = (theme: Theme): string => `/api/basemap/${theme}.png`;
const MARGIN_PX = 64;

export function createBase(container: HTMLElement, onMove: () => void): Base {
  const probe = document.createElement("canvas");
  return probe.getContext("webgl2") === null ? new PlainBase(container, onMove) : new MapLibreBase(container, onMove);
}

class MapLibreBase implements Base {
  private readonly map: MapLibre;
  private shown: { corners: Corners; theme: Theme } | null = null;
  private isReady = false;

  constructor(
    private readonly container: HTMLElement,
    onMove: () => void,
  ) {
    this.map = new MapLibre({
      container,
      style: { version: 8, sources: {}, layers: [] },
      center: [112.85, 35.49],
      zoom: 13,
      maxPitch: 0,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      attributionControl: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: false },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disable();
    this.map.on("move", onMove);
    this.map.on("resize", onMove);
    this.map.on("load", () => {
      this.isReady = true;
      this.draw();
    });
  }

  view(): View {
    const { lng, lat } = this.map.getCenter();
    return new View([lng, lat], this.map.getZoom(), this.container.clientWidth, this.container.clientHeight);
  }

  fit(bounds: Bounds): void {
    const { clientWidth: w, clientHeight: h } = this.container;
    this.map.jumpTo(fitting(bounds, w, h, MARGIN_PX));
  }

  zoomBy(step: number): void {
    this.map.zoomTo(this.map.getZoom() + step, { duration: 0 });
  }

  show(corners: Corners | null, theme: Theme): void {
    this.shown = corners === null ? null : { corners, theme };
    if (this.isReady) this.draw(); // not `loaded()`: it is false while an earlier picture is still on its way
  }

  private draw(): void {
    if (this.shown === null) return;
    const url = imageUrl(this.shown.theme);
    const source = this.map.getSource("ground") as ImageSource | undefined;
    if (source !== undefined) {
      source.updateImage({ url, coordinates: this.shown.corners });
      return;
    }
    this.map.addSource("ground", { type: "image", url, coordinates: this.shown.corners });
    this.map.addLayer({ id: "ground", type: "raster", source: "ground", paint: { "raster-fade-duration": 0 } });
  }

  destroy(): void {
    this.map.remove();
  }
}

/** Same ground, dragged and zoomed by hand: a machine without WebGL still gets its map. */
class PlainBase implements Base {
  private readonly canvas = document.createElement("canvas");
  private readonly image = new Image();
  private readonly ends = new AbortController();
  private center: LonLat = [112.85, 35.49];
  private zoom = 13;
  private bounds: Bounds | null = null;

  constructor(
    private readonly container: HTMLElement,
    private readonly onMove: () => void,
  ) {
    container.append(this.canvas);
    this.image.onload = () => this.moved();
    const { signal } = this.ends;
    container.addEventListener("pointermove", (event) => this.drag(event), { signal });
    container.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    new ResizeObserver(() => this.moved()).observe(container);
  }

  view(): View {
    return new View(this.center, this.zoom, this.container.clientWidth, this.container.clientHeight);
  }

  fit(bounds: Bounds): void {
    const to = fitting(bounds, this.container.clientWidth, this.container.clientHeight, MARGIN_PX);
    this.center = to.center;
    this.zoom = to.zoom;
    this.moved();
  }

  zoomBy(step: number): void {
    this.zoom = Math.min(19, Math.max(2, this.zoom + step));
    this.moved();
  }

  show(corners: Corners | null, theme: Theme): void {
    this.bounds = corners === null ? null : boundsOf(corners);
    if (corners !== null) this.image.src = imageUrl(theme);
  }

  destroy(): void {
    this.ends.abort();
    this.canvas.remove();
  }

  private drag(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    const view = this.view();
    this.center = view.back(view.width / 2 - event.movementX, view.height / 2 - event.movementY);
    this.moved();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.zoomBy(-event.deltaY / 300);
  }

  private moved(): void {
    const view = this.view();
    this.canvas.width = view.width;
    this.canvas.height = view.height;
    const context = this.canvas.getContext("2d");
    if (context !== null && this.bounds !== null && this.image.complete) {
      const a = view.at(this.bounds.west, this.bounds.north);
      const b = view.at(this.bounds.east, this.bounds.south);
      context.drawImage(this.image, a.x, a.y, b.x - a.x, b.y - a.y);
    }
    this.onMove();
  }
}
