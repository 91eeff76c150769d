import { useState } from "react";
import { moment } from "../shared/format";
import { sentence } from "../shared/api";
import { States } from "./States";
import { showTheme, Theme } from "./theme";
import { useLoaded } from "./useLoaded";
import type { ScreenProps } from "./screens";

interface SignIn {
  id: number;
  kind: string;
  created: string;
  last_seen: string;
  expires: string;
  current: boolean;
}

/** How it looks, and where one is signed in. */
export function SettingsScreen({ assistant, memory }: ScreenProps) {
  const [theme, setTheme] = useState<Theme>(memory.read<Theme>("theme"));
  const [error, setError] = useState<string | null>(null);
  const signIns = useLoaded(() => assistant.api.get<{ sign_ins: SignIn[] }>("/v1/signins"), [assistant]);
  const choose = (choice: Theme) => {
    memory.write("theme", choice);
    showTheme(choice);
    setTheme(choice);
  };
  const end = async (id: number) => {
    setError(null);
    try {
      await assistant.api.send("DELETE", `/v1/signins/${id}`);
      signIns.reload();
    } catch (problem) {
      setError(sentence(problem));
    }
  };
  return (
    <div className="screen">
      <h1>Settings</h1>
      <section>
        <h2>Colours</h2>
        <div className="choices" role="group" aria-label="Colours">
          {([["As the system", null], ["Light", "light"], ["Dark", "dark"]] as [string, Theme][]).map(([name, choice]) => (
            <button key={name} type="button" className="button" aria-pressed={theme === choice} onClick={() => choose(choice)}>{name}</button>
          ))}
        </div>
      </section>
      <section>
        <h2>Your permissions</h2>
        <p>{assistant.who.operator.permissions.map((name) => <code key={name} className="badge">{name}</code>)}</p>
      </section>
      <section>
        <h2>Where you are signed in</h2>
        {error && <p className="note bad" role="alert">{error}</p>}
        <States loaded={signIns} isEmpty={(page) => page.sign_ins.length === 0} empty={<p>Nowhere.</p>}>
          {(page) => (
            <ul className="rows">
              {page.sign_ins.map((signIn) => (
                <li key={signIn.id} className="row">
                  <span className="row-main">{signIn.kind === "browser" ? "A browser" : "A program"}{signIn.current ? " (this one)" : ""}</span>
                  <span className="row-side">
                    <span>since {moment(signIn.created)}</span><span>last used {moment(signIn.last_seen)}</span>
                    {!signIn.current && <button type="button" className="button danger compact" onClick={() => void end(signIn.id)}>End it</button>}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </States>
      </section>
    </div>
  );
}
