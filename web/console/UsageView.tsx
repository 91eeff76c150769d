import { useState } from "react";
import type { Assistant } from "../chat/assistant";
import { BarChart, RankChart } from "./BarChart";
import { amount, money } from "./money";
import type { Unit, UsageSum, UsageSums } from "./oversight";
import { States } from "./States";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";

type Measure = "cost" | "calls" | "tokens";

const measures: [Measure, string][] = [["cost", "Cost"], ["calls", "Calls"], ["tokens", "Tokens"]];

/** What was used by day, model and user, as charts and as files. */
export function UsageView({ assistant, unit, of }: { assistant: Assistant; unit: Unit; of: { client?: string; brand?: string | null; issuer?: string | null } }) {
  const [days, setDays] = useState(30);
  const [measure, setMeasure] = useState<Measure>("cost");
  const until = new Date();
  const all = span(until, days);
  const range = { client: of.client ?? null, brand: of.brand ?? null, issuer: of.issuer ?? null, from: all[0] ?? null, until: all[all.length - 1] ?? null };
  const names = [assistant, days, of.client, of.brand, of.issuer];
  const read = (by: string) => assistant.api.get<UsageSums>(path("/v1/ai/usage", { ...range, by }));
  const loaded = useLoaded(async () => {
    const [day, model, user] = await Promise.all([read("day"), read("model"), read("user")]);
    return { day, model, user };
  }, names);
  const value = (sum: UsageSum) => (measure === "cost" ? sum.cost : measure === "calls" ? sum.calls : sum.input_tokens + sum.output_tokens);
  const text = (number: number) => (measure === "cost" ? money(number, unit) : number.toLocaleString());
  const tick = (number: number) => (measure === "cost" ? amount(number, unit) : number.toLocaleString());
  const title = measures.find(([name]) => name === measure)?.[1] ?? "";
  const file = (by: string) => assistant.api.base + path("/v1/ai/usage", { ...range, by, format: "csv" });
  return (
    <div className="panel usage">
      <div className="form-row">
        <div className="choices" role="group" aria-label="Time">
          {[7, 30, 90].map((count) => <button key={count} type="button" className="button compact" aria-pressed={days === count} onClick={() => setDays(count)}>{count} days</button>)}
        </div>
        <div className="choices" role="group" aria-label="What is counted">
          {measures.map(([name, word]) => <button key={name} type="button" className="button compact" aria-pressed={measure === name} onClick={() => setMeasure(name)}>{word}</button>)}
        </div>
      </div>
      <States loaded={loaded} isEmpty={(usage) => usage.day.sums.length === 0} empty={<p>Nothing was used in the last {days} days. Calls appear here with the day, in UTC, on which they ended.</p>}>
        {(usage) => {
          const found = new Map(usage.day.sums.map((sum) => [sum.day, sum]));
          return (
            <>
              <BarChart title={`${title} by day`} text={text} tick={tick} bars={all.map((day) => {
                const sum = found.get(day);
                return { name: full(day), short: short(day), value: sum ? value(sum) : 0 };
              })} />
              <div className="two">
                <RankChart title={`${title} by model`} text={text} bars={usage.model.sums.map((sum) => ({ name: sum.model ?? "?", value: value(sum) }))} />
                <RankChart title={`${title} by user`} text={text} bars={usage.user.sums.map((sum) => ({ name: named(sum, usage.user.sums), value: value(sum) }))} />
              </div>
            </>
          );
        }}
      </States>
      <div className="form-row">
        <a className="button compact" href={file("day,model,user")} download>Sums as CSV</a>
        <a className="button compact" href={assistant.api.base + path("/v1/ai/usage", { ...range, format: "csv" })} download>Single calls as CSV</a>
      </div>
    </div>
  );
}

/** A user; with the application where users of several are called the same. */
function named(sum: UsageSum, all: UsageSum[]): string {
  if (!sum.user) return "nobody";
  return all.some((other) => other.user === sum.user && other.issuer !== sum.issuer) ? `${sum.user} (${sum.issuer ?? "operator"})` : sum.user;
}

/** The last days until a time, oldest first, as 2026-03-01 in UTC. */
function span(until: Date, days: number): string[] {
  return Array.from({ length: days }, (_, index) => new Date(until.getTime() - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10));
}

function full(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString([], { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}

function short(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString([], { day: "numeric", month: "short", timeZone: "UTC" });
}
