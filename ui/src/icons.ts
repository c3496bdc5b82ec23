// Small marks with a shape of their own for every state: colour is never alone.

export const ICONS = {
  warning: '<path d="M7 1 13.4 12.6H.6Z" fill="currentColor"/>',
  caution: '<path d="M7 .8 13.2 7 7 13.2.8 7Z" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M7 4V8M7 9.2V10.4" stroke="currentColor" stroke-width="1.6"/>',
  advisory: '<circle cx="7" cy="7" r="5.8" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M7 6.2V10.4M7 3.6V5" stroke="currentColor" stroke-width="1.6"/>',
  log: '<circle cx="7" cy="7" r="4" fill="none" stroke="currentColor" stroke-width="1.4"/>',
  stop: '<path d="M4.2.8H9.8L13.2 4.2V9.8L9.8 13.2H4.2L.8 9.8V4.2Z" fill="currentColor"/>',
  hold: '<path d="M3 1.5H6V12.5H3ZM8 1.5H11V12.5H8Z" fill="currentColor"/>',
  return: '<path d="M1 7 7 1.5V4.8H13V9.2H7V12.5Z" fill="currentColor"/>',
  done: '<path d="M2 7.5 5.6 11 12 3.5" fill="none" stroke="currentColor" stroke-width="1.8"/>',
  no: '<path d="M2.5 2.5 11.5 11.5M11.5 2.5 2.5 11.5" stroke="currentColor" stroke-width="2"/>',
  person: '<path d="M7 5.5V9.5M3.8 6.8H10.2M7 9.2 4.4 13M7 9.2 9.6 13" stroke="currentColor" stroke-width="1.5" fill="none"/><circle cx="7" cy="2.8" r="1.9" fill="currentColor"/>',
} as const;

export type IconName = keyof typeof ICONS;
