// What the server sends (command/views), and columns turned into rows.

export type Columns<Row> = { [Name in keyof Row]: Row[Name][] };

/** Row i of every column speaks of the same thing. */
export function rows<Row extends object>(columns: Columns<Row>): Row[] {
  const names = Object.keys(columns) as (keyof Row)[];
  const first = names[0];
  if (first === undefined) return [];
  return columns[first].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])) as Row);
}

export type Link = "fresh" | "late" | "stale" | "lost";
export type Kind = "copter" | "rover" | "sub" | "plane" | "boat";
export type Level = "warning" | "caution" | "advisory";

export interface Vehicle {
  id: string;
  kind: Kind;
  domain: "air" | "ground" | "water" | "underwater";
  link: Link;
  age_s: number;
  lat_deg: number | null;
  lon_deg: number | null;
  height_m: number | null;
  agl_m: number | null;
  heading_deg: number | null;
  speed_m_s: number | null;
  course_deg: number | null;
  battery_pct: number | null;
  mode: string;
  is_armed: boolean | null;
  is_ready: boolean;
  is_landed: boolean | null;
  task_phase: string | null;
  note: string;
  lease_holder: string | null;
  prearm_reasons: { en: string; zh: string }[];
}

export interface Contact {
  id: string;
  state: "candidate" | "confirmed" | "rejected";
  lat_deg: number;
  lon_deg: number;
  height_m: number;
  semi_major_m: number;
  semi_minor_m: number;
  bearing_deg: number;
  probability: number;
  looks: number;
  seen_by: string[];
  age_s: number;
  first_seen_utc_ms: number;
  image_digest: string | null;
  is_find: boolean;
}

export interface Find {
  contact: string;
  lat_deg: number;
  lon_deg: number;
  by: string;
  utc_ms: number;
}

export interface Alarm {
  key: string;
  severity: Level;
  vehicle: string | null;
  text: string;
  text_zh: string;
  age_s: number;
  utc_ms: number;
}

export interface Happening {
  utc_ms: number;
  kind: string;
  subject: string;
  severity: Level | "log";
  text: string;
  text_zh: string;
}

export interface OrderRow {
  id: string;
  verb: string;
  by: string;
  utc_ms: number;
  contact: string | null;
  vehicles: string[];
  status: string[];
  reason: string[];
}

export interface Mission {
  mission: string;
  phase: string;
  plan_digest: string | null;
  age_s: number;
  elapsed_s: number | null;
  cells_done: number;
  cells_total: number;
  looks: Uint8Array;
  area_searched_km2: number;
  orphans: number;
  note: string;
  approval: { by: string; utc_ms: number; is_exact: boolean } | null;
}

export interface Playhead {
  position_s: number;
  length_s: number;
  speed: number;
  is_playing: boolean;
}

export interface Live {
  type: "live";
  beat: number;
  scene_version: string;
  utc_ms: number;
  vehicles: Columns<Vehicle>;
  mission: Mission | null;
  contacts: Columns<Contact>;
  finds: Columns<Find>;
  alarms: { counts: Record<Level, number>; rows: Columns<Alarm> };
  orders: OrderRow[];
  timeline: Columns<Happening>;
  perception: { looks: number; missed_looks: number | null; frames_detected: number | null };
  hub: { is_connected: boolean; lost_s: number };
  replay: Playhead | null;
}

export type LonLat = [number, number];

export interface Task {
  id: string;
  vehicle: string;
  what: string;
  route: LonLat[];
  start_delay_s: number;
  duration_s: number;
  return_height_m: number | null;
  cells: number;
}

export interface Plan {
  id: string;
  revision: number;
  digest: string;
  reason: string;
  makespan_s: number;
  makespan_bound_s: number;
  min_separation_m: number;
  tasks: Columns<Task>;
  cell_m: number;
  /** Height and width in degrees of latitude and longitude. */
  cell_size_deg: [number, number] | null;
  cells: { index: number[]; lat_deg: number[]; lon_deg: number[]; owner: string[] };
}

export interface Scene {
  type: "scene";
  version: string;
  intent: {
    mission: string;
    area: LonLat[];
    last_known_point: LonLat;
    subjects: number;
    height_agl_m: number;
    min_looks: number;
    homes: Columns<{ id: string; at: LonLat }>;
  } | null;
  plan: Plan | null;
}

export interface Site {
  title: string;
  title_zh: string;
  is_exercise: boolean;
  is_simulated: boolean;
  eyes: "pixels" | "model";
  is_replay: boolean;
  has_video: boolean;
  basemap_corners: [LonLat, LonLat, LonLat, LonLat] | null;
}
