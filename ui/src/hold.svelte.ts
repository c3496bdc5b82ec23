// A command is held, not clicked: letting go before the end cancels, and only the end sends.

export class Hold {
  /** 0..1 while held, null otherwise. */
  progress = $state<number | null>(null);
  private startedAt = 0;
  private frame = 0;

  constructor(
    private readonly lasts_s: number,
    private readonly onDone: () => void,
    private readonly onStart: () => void = () => {},
    private readonly onCancel: () => void = () => {},
  ) {}

  start(): void {
    if (this.progress !== null) return;
    this.startedAt = performance.now();
    this.progress = 0;
    this.onStart();
    this.frame = requestAnimationFrame(() => this.run());
  }

  cancel(): void {
    if (this.progress === null) return;
    cancelAnimationFrame(this.frame);
    this.progress = null;
    this.onCancel();
  }

  private run(): void {
    const progress = (performance.now() - this.startedAt) / 1000 / this.lasts_s;
    if (progress >= 1) {
      this.progress = null;
      this.onDone();
      return;
    }
    this.progress = progress;
    this.frame = requestAnimationFrame(() => this.run());
  }
}
