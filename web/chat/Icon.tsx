const drawings = {
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.4-8.4a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5l4.5 4.5L19 7",
  retry: "M4 12a8 8 0 1 1 2.5 5.8M4 19v-5h5",
  edit: "M4 20l4.5-1 10.8-10.8a2 2 0 0 0-3.5-3.5L5 15.5z",
  share: "M12 15V4M8 8l4-4 4 4M5 13v6h14v-6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  down: "M12 5v14M6 13l6 6 6-6",
  out: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  gear: "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.3 5.3l2.1 2.1M16.6 16.6l2.1 2.1M5.3 18.7l2.1-2.1M16.6 7.4l2.1-2.1",
  chat: "M4 5h16v11H9l-5 4z",
  terminal: "M4 5h16v14H4zM7.5 9.5L10 12l-2.5 2.5M12.5 14.5h4",
  shield: "M12 3l7 3v5.5c0 4.5-3 7.8-7 9.5-4-1.7-7-5-7-9.5V6z",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c1-4 4-5.5 7.5-5.5s6.500 1.500 7.5 5.500",
  moon: "M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z",
  anchor: "M12 7.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 7.500V20.500M8 11h8M4.500 13.500c0 4.500 3.500 7 7.500 7s7.500-2.500 7.500-7",
  key: "M14.500 12.500a4 4 0 1 0-3.500-3.500l-7 7v3.500h3.500v-2.500H10v-2.500z",
  people: "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500c.8-3.500 3.300-5 6.500-5s5.700 1.500 6.500 5M15.500 4.900a3.500 3.500 0 0 1 0 6.200M18 14.900c1.900.7 3 2.200 3.500 4.600",
  rules: "M4 6h10M4 12h7M4 18h10M17 10l2 2 3.500-4M17 17l4 4M21 17l-4 4",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4",
  warning: "M12 4L2.800 19.500h18.400zM12 10v4.500M12 17v.2",
  wallet: "M4 7h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4zM4 7l11-3v3M16 13.500h1",
  bolt: "M13 3L5 13.500h6L10.500 21 19 10h-6.500z",
  eye: "M2.500 12C5 7.500 8 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.500 6.500-9.500 6.500S5 16.500 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  book: "M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6",
  building: "M5 20.500V4h9v16.500M14 9h5v11.500M3 20.500h18M8 8h3M8 12h3M8 16h3",
  plug: "M9 3v5M15 3v5M6.500 8h11v3a5.500 5.500 0 0 1-11 0zM12 16.500V21",
} as const;

export type IconName = keyof typeof drawings;

/** A drawing that says nothing to screen readers: what it stands for is said by the control around it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon-drawing" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}
