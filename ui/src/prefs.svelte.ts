// Language and theme: from the address (?lang=en&theme=light), switched without a reload.

export type Lang = "zh" | "en";
export type Theme = "dark" | "light";

const query = new URLSearchParams(location.search);

export const prefs = $state<{ lang: Lang; theme: Theme }>({
  lang: query.get("lang") === "en" ? "en" : "zh",
  theme: query.get("theme") === "light" ? "light" : "dark",
});

/** Put the choice where CSS, screen readers and the next reload look for it. */
export function publishPrefs(): void {
  const root = document.documentElement;
  root.dataset.theme = prefs.theme;
  root.lang = prefs.lang === "zh" ? "zh-CN" : "en";
  const next = new URL(location.href);
  next.searchParams.set("lang", prefs.lang);
  next.searchParams.set("theme", prefs.theme);
  history.replaceState(null, "", next);
}
