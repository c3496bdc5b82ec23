// Requests to the server. Every failure ends as one sentence for the person at the screen.
import type { Site } from "./model";

export class Failed extends Error {}

async function post(path: string, body: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(4000),
    });
  } catch {
    throw new Failed("no answer from the server");
  }
  if (response.ok) return;
  const answer = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Failed(answer.error ?? `the server answered ${response.status}`);
}

/** Returns the order's id; a repeat with the same id changes nothing on the server. */
export async function order(verb: string, vehicles: string[], contact: string | null = null): Promise<string> {
  const id = crypto.randomUUID();
  await post("/api/order", contact === null ? { id, verb, vehicles } : { id, verb, vehicles, contact });
  return id;
}

export const approve = (digest: string) => post("/api/approve", { digest });

export const replay = (action: "play" | "pause" | "seek" | "speed", value: number | null = null) =>
  post("/api/replay", value === null ? { action } : { action, value });

export async function site(): Promise<Site> {
  const response = await fetch("/api/site");
  if (!response.ok) throw new Failed(`the server answered ${response.status}`);
  return (await response.json()) as Site;
}
