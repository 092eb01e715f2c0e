const shapes = {
  overview: "M3 3h7v9H3zM14 3h7v5h-7zM14 12h7v9h-7zM3 16h7v5H3z",
  alarms: "M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  telemetry: "M4 18a9 9 0 1 1 16 0M12 15l4-6M12 15h.01",
  live: "M2 12h3l2-6 4 14 3-10 2 4h6",
  spectra: "M3 21h18M3 17l3-2 2 1 3-11 3 12 2-4 2 2 3 1",
  equipment: "M12 3v4M6 21v-4M18 21v-4M6 17h12M12 7a2 2 0 1 1 0 .01M12 9v8",
  commands: "M4 12l16-8-6 16-3-6z",
  catalogue: "M5 4h14v16H5zM9 8h6M9 12h6M9 16h4",
  journal: "M12 7v5l3 2M3.5 9a9 9 0 1 1-.5 3M3 4v5h5",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  services: "M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01",
  profile: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6L6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  up: "M5 15l7-7 7 7",
  down: "M5 9l7 7 7-7",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  logout: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  archive: "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
  restore: "M4 10h10a5 5 0 0 1 0 10H9M4 10l4-4M4 10l4 4",
  move: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  refresh: "M20 11a8 8 0 1 0-1 5M20 4v7h-7",
  pause: "M8 5v14M16 5v14",
  play: "M7 4l13 8-13 8z",
  check: "M4 12l5 6L20 6",
  warning: "M12 3l10 18H2zM12 10v5M12 18h.01",
  error: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v6M12 16.5h.01",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
  empty: "M3 12l3-8h12l3 8v8H3zM3 12h6l1 3h4l1-3h6",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21",
  copy: "M8 8h12v12H8zM4 16V4h12",
  download: "M12 3v12M7 11l5 5 5-5M4 21h16",
  zoomIn: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21M7.5 10.5h6M10.5 7.5v6",
  zoomOut: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21M7.5 10.5h6",
  undo: "M4 9h11a5 5 0 0 1 0 10H8M4 9l5-5M4 9l5 5",
  key: "M15 4a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11.5 12.5L3 21M6 18l2 2",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}
