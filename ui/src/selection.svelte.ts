// What the operator has picked: vehicles in order of picking (the first is watched), or one contact.

class Selection {
  vehicles = $state<string[]>([]);
  contact = $state<string | null>(null);

  get first(): string | null {
    return this.vehicles[0] ?? null;
  }

  pick(id: string, adds: boolean): void {
    this.contact = null;
    if (!adds) this.vehicles = this.vehicles.length === 1 && this.vehicles[0] === id ? [] : [id];
    else this.vehicles = this.vehicles.includes(id) ? this.vehicles.filter((v) => v !== id) : [...this.vehicles, id];
  }

  pickContact(id: string): void {
    this.contact = this.contact === id ? null : id;
  }

  step(ids: string[], by: 1 | -1): void {
    if (ids.length === 0) return;
    const at = this.first === null ? (by === 1 ? -1 : 0) : ids.indexOf(this.first);
    this.vehicles = [ids[(at + by + ids.length) % ids.length] as string];
  }

  clear(): void {
    this.vehicles = [];
    this.contact = null;
  }
}

export const selection = new Selection();
