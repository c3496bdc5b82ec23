// Access units from the relay to a canvas by WebCodecs, with the measured time from camera or server to the screen.

const HEADER_BYTES = 24;
const KEY = 1;
const SHARED_CLOCK_MS = 5000; // capture and server clocks further apart than this are not one clock
const MOST_QUEUED = 8;
const KEPT_DELAYS = 30;
const PING_MS = 2000;
const RETRY_MS = 1000;
const ABSENT_CODE = 4404;
const ABSENT_RETRY_MS = 5000;

export interface Latency {
  ms: number;
  from: "capture" | "server";
}

interface Unit {
  isKey: boolean;
  number: number;
  capture_ms: number;
  server_ms: number;
  data: Uint8Array;
}

export class VideoPlayer {
  painted = 0;
  latency: Latency | null = null;
  /** performance.now() of the last painted picture. */
  paintedAt: number | null = null;
  /** The vehicle has no such camera; asked again from time to time. */
  isAbsent = false;
  private socket: WebSocket | null = null;
  private decoder: VideoDecoder | null = null;
  private waitsForKey = true;
  private readonly inFlight = new Map<number, Unit>();
  private delays: number[] = [];
  private offset_ms = 0;
  private bestRoundTrip_ms = Infinity;
  private isClosed = false;
  private pinger = 0;

  constructor(
    private readonly path: string,
    private readonly canvas: HTMLCanvasElement,
  ) {
    this.connect();
  }

  static isPossible(): boolean {
    return "VideoDecoder" in window && window.isSecureContext;
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.pinger);
    this.socket?.close();
    this.dropDecoder();
  }

  private connect(): void {
    if (this.isClosed) return;
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.ping();
      this.pinger = window.setInterval(() => this.ping(), PING_MS);
    };
    socket.onmessage = (event) => {
      if (event.data instanceof ArrayBuffer) this.take(parse(event.data));
      else this.tookPong(JSON.parse(String(event.data)) as { pong: number; server_utc_ms: number });
    };
    socket.onclose = (event) => {
      clearInterval(this.pinger);
      this.isAbsent = event.code === ABSENT_CODE;
      setTimeout(() => this.connect(), this.isAbsent ? ABSENT_RETRY_MS : RETRY_MS);
    };
    this.socket = socket;
  }

  private ping(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ ping: performance.now() }));
  }

  /** Server UTC minus ours, from the quickest exchange: half its round trip is the error. */
  private tookPong(answer: { pong: number; server_utc_ms: number }): void {
    const roundTrip = performance.now() - answer.pong;
    if (roundTrip > this.bestRoundTrip_ms) return;
    this.bestRoundTrip_ms = roundTrip;
    this.offset_ms = answer.server_utc_ms + roundTrip / 2 - now_ms();
  }

  private take(unit: Unit): void {
    if (this.waitsForKey && !unit.isKey) return;
    if ((this.decoder?.decodeQueueSize ?? 0) > MOST_QUEUED && !unit.isKey) {
      this.waitsForKey = true;
      return;
    }
    if (unit.isKey && !this.prepare(unit)) return;
    this.waitsForKey = false;
    this.inFlight.set(unit.number * 1000, unit);
    this.decoder?.decode(
      new EncodedVideoChunk({ type: unit.isKey ? "key" : "delta", timestamp: unit.number * 1000, data: unit.data }),
    );
  }

  private prepare(unit: Unit): boolean {
    if (this.decoder?.state === "configured") return true;
    const codec = codecOf(unit.data);
    if (codec === null) return false;
    this.dropDecoder();
    this.decoder = new VideoDecoder({
      output: (frame) => this.paint(frame),
      error: () => {
        this.decoder = null;
        this.waitsForKey = true;
      },
    });
    this.decoder.configure({ codec, optimizeForLatency: true });
    return true;
  }

  private dropDecoder(): void {
    if (this.decoder !== null && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
    this.inFlight.clear();
  }

  private paint(frame: VideoFrame): void {
    const unit = this.inFlight.get(frame.timestamp);
    for (const timestamp of this.inFlight.keys()) if (timestamp <= frame.timestamp) this.inFlight.delete(timestamp);
    if (this.canvas.width !== frame.displayWidth || this.canvas.height !== frame.displayHeight) {
      this.canvas.width = frame.displayWidth;
      this.canvas.height = frame.displayHeight;
    }
    this.canvas.getContext("2d")?.drawImage(frame, 0, 0);
    frame.close();
    requestAnimationFrame(() => unit !== undefined && this.measured(unit));
  }

  private measured(unit: Unit): void {
    const isShared = Math.abs(unit.capture_ms - unit.server_ms) < SHARED_CLOCK_MS;
    const from_ms = isShared ? unit.capture_ms : unit.server_ms;
    this.delays = [...this.delays, now_ms() + this.offset_ms - from_ms].slice(-KEPT_DELAYS);
    const middle = [...this.delays].sort((a, b) => a - b)[this.delays.length >> 1] ?? 0;
    this.latency = { ms: Math.max(0, middle), from: isShared ? "capture" : "server" };
    this.painted += 1;
    this.paintedAt = performance.now();
    this.canvas.dataset.painted = String(this.painted);
    this.canvas.dataset.latencyMs = middle.toFixed(1);
  }
}

const now_ms = (): number => performance.timeOrigin + performance.now();

function parse(message: ArrayBuffer): Unit {
  const head = new DataView(message);
  return {
    isKey: (head.getUint8(1) & KEY) !== 0,
    number: head.getUint32(4, true),
    capture_ms: head.getFloat64(8, true),
    server_ms: head.getFloat64(16, true),
    data: new Uint8Array(message, HEADER_BYTES),
  };
}

/** RFC 6381 name from the sequence parameter set (NAL type 7): profile, constraints, level. */
function codecOf(data: Uint8Array): string | null {
  for (let i = 0; i + 6 < data.length; i++) {
    if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1 && ((data[i + 3] ?? 0) & 31) === 7) {
      return `avc1.${[4, 5, 6].map((k) => (data[i + k] ?? 0).toString(16).padStart(2, "0")).join("")}`;
    }
  }
  return null;
}
