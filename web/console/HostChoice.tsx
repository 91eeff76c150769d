import type { ReactNode } from "react";
import type { Assistant } from "../chat/assistant";
import { to, go } from "./route";
import type { Host } from "./oversight";
import { States } from "./States";
import { useHosts } from "./useHosts";

/** What a screen shows of one host application; with several a person chooses, and with none it says what to do. */
export function ForHost({ assistant, screen, issuer, children }: {
  assistant: Assistant;
  screen: string;
  issuer: string | undefined;
  children: (host: Host) => ReactNode;
}) {
  const loaded = useHosts(assistant);
  return (
    <States loaded={loaded} isEmpty={(hosts) => hosts.length === 0} empty={<NoHost />}>
      {(hosts) => {
        const host = hosts.find((candidate) => candidate.issuer === issuer) ?? hosts[0];
        if (!host) return null;
        return (
          <>
            {hosts.length > 1 && (
              <label className="field">
                <span>Application</span>
                <select className="select" value={host.issuer} onChange={(event) => go(screen, event.target.value)}>
                  {hosts.map((candidate) => <option key={candidate.issuer} value={candidate.issuer}>{candidate.name} ({candidate.issuer})</option>)}
                </select>
              </label>
            )}
            {children(host)}
          </>
        );
      }}
    </States>
  );
}

/** What to do where no business application is configured. */
export function NoHost() {
  return (
    <>
      <h2>No business application is connected</h2>
      <p>Name one in <code>hosts</code> of <code>deckhand.json5</code>: its issuer and the key by which its tokens are checked. Its clients and users appear here by themselves.</p>
      <a className="button" href={to("settings")}>See the configuration</a>
    </>
  );
}
