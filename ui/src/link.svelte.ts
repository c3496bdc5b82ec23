// The line to the server: newest picture in, silence measured, scene fetched when its version changes.
import { decode } from "@msgpack/msgpack";
import { site } from "./api";
import type { Live, Scene, Site } from "./model";

const SILENT_AFTER_S = 2.5;
const RETRY_MS = 700;
const TICK_MS = 250;
const OVER = ["done", "failed"];

class Link {
  site = $state.raw<Site | null>(null);
  live = $state.raw<Live | null>(null);
  scene = $state.raw<Scene | null>(null);
  /** Seconds since the server's last word; ages on screen grow by it. */
  silent_s = $state(0);
  private heardAt = performance.now();
  private fetching = false;

  get isServerLost(): boolean {
    return this.silent_s > SILENT_AFTER_S;
  }

  /** Why nothing may be ordered now, or null. */
  get isCommandOff(): boolean {
    return this.live === null || this.isServerLost || !this.live.hub.is_connected || this.live.replay !== null;
  }

  /** A simulated run whose mission is over and whose server is gone: nothing flies that anybody could call by radio. */
  get hasEnded(): boolean {
    const isAway = this.isServerLost || this.live?.hub.is_connected === false;
    return isAway && this.site?.is_simulated === true && OVER.includes(this.live?.mission?.phase ?? "");
  }

  start(): void {
    this.connect();
    setInterval(() => {
      const silent = (performance.now() - this.heardAt) / 1000;
      this.silent_s = silent > 1 ? silent : 0;
    }, TICK_MS);
  }

  private connect(): void {
    void this.fetchSite();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      if (event.data instanceof ArrayBuffer) this.take(decode(event.data) as Live);
    };
    socket.onclose = () => setTimeout(() => this.connect(), RETRY_MS);
  }

  private take(live: Live): void {
    this.heardAt = performance.now();
    this.silent_s = 0;
    this.live = live;
    if (live.scene_version !== this.scene?.version) void this.fetchScene();
  }

  private async fetchSite(): Promise<void> {
    if (this.site !== null) return;
    this.site = await site().catch(() => null);
  }

  private async fetchScene(): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const response = await fetch("/api/scene");
      if (response.ok) this.scene = decode(await response.arrayBuffer()) as Scene;
    } catch {
      // The next live message asks again: its version still differs.
    } finally {
      this.fetching = false;
    }
  }
}

export const link = new Link();
