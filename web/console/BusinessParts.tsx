import { ReactNode, useState } from "react";
import { Dialog } from "../chat/Dialog";
import type { Attempt } from "./useAttempt";

/** How an attempt came out. */
export function Outcome({ attempt }: { attempt: Attempt }) {
  return (
    <>
      {attempt.error !== null && <p className="note bad" role="alert">{attempt.error}</p>}
      <div role="status" className="outcome">{attempt.done !== null && <p className="note good">{attempt.done}</p>}</div>
    </>
  );
}

/** Names and values below each other. */
export function Facts({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** JSON as people read it; what is no JSON as it is. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return <pre className="mono json" tabIndex={0} role="region" aria-label={label}>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>;
}

/** A button that asks once more before it does what cannot be undone. */
export function Sure({ label, question, children, confirm, tone = "danger", isDisabled = false, onYes }: {
  label: string;
  question: string;
  /** What will happen. */
  children: ReactNode;
  confirm: string;
  tone?: "danger" | "primary" | "plain";
  isDisabled?: boolean;
  onYes: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={`button ${tone === "plain" ? "" : tone}`} disabled={isDisabled} onClick={() => setOpen(true)}>{label}</button>
      {isOpen && (
        <Dialog title={question} onClose={() => setOpen(false)}>
          {children}
          <div className="form-row end">
            <button type="button" className="button" onClick={() => setOpen(false)}>Leave it</button>
            <button type="button" className={`button ${tone === "danger" ? "danger" : "primary"}`} onClick={() => { setOpen(false); onYes(); }}>{confirm}</button>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** A link that leaves the console, if it is one that a browser may follow. */
export function OutLink({ href, children }: { href: string; children: ReactNode }) {
  if (!/^https?:\/\//i.test(href)) return <span className="mono">{href}</span>;
  return <a href={href} target="_blank" rel="noopener noreferrer">{children}</a>;
}

/** Parts of one screen; the address says which is shown. */
export function Tabs({ label, tabs, current }: { label: string; tabs: { name: string; href: string }[]; current: string }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => <a key={tab.name} href={tab.href} className="button plain compact" aria-current={tab.name === current ? "page" : undefined}>{tab.name}</a>)}
    </nav>
  );
}
