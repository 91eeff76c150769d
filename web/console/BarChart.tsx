import { KeyboardEvent, useEffect, useId, useRef, useState } from "react";

export interface Bar {
  /** What stands for it in full, such as 3 Mar 2026. */
  name: string;
  /** What stands below it, where there is room. */
  short: string;
  value: number;
}

/**
 * Bars over a line of days, with the numbers for those who do not see it: the chosen bar in words, and all as a table.
 *
 * Arrow keys, Home and End choose a bar, and so does pointing at one.
 */
export function BarChart({ title, bars, text, tick }: {
  title: string;
  bars: Bar[];
  text: (value: number) => string;
  /** The same, short, for the axis. */
  tick: (value: number) => string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const [chosen, setChosen] = useState<number | null>(null);
  const id = useId();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const look = () => setWidth(Math.max(220, element.clientWidth));
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const top = ceiling(Math.max(0, ...bars.map((bar) => bar.value)));
  const sum = bars.reduce((all, bar) => all + bar.value, 0);
  const steps = [0, .5, 1].map((part) => part * top).filter(Number.isInteger);
  const left = 8 + Math.max(...steps.map((step) => tick(step).length)) * 6.8;
  const [height, foot] = [180, 24];
  const room = (width - left - 18) / Math.max(1, bars.length);
  const y = (value: number) => 8 + (height - 8 - foot) * (1 - value / top);
  const every = Math.max(1, Math.ceil(52 / room));
  const move = (event: KeyboardEvent) => {
    const now = chosen ?? (event.key === "ArrowLeft" ? bars.length : -1);
    const next = event.key === "ArrowRight" ? now + 1 : event.key === "ArrowLeft" ? now - 1 : event.key === "Home" ? 0 : event.key === "End" ? bars.length - 1 : null;
    if (next === null) return;
    event.preventDefault();
    setChosen(Math.min(bars.length - 1, Math.max(0, next)));
  };
  const shown = chosen === null ? undefined : bars[chosen];
  return (
    <div className="chart" ref={frame}>
      <svg role="img" aria-labelledby={`${id}-title`} viewBox={`0 0 ${width} ${height}`} height={height} tabIndex={0} onKeyDown={move} onMouseLeave={() => setChosen(null)}>
        <title id={`${id}-title`}>{`${title}: ${text(sum)} in all. Arrow keys read one bar after the other.`}</title>
        {steps.map((step) => (
          <g key={step}>
            <line className="grid" x1={left} x2={width - 14} y1={y(step)} y2={y(step)} />
            <text className="axis" x={left - 6} y={y(step) + 4} textAnchor="end">{tick(step)}</text>
          </g>
        ))}
        {bars.map((bar, index) => {
          const x = left + index * room;
          const tall = bar.value === 0 ? 0 : Math.max(2, y(0) - y(bar.value));
          return (
            <g key={bar.name} onMouseEnter={() => setChosen(index)}>
              <rect className="catch" x={x} y={0} width={room} height={height} />
              <rect className={`bar${index === chosen ? " chosen" : ""}`} x={x + room * .12} y={y(0) - tall} width={room * .76} height={tall} rx={Math.min(3, room / 6)} />
              {(bars.length - 1 - index) % every === 0 && <text className="axis" x={x + room / 2} y={height - 6} textAnchor="middle">{bar.short}</text>}
            </g>
          );
        })}
      </svg>
      <p className="chart-read" aria-live="polite">{shown ? <>{shown.name}: <strong>{text(shown.value)}</strong></> : <>In all <strong>{text(sum)}</strong></>}</p>
      <details>
        <summary>{title} as a table</summary>
        <div className="table-frame" tabIndex={0} role="region" aria-label={`${title} as a table`}>
          <table className="table"><thead><tr><th scope="col">Day</th><th scope="col" className="number">{title}</th></tr></thead>
            <tbody>{bars.filter((bar) => bar.value !== 0).map((bar) => <tr key={bar.name}><th scope="row">{bar.name}</th><td className="number">{text(bar.value)}</td></tr>)}</tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

/** Bars beside names, the longest first; what is behind the first ones is one bar more. */
export function RankChart({ title, bars, text, most = 8 }: { title: string; bars: { name: string; value: number }[]; text: (value: number) => string; most?: number }) {
  const sorted = [...bars].sort((one, other) => other.value - one.value);
  const rest = sorted.slice(most);
  const shown = rest.length === 0 ? sorted : [...sorted.slice(0, most), { name: `${rest.length} more`, value: rest.reduce((all, bar) => all + bar.value, 0) }];
  const top = Math.max(1, ...shown.map((bar) => bar.value));
  return (
    <table className="table ranks" aria-label={title}>
      <thead><tr><th scope="col">{title}</th><th scope="col" className="number">Used</th></tr></thead>
      <tbody>
        {shown.map((bar) => (
          <tr key={bar.name}>
            <th scope="row">
              <span className="rank-name">{bar.name}</span>
              <svg className="chart-line" viewBox="0 0 100 6" preserveAspectRatio="none" height="6" aria-hidden="true"><rect className="rank" width={bar.value === 0 ? 0 : Math.max(.5, 100 * bar.value / top)} height="6" /></svg>
            </th>
            <td className="number">{text(bar.value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The next round number: 1, 2 or 5 with zeros behind it. */
function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return step * power;
}
