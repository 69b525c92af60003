// The drawings of the interface, on a grid of 20, as strokes. Every one stands beside a word or has a label on its button.
export const icons = {
  mark: "M3 7.5h14v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zM7 7.5V5a1.5 1.5 0 0 1 1.5-1.5h3A1.5 1.5 0 0 1 13 5v2.5M3 7.5c1 4 4 5 7 5s6-1 7-5M10 11.5v2",
  grid: "M4 3h4a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM12 3h4a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM4 11h4a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1zM12 11h4a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1z",
  list: "M7.5 5H17M7.5 10H17M7.5 15H17M3.5 5h.5M3.5 10h.5M3.5 15h.5",
  verify: "M11.5 3H5v14h10V6.5zM11.5 3v3.5H15M7.5 11.5l2 2 3-3.5",
  settings: "M3 6h6M13 6h4M3 14h2M9 14h8M11 4a2 2 0 1 0 0 4a2 2 0 1 0 0-4M7 12a2 2 0 1 0 0 4a2 2 0 1 0 0-4",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M13 13l4 4",
  plus: "M10 4v12M4 10h12",
  down: "m5 7.5 5 5 5-5",
  back: "M12 4 6 10l6 6",
  forward: "m8 4 6 6-6 6",
  download: "M10 3v9M6.5 9l3.5 3.5L13.5 9M4 16.5h12",
  bin: "M4 5.5h12M8 5.5V4a.5.5 0 0 1 .5-.5h3a.5.5 0 0 1 .5.5v1.5M5.5 5.5l.7 10.6a1 1 0 0 0 1 .9h5.6a1 1 0 0 0 1-.9l.7-10.6M8.5 8.5v5.5M11.5 8.5v5.5",
  restore: "M4 8h8.5a3.5 3.5 0 0 1 0 7H8M7 5 4 8l3 3",
  close: "m5 5 10 10M15 5 5 15",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  file: "M11.5 3H5v14h10V6.5zM11.5 3v3.5H15",
  folder: "M3 5.5h5l1.5 2H17v8.500H3z",
  paste: "M7 4.500H5v12.500h10V4.500h-2M7.500 3h5v3h-5z",
  copy: "M7 7h9v10H7zM13 7V3H4v10h3",
  link: "M11 4h5v5M16 4l-7 7M14 11.500V16H4V6h4.500",
  warn: "M10 3.500 17.500 16.500h-15zM10 8.500v3.500M10 14.200v.1",
  ask: "M4 10a6 6 0 0 1 10.500-4M16 10a6 6 0 0 1-10.500 4M15 3v3.500h-3.500M5 17v-3.500h3.500",
  keyboard: "M3 5.500h14v9H3zM6 8.500h.1M9 8.500h.1M12 8.500h.1M14.500 8.500h.1M6.500 11.500h7",
  person: "M10 4a3 3 0 1 0 0 6a3 3 0 1 0 0-6M4 17c0-3 2.500-5 6-5s6 2 6 5",
} as const;

export type IconName = keyof typeof icons;
