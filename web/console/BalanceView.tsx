import { KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { amount, money } from "./money";
import type { Transfer, TransferList, Unit } from "./oversight";
import { States } from "./States";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";

/** Changes that are read at once, and how often at most: behind them the balance is not drawn. */
const PAGE = 1_000;
const PAGES = 5;

interface Day {
  day: string;
  /** At the end of the day, in UTC; null where the changes that were read do not reach back. */
  balance: number | null;
}

/** How a wallet's balance went, day by day, from its ledger. */
export function BalanceView({ assistant, base, unit, balance }: { assistant: Assistant; base: string; unit: Unit; balance: number }) {
  const [days, setDays] = useState(30);
  const loaded = useLoaded(async () => {
    const from = dayOf(new Date(Date.now() - (days - 1) * 86_400_000));
    const found: Transfer[] = [];
    for (let page = 0, after: number | null = null; page < PAGES; page++) {
      const list: TransferList = await assistant.api.get<TransferList>(path(`${base}/transfers`, { limit: PAGE, after }));
      found.push(...list.transfers);
      after = list.next;
      const last = found[found.length - 1];
      if (after === null || !last || last.created.slice(0, 10) < from) return { found, isWhole: true };
    }
    return { found, isWhole: false };
  }, [assistant, base, days, balance]);
  return (
    <section>
      <h2>Balance over time</h2>
      <div className="panel usage">
        <div className="choices" role="group" aria-label="Time of the balance">
          {[7, 30, 90].map((count) => <button key={count} type="button" className="button compact" aria-pressed={days === count} onClick={() => setDays(count)}>{count} days</button>)}
        </div>
        <States loaded={loaded} isEmpty={(ledger) => ledger.found.length === 0} empty={<p>Nothing happened yet.</p>}>
          {(ledger) => (
            <>
              <LineChart days={course(ledger.found, ledger.isWhole, days)} unit={unit} />
              {!ledger.isWhole && <p className="hint">Drawn as far back as the latest {(PAGE * PAGES).toLocaleString()} changes go.</p>}
            </>
          )}
        </States>
      </div>
    </section>
  );
}

/** The balance at the end of each of the last days, oldest first, from changes of which the newest is first. */
export function course(changes: Transfer[], isWhole: boolean, days: number): Day[] {
  const list = Array.from({ length: days }, (_, index) => dayOf(new Date(Date.now() - (days - 1 - index) * 86_400_000)));
  let next = 0;
  const made = list.reverse().map((day): Day => {
    while (next < changes.length && (changes[next] as Transfer).created.slice(0, 10) > day) next += 1;
    const change = changes[next];
    // Before its first change a wallet is empty.
    return { day, balance: change ? change.balance : isWhole ? 0 : null };
  });
  return made.reverse();
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function shown(day: string, isShort: boolean): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString([], { day: "numeric", month: "short", timeZone: "UTC", ...(isShort ? {} : { year: "numeric" }) });
}

/** A line in steps over days; arrow keys, Home and End read one day after the other, and so does pointing. */
function LineChart({ days, unit }: { days: Day[]; unit: Unit }) {
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
  const known = days.flatMap((one) => (one.balance === null ? [] : [one.balance]));
  const low = Math.min(0, ...known);
  const high = Math.max(low + 1, 0, ...known);
  const steps = [...new Set([low, 0, high])];
  const left = 8 + Math.max(...steps.map((step) => amount(step, unit).length)) * 6.8;
  const [height, foot] = [180, 24];
  const room = (width - left - 18) / days.length;
  const y = (value: number) => 8 + (height - 8 - foot) * (1 - (value - low) / (high - low));
  const every = Math.max(1, Math.ceil(52 / room));
  const line = days.map((one, index) => (one.balance === null ? "" : `${index === 0 || days[index - 1]?.balance === null ? "M" : "L"}${left + index * room} ${y(one.balance)}H${left + (index + 1) * room}`)).join("");
  const move = (event: KeyboardEvent) => {
    const now = chosen ?? (event.key === "ArrowLeft" ? days.length : -1);
    const next = event.key === "ArrowRight" ? now + 1 : event.key === "ArrowLeft" ? now - 1 : event.key === "Home" ? 0 : event.key === "End" ? days.length - 1 : null;
    if (next === null) return;
    event.preventDefault();
    setChosen(Math.min(days.length - 1, Math.max(0, next)));
  };
  const read = days[chosen ?? days.length - 1] as Day;
  const text = (value: number | null) => (value === null ? "not known" : money(value, unit));
  return (
    <div className="chart" ref={frame}>
      <svg role="img" aria-labelledby={`${id}-title`} viewBox={`0 0 ${width} ${height}`} height={height} tabIndex={0} onKeyDown={move} onMouseLeave={() => setChosen(null)}>
        <title id={`${id}-title`}>{`Balance at the end of each day, now ${text(days[days.length - 1]?.balance ?? null)}. Arrow keys read one day after the other.`}</title>
        {steps.map((step) => (
          <g key={step}>
            <line className="grid" x1={left} x2={width - 14} y1={y(step)} y2={y(step)} />
            <text className="axis" x={left - 6} y={y(step) + 4} textAnchor="end">{amount(step, unit)}</text>
          </g>
        ))}
        <path className="course" d={line} />
        {days.map((one, index) => (
          <g key={one.day} onMouseEnter={() => setChosen(index)}>
            <rect className="catch" x={left + index * room} y={0} width={room} height={height} />
            {index === chosen && one.balance !== null && <circle className="course-at" cx={left + (index + .5) * room} cy={y(one.balance)} r={4} />}
            {(days.length - 1 - index) % every === 0 && <text className="axis" x={left + (index + .5) * room} y={height - 6} textAnchor="middle">{shown(one.day, true)}</text>}
          </g>
        ))}
      </svg>
      <p className="chart-read" aria-live="polite">{shown(read.day, false)}: <strong>{text(read.balance)}</strong></p>
      <details>
        <summary>Balance by day as a table</summary>
        <div className="table-frame" tabIndex={0} role="region" aria-label="Balance by day as a table">
          <table className="table"><thead><tr><th scope="col">Day</th><th scope="col" className="number">Balance</th></tr></thead>
            <tbody>{days.filter((one, index) => one.balance !== null && one.balance !== days[index - 1]?.balance).map((one) => <tr key={one.day}><th scope="row">{shown(one.day, false)}</th><td className="number">{text(one.balance)}</td></tr>)}</tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
